"""The CNN of the reference project, after Al-Shabi et al. 2016 (arXiv:1608.02833), and its hybrids.

Grey values and descriptors go in as they are. The wide layer of the plain network has no non-linearity, and the hybrids
have no batch normalisation, as published.
"""

import keras

from baselines.networks.layers import (
    Conv,
    Dense,
    Drop,
    Flat,
    Max,
    Norm,
    Variant,
    classified,
    hybrid,
    stacked,
    without_norm,
)

TRUNK = (
    Conv(32, 3), Conv(32, 3, "valid"), Max(), Norm(), Drop(0.1),
    Conv(64, 3, "valid"), Conv(64, 3, "valid"), Max(), Norm(), Drop(0.1),
    Conv(128, 3, "valid"), Conv(128, 3, "valid"), Max(), Norm(), Drop(0.4),
    Flat(),
)  # fmt: skip
HEAD = (Dense(2048, activation=None), Drop(0.5))


def answer(image: keras.KerasTensor, descriptor: keras.KerasTensor | None, variant: Variant) -> keras.KerasTensor:
    """Turn pictures, and descriptors for a hybrid, into probabilities (n, variant.classes)."""
    if descriptor is None:
        return classified(stacked(image, (*TRUNK, *HEAD), "cnn", variant.width), variant.classes)
    return hybrid(stacked(image, without_norm(TRUNK), "cnn", variant.width), descriptor, variant)
