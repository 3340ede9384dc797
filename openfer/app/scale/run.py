"""A run on Ray: files listed once, shared out in parts, a Parquet file a part; killed and started again, it goes on."""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from tqdm import tqdm

from openfer.app import records
from openfer.app.cluster import joined, release, software
from openfer.app.scale.people import Seen
from openfer.app.scale.places import Store, is_remote, listed, listed_films, tops
from openfer.app.scale.pool import Piece, Pool
from openfer.app.scale.tables import from_parquet, parquet
from openfer.app.scale.worker import Job, model_files
from openfer.drawing.lettering import counted
from openfer.errors import Refused, one_line
from openfer.faces.predictor import Predictor

RUN, FILES, PARTS, PEOPLE = "run.json", "files.parquet", "rows", "people.parquet"
"""What a run is, which files it reads, the folder of its results, who was seen in its films."""


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Read all files; return 0 where all could be read, 1 where some could not, 2 where none could.

    Args:
        options: as openfer/app/cli.py defines them for "photo" and "video" with --engine ray.
        predictor: of which model, detector and settings the workers are to be.

    Raises:
        Refused: the folder holds a run of something else, the cluster does not answer, or has no worker.
    """
    job, store = _job(options, predictor), Store(options.out)
    files = _started(store, job, options)
    parts = -(-len(files) // options.shard)
    there = store.names(PARTS)
    missing = [part for part in range(parts) if _name(part) not in there]
    if missing:
        with joined(options.address, options.workers) as cores:
            _read(store, job, files, missing, options.shard, options.workers or cores)
    seen = Seen(predictor.model.emotions, options.valence) if options.command == "video" else None
    return _finish(store, len(files), parts, seen)


def _job(options: argparse.Namespace, predictor: Predictor) -> Job:
    if options.command == "photo":
        columns, how = ("file", "face"), {"crop": options.crop}
    else:
        from openfer.app.video import FRAME  # photographs need no FFmpeg

        columns, how = FRAME, {"smooth": options.smooth, "every": options.every}
    return Job(
        kind=options.command,
        columns=(*columns, *records.columns(options.valence, predictor.model.emotions), "error"),
        model=model_files(options.model),
        detector=options.detector,
        smallest=options.smallest,
        all_faces=options.all,
        prior=options.prior,
        valence=options.valence,
        how=how,
        longest=60 * getattr(options, "cut", 0),
        base=str(Path.cwd()),
        tops=tuple(tops(options.files)),
    )


def _started(store: Store, job: Job, options: argparse.Namespace) -> list[tuple[str, str]]:
    """Return the files to read: those of the run that was started here, or those that there are, and write them down.

    Raises:
        Refused: the run that was started here is another one.
    """
    now, held = _manifest(job, options), store.read(RUN)
    if held is not None:
        before = json.loads(held)
        for key in now | before:
            if before.get(key) != now.get(key):
                told = f"{before.get(key)!r}, now {now.get(key)!r}"
                raise Refused(f"{store} holds a run with another {key}: {told}; choose another --out")
        return _unpacked(from_parquet(store.read(FILES)))
    if store.names(PARTS):
        raise Refused(f"{store}/{PARTS} holds files of another run; choose another --out, or delete it")
    files = list(dict.fromkeys(_listed(options)))
    if not files:
        raise Refused("no file to read")
    store.write(FILES, parquet(_packed(files)))
    store.write(RUN, (json.dumps(now, indent=2) + "\n").encode())
    return files


def _manifest(job: Job, how: argparse.Namespace) -> dict[str, Any]:
    """Return what must be the same in all parts of a run."""
    model = hashlib.sha256(b"".join(job.model.values())).hexdigest()
    options = {name: getattr(job, name) for name in ("detector", "smallest", "all_faces", "prior", "valence")}
    relative = any(not (is_remote(place) or place.is_absolute()) for place in how.files)
    named = {
        "command": job.kind,
        "files": [str(place) for place in how.files],
        "folder": job.base if relative else None,
    }
    return named | options | dict(job.how) | {"model": model, "shard": how.shard} | release() | software()


def _listed(options: argparse.Namespace) -> Iterator[tuple[str, str]]:
    if options.command == "photo":
        return listed(options.files)
    return listed_films(options.files)


def _packed(files: Sequence[tuple[str, str]]) -> pa.Table:
    """Return a list of files as a table; names that are no text keep their bytes."""
    names = pa.array([file.encode("utf-8", "surrogateescape") for file, _ in files], pa.binary())
    return pa.table({"file": names, "reason": pa.array([reason for _, reason in files], pa.string())})


def _unpacked(table: pa.Table) -> list[tuple[str, str]]:
    names = (name.decode("utf-8", "surrogateescape") for name in table["file"].to_pylist())
    return list(zip(names, table["reason"].to_pylist(), strict=True))


def _name(part: int) -> str:
    return f"part-{part:06}.parquet"


def _read(
    store: Store, job: Job, files: Sequence[tuple[str, str]], missing: Sequence[int], shard: int, workers: int
) -> None:
    """Read the parts that are missing; each is written once all of it is there, as a whole."""
    held: dict[int, dict[int, tuple[int, pa.Table]]] = {}
    sizes = {part: len(files[part * shard : (part + 1) * shard]) for part in missing}
    done = len(files) - sum(sizes.values())
    unit = {"photo": "picture", "video": "film"}[job.kind]
    with tqdm(total=len(files), initial=done, unit=unit, disable=None) as bar:
        for piece, table in _work(job, files, missing, shard, workers):
            of_part = held.setdefault(piece.part, {})
            of_part[piece.start] = len(piece.files), table
            if sum(count for count, _ in of_part.values()) == sizes[piece.part]:
                tables = [of_part[start][1] for start in sorted(of_part)]
                store.write(f"{PARTS}/{_name(piece.part)}", parquet(pa.concat_tables(tables)))
                del held[piece.part]
            bar.update(len(piece.files))


def _work(
    job: Job, files: Sequence[tuple[str, str]], missing: Sequence[int], shard: int, workers: int
) -> Iterator[tuple[Piece, pa.Table]]:
    """Let the parts that are missing be read, photographs together, films one by one."""
    pool, parts = Pool(job, workers), {part: files[part * shard : (part + 1) * shard] for part in missing}
    if job.kind == "photo":
        return pool(Piece(part, 0, held) for part, held in parts.items())
    from openfer.app.scale.cuts import films  # photographs need no FFmpeg

    return films(pool, (Piece(part, start, [one]) for part, held in parts.items() for start, one in enumerate(held)))


def _part(store: Store, part: int, columns: Sequence[str]) -> pa.Table:
    """Read some columns of a part.

    Raises:
        Refused: it is damaged, or gone meanwhile.
    """
    name = f"{PARTS}/{_name(part)}"
    content = store.read(name)
    try:
        return from_parquet(content or b"", columns)
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise Refused(
            f"{store}/{name} is damaged ({one_line(error)[:100]}): delete it, the same command reads its files again"
        ) from error


def _finish(store: Store, files: int, parts: int, seen: Seen | None) -> int:
    """Write who was seen, where the files are films, and say what was done; return the exit code."""
    faces = unsure = skipped = 0
    columns = seen.needed if seen else ["file", "emotion", "unsure", "error"]
    for part in range(parts):
        table = _part(store, part, columns)
        faces += len(table) - table["emotion"].null_count
        unsure += pc.sum(table["unsure"]).as_py() or 0
        failed = pc.is_valid(table["error"])
        read = set(table.filter(pc.invert(failed))["file"].to_pylist())  # of a film the first part, perhaps
        skipped += len(set(table.filter(failed)["file"].to_pylist()) - read)
        if seen:
            seen.add(table)
    if seen:  # made of nothing but the rows: a run that ends here and is started again writes the same
        store.write(PEOPLE, parquet(seen.table()))
    found = f"{counted(faces, 'face')} ({unsure} unsure)"
    read = counted(files - skipped, "film" if seen else "picture")
    sys.stdout.write(f"{read}, {found}, {skipped} skipped; results in {store}/{PARTS}\n")
    return 2 if skipped == files else int(skipped > 0)
