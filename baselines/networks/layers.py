"""The rows of which the tables of the published networks are made, and the loop that turns them into layers."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import keras
from keras import layers

from openfer.emotions import EMOTIONS

KERNEL_PENALTY = 0.01
"""Of the square of a kernel, in the loss, where the authors have one."""


@dataclass(frozen=True)
class Conv:
    """A convolution; its kernel is penalised where the authors have it so."""

    filters: int
    kernel: int
    padding: str = "same"
    activation: str | None = "relu"
    bias: bool = True
    penalised: bool = False


@dataclass(frozen=True)
class Max:
    """A maximum over squares."""

    side: int = 2
    stride: int = 2
    padding: str = "valid"


@dataclass(frozen=True)
class Mean:
    """A mean over squares."""

    side: int
    stride: int


@dataclass(frozen=True)
class Dense:
    """A dense layer."""

    units: int
    activation: str | None = "relu"
    penalised: bool = False


@dataclass(frozen=True)
class Drop:
    """A dropout."""

    rate: float


@dataclass(frozen=True)
class Norm:
    """A batch normalisation."""


@dataclass(frozen=True)
class Relu:
    """A ReLU that does not follow its layer at once."""


@dataclass(frozen=True)
class Flat:
    """All values of a picture in a row."""


Row = Conv | Max | Mean | Dense | Drop | Norm | Relu | Flat
Table = Sequence[Row]


@dataclass(frozen=True)
class Variant:
    """What may be chosen of a published network.

    Attributes:
        width: share of the published filters and units.
        normalised: whether batch normalisation follows the convolutions, where the authors left that open.
        classes: that are told apart.
        dropout: share of values that are dropped, where the authors searched for it: in Models A and B.
    """

    width: float = 1.0
    normalised: bool = True
    classes: int = len(EMOTIONS)
    dropout: float = 0.044


@dataclass(frozen=True)
class Style:
    """Defaults of the library that the authors used.

    Attributes:
        convolution: first values of its kernels.
        deviation: of the first values of the kernels of dense layers, a truncated normal distribution; None for those
            of Glorot and Bengio.
        momentum: of the kept statistics of batch normalisation.
        epsilon: that is added to its variance.
    """

    convolution: str = "glorot_uniform"
    deviation: float | None = None
    momentum: float = 0.99
    epsilon: float = 1e-3

    @property
    def dense(self) -> str | keras.Initializer:
        """First values of a dense layer, new for each: Keras draws the seed of one when it is made."""
        return "glorot_uniform" if self.deviation is None else keras.initializers.TruncatedNormal(stddev=self.deviation)


KERAS = Style()
TFLEARN = Style("lecun_uniform", 0.02, 0.9, 1e-5)


def stacked(
    x: keras.KerasTensor, table: Iterable[Row], name: str, width: float, style: Style = KERAS
) -> keras.KerasTensor:
    """Apply the rows of a table one after the other.

    Args:
        x: (n, …).
        table: of the network, or of a branch of it.
        name: with which the names of the layers begin.
        width: share of the published filters and units.
        style: defaults of the library that the authors used.
    """
    numbers: Iterator[int] = itertools.count(1)
    for row in table:
        x = _layer(row, f"{name}_{type(row).__name__.lower()}{next(numbers)}", width, style)(x)
    return x


def classified(x: keras.KerasTensor, classes: int, style: Style = KERAS) -> keras.KerasTensor:
    """Turn embeddings (n, any) into probabilities (n, classes)."""
    return layers.Dense(classes, kernel_initializer=style.dense, activation="softmax", name="emotions")(x)


def without_norm(table: Table) -> list[Row]:
    """Return a table without its batch normalisation."""
    return [row for row in table if not isinstance(row, Norm)]


def scaled(count: int, width: float) -> int:
    """Return a share of the published filters or units, at least one."""
    return max(1, round(count * width))


def penalty(applies: bool) -> keras.Regularizer | None:
    """Return the penalty of a kernel, or none."""
    return keras.regularizers.L2(KERNEL_PENALTY) if applies else None


DESCRIBED = (Dense(4096, activation=None, penalised=True), Drop(0.2))
JOINED = (Dense(2048), Drop(0.5))
"""How the reference project's hybrids see a descriptor, and what they have on picture and descriptor together."""

