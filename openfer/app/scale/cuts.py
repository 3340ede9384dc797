"""Films that the workers of a run read: long ones in sections, which come back as one."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pyarrow as pa

from openfer.app.scale.films import Follow, Look, Looked, Read, joined
from openfer.app.scale.pool import Piece, Pool

Seen = dict[int, Looked | None]
"""What was seen in each section of a film, by its first frame; None where that is not known yet."""


def films(pool: Pool, pieces: Iterable[Piece]) -> Iterator[tuple[Piece, pa.Table]]:
    """Yield the rows of every film once.

    A film whose sections cannot be read, or do not fit together, is read as a whole.

    Args:
        pool: does the work.
        pieces: of one film each.

    Raises:
        NoWorker: as `Pool` does.
    """
    cut: dict[tuple[int, int], Seen] = {}
    for piece, found in pool(replace(piece, task=Read(piece.files[0][0])) for piece in pieces):
        film, (file, _) = (piece.part, piece.start), piece.files[0]
        if isinstance(found, list):
            cut[film] = {section.number: None for section in found}
            pool.next([replace(piece, task=Look(file, section), deaths=0, lost=0) for section in found])
        elif isinstance(piece.task, Read | Follow):
            yield replace(piece, task=None), found
        elif film in cut:  # and not given up meanwhile
            cut[film][piece.task.section.number] = found
            looked = list(cut[film].values())
            if isinstance(found, Looked) and found.right and None in looked:
                continue
            del cut[film]
            task = _follow(file, looked) or Read(file, whole=True)
            pool.forget(piece)
            pool.next([replace(piece, task=task, deaths=0, lost=0)])


def _follow(file: str, looked: list[Looked | pa.Table | None]) -> Follow | None:
    """Return what is left to be done; None where the sections are of no use."""
    right = all(isinstance(one, Looked) and one.right for one in looked) and joined(looked)
    return Follow(file, looked) if right else None
