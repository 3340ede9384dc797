"""How faces are described: `sift` and `dsift` of params.yaml, and `features` of baselines/params.yaml."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Interval, MinLen

from openfer.emotions import IMAGE_SIZE

LENGTH = 128
"""Values of one SIFT descriptor: 4 × 4 bins with 8 directions each."""

Side = Annotated[int, Interval(ge=2, le=IMAGE_SIZE)]
"""Of something in a face, in pixels."""

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


@dataclass(frozen=True)
class Hog:
    """How histograms of oriented gradients are taken of the whole face.

    Attributes:
        orientations: directions of a gradient, over half a turn.
        cell: side in pixels of the cells in which gradients are counted.
    """

    orientations: Annotated[int, Ge(2)]
    cell: Side


@dataclass(frozen=True)
class SlidingHog:
    """How they are taken of windows that slide over the face.

    Attributes:
        orientations: directions of a gradient, over half a turn.
        cell: side in pixels of the cells of a window; those of a clipped window that are not whole are left out.
        window: side in pixels; windows end at the border of the face.
        step: pixels between two windows.
    """

    orientations: Annotated[int, Ge(2)]
    cell: Side
    window: Side
    step: Side


@dataclass(frozen=True)
class Bag:
    """How a bag of visual words is made as published: raw descriptors, each given to its nearest word.

    Attributes:
        words: how many.
        seed: of k-means.
    """

    words: Annotated[int, Ge(2)]
    seed: Annotated[int, Interval(ge=0, lt=2**32)]


@dataclass(frozen=True)
class RawGrid:
    """How dense SIFT is computed as published: raw values at points that begin in the corner of the face.

    Attributes:
        step: pixels between two points of the grid.
        diameter: key-point size; a descriptor covers 6 times as many pixels.
    """

    step: Side
    diameter: Annotated[float, Ge(1)]


@dataclass(frozen=True)
class Pictures:
    """Which faces the features are shown on.

    Attributes:
        seed: of the choice among the Training faces of each emotion.
    """

    seed: Annotated[int, Interval(ge=0, lt=2**32)]


@dataclass(frozen=True)
class Features:
    """The section `features` of baselines/params.yaml, what other systems see of a face; landmarks have no number."""

    hog: Hog
    sliding_hog: SlidingHog
    sift: Bag
    dsift: RawGrid
    pictures: Pictures
