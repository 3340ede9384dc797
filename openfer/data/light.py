"""Faces in more and in less light, made of faces as they are: a test of what a network makes of light."""

import numpy as np

LIGHTS = {"a quarter of the light": 0.25, "half of the light": 0.5, "the light as it is": 1.0, "twice the light": 2.0}
"""Factors of the grey values, which stay whole numbers up to 255."""


def lit(images: np.ndarray, factor: float) -> np.ndarray:
    """Return pictures (n, 48, 48) uint8 whose grey values are multiplied by a factor, and white beyond 255."""
    return np.minimum(np.rint(images * float(factor)), 255).astype(np.uint8)
