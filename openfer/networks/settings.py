"""Sizes of the networks and how they drop values: the sections `networks` and `fusion` of params.yaml."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Interval, MultipleOf

from openfer.emotions import IMAGE_SIZE

Share = Annotated[float, Interval(ge=0, le=0.95)]
"""Of values that are dropped."""

Crop = Annotated[int, Interval(ge=16, le=IMAGE_SIZE), MultipleOf(2)]
Contrast = Literal["training", "face", "local"]


@dataclass(frozen=True)
class Sizes:
    """What a network sees, how large it is, and how much it forgets.

    Attributes:
        crop: side in pixels of the middle of the picture, which is all that the network sees: 48 for all of it. A
            shifted crop of the picture is then made of pixels of the face, and of no repeated border.
        contrast: what grey values are standardised by: mean and variance of "training", for all faces alike; of the
            "face" itself, so that light and contrast are the same to the network; or "local": each pixel less the mean
            of its surroundings, then by the face, so that light from one side is the same, too.
        width: filters of the first block; the others have a multiple.
        embedding: values of the dense layer behind the last block.
        block_dropout: share of channels dropped after each block.
        dropout: share of the embedding that is dropped before the classification.
    """

    crop: Crop
    contrast: Contrast
    width: Annotated[int, Ge(1)]
    embedding: Annotated[int, Ge(1)]
    block_dropout: Share
    dropout: Share


@dataclass(frozen=True)
class Family(Sizes):
    """A network of the family that architectures are searched in.

    Attributes:
        blocks: each has twice the filters of the one before, on half its side.
        convolutions: of a block; of residual ones, units of two convolutions.
        first_kernel: side of the first block's kernels.
        kernel: side of all others.
        units: "plain" for one convolution after the other, as in the CNN and the VGG; "residual" as in the ResNet.
    """

    blocks: Annotated[int, Interval(ge=1, le=4)]
    convolutions: Annotated[int, Interval(ge=1, le=6)]
    first_kernel: Literal[1, 3, 5, 7]
    kernel: Literal[1, 3, 5, 7]
    units: Literal["plain", "residual"]


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
