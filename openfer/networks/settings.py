"""Sizes of the networks and how they drop values: the sections `networks` and `fusion` of params.yaml."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Interval

Share = Annotated[float, Interval(ge=0, le=0.95)]
"""Of values that are dropped."""


@dataclass(frozen=True)
class Sizes:
    """How large a network is, and how much it forgets.

    Attributes:
        width: filters of the first block; the others have a multiple.
        embedding: values of the dense layer behind the last block.
        block_dropout: share of channels dropped after each block.
        dropout: share of the embedding that is dropped before the classification.
    """

    width: Annotated[int, Ge(1)]
    embedding: Annotated[int, Ge(1)]
    block_dropout: Share
    dropout: Share


@dataclass(frozen=True)
class Fusion:
    """How a descriptor is joined with a picture.

    Attributes:
        units: values of the dense layer behind the descriptor.
        input_dropout: share of the descriptor's values that are dropped before that layer.
        dropout: share of that layer's values that are dropped.
        branch_dropout: share of the faces whose descriptor is left out altogether in a training step.
    """

    units: Annotated[int, Ge(1)]
    input_dropout: Share
    dropout: Share
    branch_dropout: Share
