"""sample/params.yaml → sample/fer2013.csv: drawn faces in FER2013's format and order. Run: `python -m sample.draw`."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import yaml
from tqdm import tqdm

from openfer.emotions import EMOTIONS, SPLITS
from openfer.files import save_csv
from pipeline.params import ParamsError, flatten
from sample.face import draw_face
from sample.portrait import draw
from stages import run

PARAMS, FACES = Path("sample/params.yaml"), Path("sample/fer2013.csv")

LIMITS = {"seed": ((int,), 0, 2**63 - 1), "blends": ((int, float), 0, 1)}
LIMITS |= {f"faces_per_class.{split}": ((int,), 1, 100_000) for split in SPLITS}
"""Every leaf of sample/params.yaml → its types, the lowest and the highest value."""


def main() -> None:
    """Draw every face and write the file, whole or not at all."""
    params = yaml.safe_load(PARAMS.read_text(encoding="utf-8"))
    check(params)
    save_csv(FACES, draw_rows(params["seed"], params["blends"], params["faces_per_class"]))


def check(params: Mapping) -> None:
    """Raise ParamsError, with the leaf and the value received, unless each leaf is there and within its limits."""
    leaves = dict(flatten(params))
    if leaves.keys() != LIMITS.keys():
        raise ParamsError(f"{PARAMS}: must hold {', '.join(LIMITS)}. Received: {', '.join(leaves)}")
    for key, (types, low, high) in LIMITS.items():
        if type(leaves[key]) not in types or not low <= leaves[key] <= high:
            kind = types[-1].__name__
            raise ParamsError(f"{PARAMS}: {key} must be of type {kind}, {low} to {high}. Received: {leaves[key]!r}")


def draw_rows(seed: int, blends: float, faces_per_class: Mapping[str, int]) -> list[dict[str, str | int]]:
    """Draw the rows of fer2013.csv: split after split in the official order, the classes shuffled within each.

    Args:
        seed: of everything drawn.
        blends: the share of faces that also show a second expression, from 0 to 1.
        faces_per_class: split → number of faces of each expression.

    Returns:
        Rows with the columns of fer2013.csv: emotion, pixels, Usage.
    """
    rng = np.random.default_rng(seed)
    plan = []
    for split in SPLITS:
        labels = np.repeat(np.arange(len(EMOTIONS)), faces_per_class[split])
        plan += [(split, label) for label in rng.permutation(labels).tolist()]
    rows = []
    for split, label in tqdm(plan, desc="Drawing faces", unit="face"):
        image = draw(draw_face(rng, EMOTIONS[label], blends))
        rows.append({"emotion": label, "pixels": " ".join(map(str, image.ravel())), "Usage": split})
    return rows


if __name__ == "__main__":
    run(main)
