"""Where the faces come from: the section `data` of params.yaml."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Interval


@dataclass(frozen=True)
class Data:
    """Where the faces come from.

    Attributes:
        source: path of a CSV, plain or compressed, or of a folder of pictures.
        on_bad_row: "error" to stop at the first bad row, "skip" to leave bad rows out and count them.
        split: "official", as the source has it, or "random".
        seed: of the random split and of the sheet of samples.
    """

    source: str
    on_bad_row: Literal["error", "skip"]
    split: Literal["official", "random"]
    seed: Annotated[int, Interval(ge=0, lt=2**63)]
