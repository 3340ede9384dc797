"""When an exported model calls a face unsure: the section `export` of params.yaml."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval


@dataclass(frozen=True)
class Export:
    """When an exported model calls a face unsure.

    Attributes:
        sure_accuracy: share of the faces at or above the threshold that must be right.
    """

    sure_accuracy: Annotated[float, Interval(ge=0, le=1)]
