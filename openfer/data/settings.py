"""Where the faces come from, and what people see in them: the sections `data` and `crowd` of params.yaml."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Interval

from openfer.data.classes import Classes, classes_of


@dataclass(frozen=True)
class Data:
    """Where the faces come from.

    Attributes:
        source: path of a CSV, plain or compressed, or of a folder of pictures.
        on_bad_row: "error" to stop at the first bad row, "skip" to leave bad rows out and count them.
        split: "official", as the source has it, or "random".
        seed: of the random split and of the sheet of samples.
        emotions: the classes in the order of their labels, as `classes.classes_of` takes them.
    """

    source: str
    on_bad_row: Literal["error", "skip"]
    split: Literal["official", "random"]
    seed: Annotated[int, Interval(ge=0, lt=2**63)]
    emotions: Any

    def __post_init__(self) -> None:
        """Refuse what means no classes, with the name of the attribute before the reason."""
        try:
            classes_of(self.emotions)
        except ValueError as error:
            raise ValueError(f"emotions: {error}") from None

    @property
    def classes(self) -> Classes:
        """The classes by name, with their members."""
        return classes_of(self.emotions)


@dataclass(frozen=True)
class Crowd:
    """What people see in the faces.

    Attributes:
        votes: path of fer2013new.csv of FER+.
        classes: 8 with contempt, or FER2013's 7.
    """

    votes: str
    classes: Literal[7, 8]
