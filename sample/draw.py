"""sample/params.yaml → sample/fer2013.csv: drawn faces in FER2013's format and order. Run: `python -m sample.draw`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import numpy as np
import pydantic
from annotated_types import Interval
from tqdm import tqdm

from openfer.emotions import EMOTIONS, SPLITS
from openfer.files import save_csv
from pipeline import versions
from pipeline.params import read_yaml, validated
from sample.face import draw_face
from sample.portrait import draw
from stages import run

PARAMS, FACES = Path("sample/params.yaml"), Path("sample/fer2013.csv")

Count = Annotated[int, Interval(ge=1, le=100_000)]
Counts = pydantic.create_model(
    "Counts", __config__=pydantic.ConfigDict(strict=True, extra="forbid"), **{split: (Count, ...) for split in SPLITS}
)


class Params(pydantic.BaseModel):
    """All of sample/params.yaml; each key is explained there."""

    model_config = pydantic.ConfigDict(strict=True, extra="forbid")

    seed: Annotated[int, Interval(ge=0, lt=2**63)]
    blends: Annotated[float, Interval(ge=0, le=1)]
    faces_per_class: Counts


def main() -> None:
    """Draw every face and write the file, whole or not at all."""
    versions.require(["numpy", "opencv"])
    params = validated(read_yaml(PARAMS), PARAMS, Params)
    save_csv(FACES, draw_rows(params.seed, params.blends, params.faces_per_class.model_dump()))


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