BESIDE = 1024
"""Units of the first dense layer of Models A and B on what is known beside the picture."""


def hybrid(picture: keras.KerasTensor, descriptor: keras.KerasTensor, variant: Variant) -> keras.KerasTensor:
    """Turn what the reference project's convolutions leave (n, any) and a descriptor (n, any) into probabilities."""
    beside = stacked(descriptor, DESCRIBED, "descriptor", variant.width)
    x = layers.Concatenate(name="fusion")([beside, picture])
    return classified(stacked(x, JOINED, "head", variant.width), variant.classes)


def plain(
    image: keras.KerasTensor,
    convolutions: Iterable[tuple[int, int]],
    units: Iterable[int],
    name: str,
    variant: Variant,
) -> keras.KerasTensor:
    """Turn pictures into probabilities (n, classes) as the shallow and the deep CNN do, from grey values from 0 to 1.

    Args:
        image: (n, 48, 48, 1).
        convolutions: filters and side of the kernel of each.
        units: of each dense layer.
        name: with which the names of the layers begin.
        variant: width and classes.
    """
    table = [
        row
        for filters, kernel in convolutions
        for row in (Conv(filters, kernel, activation=None), Norm(), Relu(), Max(), Drop(0.25))
    ]
    table += [Flat(), *(row for count in units for row in (Dense(count, None), Norm(), Relu(), Drop(0.25)))]
    x = layers.Rescaling(1 / 255, name="standardise_image")(image)
    return classified(stacked(x, table, name, variant.width), variant.classes)


def two_branches(
    image: keras.KerasTensor,
    descriptor: keras.KerasTensor | None,
    table: Table,
    units: int,
    variant: Variant,
) -> keras.KerasTensor:
    """Turn pictures, and landmarks with or without HOG, into probabilities (n, classes) as Models A and B do.

    Grey values go in as they are, as published; without batch normalisation the loss of that is no number after a few
    steps, and they are brought to the range from 0 to 1.

    Args:
        image: (n, 48, 48, 1).
        descriptor: (n, any); None for a network on pixels alone.
        table: of the picture's layers.
        units: that the picture, and what is known beside it, are brought to before they are joined.
        variant: width, batch normalisation and classes.
    """
    if not variant.normalised:
        image, table = layers.Rescaling(1 / 255, name="standardise_image")(image), without_norm(table)
    picture = stacked(image, table, "picture", variant.width, TFLEARN)
    if descriptor is None:
        return classified(picture, variant.classes, TFLEARN)
    beside = stacked(descriptor, (Dense(BESIDE), Dense(units)), "beside", variant.width, TFLEARN)
    picture = stacked(picture, (Dense(units),), "joined", variant.width, TFLEARN)
    return classified(layers.Concatenate(name="fusion")([picture, beside]), variant.classes, TFLEARN)


def _layer(row: Row, name: str, width: float, style: Style) -> layers.Layer:
    match row:
        case Conv():
            return layers.Conv2D(
                scaled(row.filters, width),
                row.kernel,
                padding=row.padding,
                activation=row.activation,
                use_bias=row.bias,
                kernel_initializer=style.convolution,
                kernel_regularizer=penalty(row.penalised),
                name=name,
            )
        case Dense():
            return layers.Dense(
                scaled(row.units, width),
                activation=row.activation,
                kernel_initializer=style.dense,
                kernel_regularizer=penalty(row.penalised),
                name=name,
            )
        case Max():
            return layers.MaxPooling2D(row.side, row.stride, row.padding, name=name)
        case Mean():
            return layers.AveragePooling2D(row.side, row.stride, name=name)
        case Drop():
            return layers.Dropout(row.rate, name=name)
        case Norm():
            return layers.BatchNormalization(momentum=style.momentum, epsilon=style.epsilon, name=name)
        case Relu():
            return layers.ReLU(name=name)
        case Flat():
            return layers.Flatten(name=name)
