"""Where labels stand in a picture: outside all faces, off each other, inside the picture."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

Size = tuple[int, int]
"""Width and height in pixels."""


class Rectangle(NamedTuple):
    """A part of a picture, in whole pixels; right and bottom are the first ones outside."""

    left: int
    top: int
    right: int
    bottom: int


class Place(NamedTuple):
    """Where a label stands.

    Attributes:
        area: what it covers.
        leader: x and y of both ends of a line from the label to its face; None where the label touches it.
    """

    area: Rectangle
    leader: tuple[tuple[int, int], tuple[int, int]] | None = None


def clipped(box: Sequence[float], extent: Size) -> Rectangle:
    """Return what of a box lies in the picture, and one pixel at least.

    Args:
        box: left, top, width, height in pixels.
        extent: of the picture.
    """
    sides = []
    for start, length, most in zip(box[:2], box[2:], extent, strict=True):
        low = int(np.clip(np.floor(start), 0, most - 1))
        sides.append((low, int(np.clip(np.ceil(start + length), low + 1, most))))
    (left, right), (top, bottom) = sides
    return Rectangle(left, top, right, bottom)


def places(faces: Sequence[Rectangle], sizes: Sequence[Size], extent: Size, gap: int) -> list[Place | None]:
    """Return a place for the label of each face, None for those that find none.

    Faces that have the least room choose first; where some labels find no place, these choose first another time.

    Args:
        faces: of the picture, inside it.
        sizes: of their labels.
        extent: of the picture.
        gap: pixels that stay free between a label and any face or other label.
    """
    everybody = np.array(faces, int).reshape(-1, 4)
    room = [
        _free(_near(face, size, extent, gap), everybody, gap).sum() for face, size in zip(faces, sizes, strict=True)
    ]
    order = sorted(range(len(faces)), key=lambda number: room[number])
    best = _placed(faces, sizes, extent, gap, order)
    for _ in range(2):
        if None not in best:
            break
        order = sorted(order, key=lambda number: best[number] is not None)
        best = min(best, _placed(faces, sizes, extent, gap, order), key=lambda found: found.count(None))
    return best


def _placed(
    faces: Sequence[Rectangle], sizes: Sequence[Size], extent: Size, gap: int, order: Sequence[int]
) -> list[Place | None]:
    """Let one face after the other choose."""
    found: list[Place | None] = [None] * len(faces)
    taken = np.array(faces, int).reshape(-1, 4)
    for number in order:
        others = np.delete(taken, number, axis=0)
        place = _touching(faces[number], sizes[number], extent, gap, taken) or _apart(
            faces[number], sizes[number], extent, gap, taken, others
        )
        if place:
            found[number] = place
            taken = np.vstack([taken, place.area])
    return found


def _touching(face: Rectangle, size: Size, extent: Size, gap: int, taken: np.ndarray) -> Place | None:
    """Return the best place at the border of a face."""
    near = _near(face, size, extent, gap)
    free = np.flatnonzero(_free(near, taken, gap))
    return Place(Rectangle(*near[free[0]].tolist())) if len(free) else None


def _near(face: Rectangle, size: Size, extent: Size, gap: int) -> np.ndarray:
    """Return places at a face, (n, 4), the best first: above it, below, on the right, on the left."""
    (wide, tall), (left, top, right, bottom) = size, face
    across = [left, (left + right - wide) // 2, right - wide]
    across = [max(0, min(x, extent[0] - wide)) for x in across]  # along the border of the picture
    down = [max(0, min(y, extent[1] - tall)) for y in (top, (top + bottom - tall) // 2, bottom - tall)]
    corners = [(x, y) for y in (top - gap - tall, bottom + gap) for x in across]
    corners += [(x, y) for x in (right + gap, left - gap - wide) for y in down]
    return _inside(np.array(corners), size, extent)


def _apart(face: Rectangle, size: Size, extent: Size, gap: int, taken: np.ndarray, others: np.ndarray) -> Place | None:
    """Return the nearest place away from a face whose leader crosses no other face and no label."""
    (wide, tall), (left, top, right, bottom) = size, face
    x = np.arange(left - 3 * wide, right + 2 * wide + 1, max(1, wide // 3))
    y = np.arange(top - 6 * tall, bottom + 5 * tall + 1, max(1, tall // 2))
    areas = _inside(np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2), size, extent)
    areas = areas[_free(areas, taken, gap)]
    to_label, to_face = _ends(areas, np.array(face))
    for number in np.argsort(np.hypot(*(to_label - to_face).T), kind="stable")[:40]:
        steps = np.linspace(to_label[number], to_face[number], 24)
        if not _covered(steps, others).any():
            leader = tuple(to_label[number].tolist()), tuple(to_face[number].tolist())
            return Place(Rectangle(*areas[number].tolist()), leader)
    return None


def _inside(corners: np.ndarray, size: Size, extent: Size) -> np.ndarray:
    """Return the areas (n, 4) of labels at these corners (n, 2), those inside the picture alone."""
    areas = np.hstack([corners, corners + size])
    return areas[(corners >= 0).all(axis=1) & (areas[:, 2:] <= extent).all(axis=1)]


def _free(areas: np.ndarray, taken: np.ndarray, gap: int) -> np.ndarray:
    """Tell which areas (n, 4) stay `gap` off all that is taken (m, 4)."""
    if not len(areas):
        return np.zeros(0, bool)
    low, high = areas[:, :2].min(axis=0) - gap, areas[:, 2:].max(axis=0) + gap
    near = taken[((taken[:, 2:] > low) & (taken[:, :2] < high)).all(axis=1)]
    (left, top, right, bottom), others = areas.T[..., None], near.T
    apart = (left >= others[2] + gap) | (right + gap <= others[0])
    apart |= (top >= others[3] + gap) | (bottom + gap <= others[1])
    return apart.all(axis=1)


def _ends(areas: np.ndarray, face: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where areas (n, 4) and a face (4,) are nearest to each other, (n, 2) each."""
    low, high = np.maximum(areas[:, :2], face[:2]), np.minimum(areas[:, 2:], face[2:])
    middle = (low + high) // 2  # of what both have in common along an axis, or of the gap between them
    return np.clip(middle, areas[:, :2], areas[:, 2:]), np.clip(middle, face[:2], face[2:])


def _covered(points: np.ndarray, areas: np.ndarray) -> np.ndarray:
    """Tell which points (n, 2) lie in one of the areas (m, 4)."""
    one = points[:, None]
    return ((one >= areas[None, :, :2]) & (one < areas[None, :, 2:])).all(axis=2).any(axis=1)
