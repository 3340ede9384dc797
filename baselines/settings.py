"""How the published systems are trained: the sections of baselines/params.yaml."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Gt, Interval

Share = Annotated[float, Interval(ge=0, le=1)]


@dataclass(frozen=True)
class Common:
    """What is the same for all networks.

    Attributes:
        seed: of the first weights, the order of the faces, their augmentation and the dropout.
        backend: of Keras: "tensorflow", "jax" or "torch".
        precision: of the arithmetic of the training, as in openfer.training.settings.Recipe.
        width: share of the published filters and units; 1 is as published.
    """

    seed: Annotated[int, Interval(ge=0, lt=2**63)]
    backend: Literal["tensorflow", "jax", "torch"]
    precision: Literal["auto", "float32", "mixed_bfloat16"]
    width: Annotated[float, Interval(gt=0, le=1)]


@dataclass(frozen=True)
class Views:
    """How far an augmented view may be from the picture.

    Attributes:
        rotation: largest angle in degrees, either way.
        shift: largest shift along an axis as a share of the side, either way.
        scale: largest change of size as a share, either way.
        mirror: whether half of the views are mirrored.
    """

    rotation: Annotated[float, Interval(ge=0, le=180)]
    shift: Share
    scale: Annotated[float, Interval(ge=0, le=0.9)]
    mirror: bool


@dataclass(frozen=True)
class Published:
    """How a network is trained.

    Attributes:
        published_epochs: passes over Training of the authors.
        epochs: passes here; fewer where the published number takes too long.
        batch_size: faces a step.
        optimizer: "adam", or "momentum" for SGD with momentum.
        learning_rate: of the first step.
        momentum: of SGD; Adam's first moment, too, where the authors left it at 0.9.
        decay: factor of the rate every `decay_steps` steps, continuously; 1 for a constant rate.
        decay_steps: steps in which the rate falls by that factor.
        keep: which epoch's weights are the result: the "last", or the "best" on PublicTest.
        views: of the augmentation.
    """

    published_epochs: Annotated[int, Ge(1)]
    epochs: Annotated[int, Ge(1)]
    batch_size: Annotated[int, Ge(2)]
    optimizer: Literal["adam", "momentum"]
    learning_rate: Annotated[float, Gt(0)]
    momentum: Share
    decay: Annotated[float, Interval(gt=0, le=1)]
    decay_steps: Annotated[int, Ge(1)]
    keep: Literal["last", "best"]
    views: Views


@dataclass(frozen=True)
class WithDropout(Published):
    """How a network is trained whose dropout its authors searched for together with the rate.

    Attributes:
        dropout: share of values that are dropped before the dense layers.
    """

    dropout: Share


@dataclass(frozen=True)
class Svm:
    """How the support vector machines are fitted.

    Attributes:
        penalty: of a face on the wrong side of the margin (C).
        iterations: steps of the solver at most, for each pair of emotions.
    """

    penalty: Annotated[float, Gt(0)]
    iterations: Annotated[int, Ge(1)]
