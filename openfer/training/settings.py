"""How to train and what the networks see: the sections `train` and `augmentation` of params.yaml."""

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, TypeVar

from annotated_types import Ge, Interval

from openfer.networks import settings as networks

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Share = Annotated[float, Interval(ge=0, le=1)]
Average = Annotated[float, Interval(ge=0, le=0.9999)]
Keep = Literal["last", "best"]
Section = TypeVar("Section", bound="DataclassInstance")


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        seed: of the first weights, the order of the faces, their augmentation and the dropout.
        backend: of Keras: "tensorflow", "jax" or "torch".
        epochs: passes over Training.
        batch_size: faces a step; the faces of an epoch that do not fill a batch are left out of that epoch.
        learning_rate: peak rate of SGD with Nesterov momentum, reached after the warm-up, then a cosine to 0.
        warmup_epochs: epochs of linear warm-up.
        momentum: of SGD.
        weight_decay: share of every kernel that is taken away a step, times the rate; biases and batch
            normalisation are left alone.
        label_smoothing: share of the target that is spread evenly over the seven classes.
        ema: decay a step of the moving average of the weights, which is what is measured and kept.
        class_weighting: exponent of the inverse frequency of a class by which its faces are weighted: 0 for equal
            faces, 1 for equal classes.
        keep: which epoch's averaged weights are the result: the "last", or the "best" on PublicTest. The last is no
            choice, so that PublicTest stays clean for what is chosen after the training.
        patience: epochs without a better accuracy on PublicTest after which the training stops; 0 for never.
        precision: dtype policy of Keras for the arithmetic of the training; weights are float32 in any case. "auto"
            leaves it to whoever reads the params, who asks the machine (pipeline/precision.py).
    """

    seed: Annotated[int, Interval(ge=0, lt=2**63)]
    backend: Literal["tensorflow", "jax", "torch"]
    epochs: Annotated[int, Ge(1)]
    batch_size: Annotated[int, Ge(2)]
    learning_rate: Annotated[float, Ge(0)]
    warmup_epochs: Annotated[float, Ge(0)]
    momentum: Share
    weight_decay: Annotated[float, Ge(0)]
    label_smoothing: Share
    ema: Average
    class_weighting: Share
    keep: Keep
    patience: Annotated[int, Ge(0)]
    precision: Literal["auto", "float32", "mixed_bfloat16"]


@dataclass(frozen=True)
class Hybrids:
    """What is otherwise where a descriptor stands beside the picture: values of `Recipe` and of `networks.Sizes`.

    The hybrids are the smoother members of an ensemble whose networks on pixels alone are rougher.
    """

    label_smoothing: Share
    ema: Average
    keep: Keep
    crop: networks.Crop
    contrast: networks.Contrast
    block_dropout: networks.Share
    dropout: networks.Share

    def of(self, section: Section) -> Section:
        """Return a recipe, or the sizes of a network, with the values of hybrids."""
        shared = {field.name for field in fields(self)} & {field.name for field in fields(section)}
        return replace(section, **{name: getattr(self, name) for name in shared})


@dataclass(frozen=True)
class TransferRecipe(Recipe):
    """How to go on training a network, on other faces.

    Attributes:
        start_from: path of the .keras file that the training begins with, relative to the project.
        freeze: "trunk" to learn the classification alone, from what the network makes of a face (a linear probe): all
            before it keeps its weights and its statistics; "none" to learn everything.
    """

    start_from: str
    freeze: Literal["trunk", "none"]


@dataclass(frozen=True)
class PlainRecipe:
    """How networks of others were trained: one optimizer, and the weights as it leaves them.

    Attributes:
        seed: as in `Recipe`.
        backend: of Keras.
        epochs: passes over Training.
        batch_size: faces a step.
        optimizer: "adam", or "momentum" for SGD with momentum (not Nesterov's).
        learning_rate: of the first step.
        momentum: of SGD; decay of the first moment of Adam.
        decay: factor of the rate every `decay_steps` steps, continuously; 1 for a constant rate.
        decay_steps: steps in which the rate falls by that factor.
        keep: which epoch's weights are the result: the "last", or the "best" on PublicTest.
        precision: as in `Recipe`.
    """

    seed: int
    backend: str
    epochs: int
    batch_size: int
    optimizer: Literal["adam", "momentum"]
    learning_rate: float
    momentum: float
    decay: float
    decay_steps: int
    keep: Keep
    precision: str

    label_smoothing: ClassVar[float] = 0.0
    class_weighting: ClassVar[float] = 0.0
    patience: ClassVar[int] = 0


@dataclass(frozen=True)
class Ranges:
    """How far an augmented view may be from the picture.

    Attributes:
        rotation: largest angle in degrees, either way.
        scale: largest change of size as a share, either way (0.15: 0.85–1.15).
        shift: largest shift along an axis as a share of the side, either way.
        gain: largest change of contrast as a share, either way.
        gamma: largest change of the exponent of the grey values (0 to 1) in doublings, either way (0.5: 0.71–1.41).
        light: largest gain or loss of light from one edge of the picture to the middle, as a share, in any direction.
        blur: largest share of a blurred copy that is mixed in.
        erase: probability that a rectangle of 2–15 % of the picture is painted over with mid-grey.
        fade: share of the epochs, the last ones, over which all of these shrink, in the last to nothing.
        mirror: whether half of the views are mirrored.
    """

    mirror: ClassVar[bool] = True
    rotation: Annotated[float, Interval(ge=0, le=180)]
    scale: Annotated[float, Interval(ge=0, le=0.9)]
    shift: Share
    gain: Share
    gamma: Annotated[float, Interval(ge=0, le=3)]
    light: Share
    blur: Share
    erase: Share
    fade: Share

    def after(self, done: float) -> "Ranges":
        """Return the ranges of the epoch that ends after a share `done` of the training, 0 to 1."""
        part = min(1.0, (1 - done) / self.fade) if self.fade else 1.0
        shrinking = [field.name for field in fields(self) if field.name != "fade"]
        return replace(self, **{name: part * getattr(self, name) for name in shrinking})


@dataclass(frozen=True)
class UnmirroredRanges(Ranges):
    """Ranges of views of which none is mirrored."""

    mirror: ClassVar[bool] = False
