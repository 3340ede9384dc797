"""How people with every kind of colour vision see a colour."""

import cv2
import numpy as np

_TO_CONES = np.array(
    [[0.31399022, 0.63951294, 0.04649755], [0.15537241, 0.75789446, 0.08670142], [0.01775239, 0.10944209, 0.87256922]]
)
"""Linear sRGB → long, middle and short cones (Hunt, Pointer & Estévez)."""


def _lacking(cones: list[list[float]]) -> np.ndarray:
    """Linear sRGB → linear sRGB, from cones → cones of a person."""
    return np.linalg.inv(_TO_CONES) @ np.array(cones) @ _TO_CONES


VISION = {
    "all cones": np.eye(3),
    "no red cones": _lacking([[0, 1.05118294, -0.05116099], [0, 1, 0], [0, 0, 1]]),
    "no green cones": _lacking([[1, 0, 0], [0.9513092, 0, 0.04866992], [0, 0, 1]]),
}
"""Linear sRGB → what somebody with that vision sees (Viénot, Brettel & Mollon 1999)."""

WHOLLY = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""The same after Machado, Oliveira & Fernandes 2009, severity 1."""


def seen(srgb: np.ndarray, vision: np.ndarray) -> np.ndarray:
    """Return CIE L*a*b* (3,) of a colour (3,), sRGB from 0 to 1, as somebody with that vision sees it."""
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.asarray(vision) @ linear, 0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return cv2.cvtColor(srgb[None, None].astype(np.float32), cv2.COLOR_RGB2Lab)[0, 0]
