"""Where the faces come from, and what people see in them: the sections `data` and `crowd` of params.yaml."""

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


@dataclass(frozen=True)
class Crowd:
    """What people see in the faces.

    Attributes:
        votes: path of fer2013new.csv of FER+.
        classes: 8 with contempt, or FER2013's 7.
    """

    votes: str
    classes: Literal[7, 8]
