"""How faces are described: the sections `sift` and `dsift` of params.yaml."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Interval, MinLen

from openfer.emotions import IMAGE_SIZE

LENGTH = 128
"""Values of one SIFT descriptor: 4 × 4 bins with 8 directions each."""

Sigma = Annotated[float, Ge(0.5)]
"""Blur in pixels; OpenCV takes every picture to be blurred by 0.5 already."""


@dataclass(frozen=True)
class KeyPoints:
    """How SIFT key points are found.

    Attributes:
        contrast_threshold: the higher, the fewer weak key points are kept.
        edge_threshold: the higher, the more key points on edges are kept.
        sigma: blur in pixels of the first level, which OpenCV takes on the face enlarged twice.
    """

    contrast_threshold: Annotated[float, Ge(0)]
    edge_threshold: Annotated[float, Ge(1)]
    sigma: Sigma


@dataclass(frozen=True)
class Vocabulary:
    """How descriptors become visual words.

    Attributes:
        words: how many.
        sample: descriptors of Training that k-means sees.
        seed: of the sample and of k-means.
    """

    words: Annotated[int, Ge(2)]
    sample: Annotated[int, Ge(2)]
    seed: Annotated[int, Interval(ge=0, lt=2**32)]


@dataclass(frozen=True)
class Histograms:
    """How visual words are counted.

    Attributes:
        levels: cells along an axis: (1, 2, 4) counts in the whole face, its quarters and its sixteenths.
        neighbours: words that share a descriptor.
    """

    levels: Annotated[tuple[Annotated[int, Interval(ge=1, le=IMAGE_SIZE)], ...], MinLen(1)]
    neighbours: Annotated[int, Ge(1)]


@dataclass(frozen=True)
class Sift:
    """The section `sift`: one step of the bag of visual words each."""

    keypoints: KeyPoints
    vocabulary: Vocabulary
    histograms: Histograms


@dataclass(frozen=True)
class Grid:
    """How dense SIFT is computed.

    Attributes:
        step: pixels between two points of the grid.
        sizes: key-point sizes; a descriptor covers 6 · size pixels across, where the border is reflected.
        sigma: blur in pixels before gradients are taken.
        normalisation: "rootsift" (see `sift.rootsift`) or "l2".
    """

    step: Annotated[int, Interval(ge=1, le=IMAGE_SIZE)]
    sizes: Annotated[tuple[Annotated[float, Ge(1)], ...], MinLen(1)]
    sigma: Sigma
    normalisation: Literal["rootsift", "l2"]
