"""Write the ingested data set for other programs: pictures in folders of classes, .npy, or tables of features.

    python -m pipeline.dataset FOLDER --as images
    python -m pipeline.dataset FOLDER --as npy --labels one-hot
    python -m pipeline.dataset FOLDER --as csv --features sift

It is about the faces and classes that `dvc repro ingest` has read last (data.emotions). FOLDER must be new, and is
written as a whole or not at all.
"""

# ruff: noqa: T201  (a program: what it prints is what it is for)
import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from openfer.data.exports import Faces, new_folder, write_arrays, write_features, write_images
from openfer.errors import INTERRUPTED, Refused
from pipeline import arrays, paths

DESCRIPTORS = ("sift", "dsift")
"""What stages of dvc.yaml describe faces by."""

PUBLISHED = {f"published-{name}" if name in DESCRIPTORS else name: name for name in paths.FEATURES}
"""What stages of baselines/ describe them by, under names that are told apart from those."""


def main(folder: Path, form: str, one_hot: bool = False, names: Sequence[str] = ()) -> None:
    """Read, write, and say what is there.

    Args:
        folder: that is made.
        form: "images", "npy" or "csv".
        one_hot: of the labels of "npy".
        names: of the features of "csv"; none for all that there are.
    """
    emotions = tuple(arrays.emotions())
    faces = Faces(*arrays.faces(), emotions)
    with new_folder(folder) as temporary:
        if form == "images":
            write_images(temporary, faces)
        elif form == "npy":
            write_arrays(temporary, faces, one_hot)
        else:
            for name in chosen(names):
                write_features(temporary / f"{name}.csv", features(name, len(faces.labels)), faces)
    print(f"{len(faces.labels):,} faces of {', '.join(emotions)} in {folder}")
    if form == "images":
        print(f"To read them again: data.source: {folder.resolve()} and data.emotions: [{', '.join(emotions)}]")


def chosen(names: Sequence[str]) -> list[str]:
    """Return the features that are written.

    Raises:
        Refused: there are none, or not those.
    """
    there = [name for name in DESCRIPTORS if paths.descriptor_path(name).exists()]
    there += [name for name, feature in PUBLISHED.items() if paths.feature_path(feature).exists()]
    if not there:
        raise Refused("there are no features yet: `dvc repro dsift sift_histograms` makes some")
    for name in names:
        if name not in there:
            raise Refused(f"--features must be of {', '.join(there)}. Received: {name}")
    return list(dict.fromkeys(names)) or there


def features(name: str, count: int) -> np.ndarray:
    """Return the features of the faces, (count, d) float16 or float32, those of mirror images left out.

    Raises:
        FileError: the file is damaged, or about another number of faces.
    """
    if name in DESCRIPTORS:
        return arrays.descriptors(name, count)[:, 0]
    return arrays.feature(PUBLISHED[name], count)


def parsed() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="that is made")
    parser.add_argument("--as", dest="form", choices=("images", "npy", "csv"), required=True)
    parser.add_argument("--labels", choices=("index", "one-hot"), help="of --as npy (index)")
    parser.add_argument("--features", nargs="+", metavar="NAME", default=[], help="of --as csv (all that there are)")
    options = parser.parse_args()
    for option, form in (("labels", "npy"), ("features", "csv")):
        if getattr(options, option) and options.form != form:
            parser.error(f"--{option} goes with --as {form}. Received: --as {options.form}")
    return options


if __name__ == "__main__":
    try:
        given = parsed()
        main(given.folder, given.form, given.labels == "one-hot", given.features)
    except (Refused, OSError) as error:
        sys.exit(f"dataset: {error}")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
