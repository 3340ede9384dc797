"""Expressions as FACS action units, and action units as displacements of brows, lids, nose and mouth.

The prototypes follow Ekman, Friesen & Hager, "Facial Action Coding System: Investigator's Guide" (2002), cut to the
units that can still be seen on 48 × 48 pixels. How far a unit moves a feature was found by looking at the drawings.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from openfer.emotions import EMOTIONS

PROTOTYPES: Mapping[str, Mapping[int, tuple[float, float]]] = {
    "angry": {4: (1.0, 1), 5: (0.4, 0.7), 7: (0.8, 1), 10: (0.4, 0.25), 23: (0.9, 0.8), 25: (0.5, 0.25)},
    "disgust": {4: (0.4, 0.6), 9: (1.0, 1), 10: (0.9, 1), 15: (0.5, 0.7), 17: (0.5, 0.5), 25: (0.5, 0.4)},
    "fear": {1: (0.9, 1), 2: (0.5, 0.9), 4: (0.6, 0.9), 5: (0.9, 1), 20: (0.9, 1), 25: (0.6, 0.9), 26: (0.4, 0.6)},
    "happy": {6: (0.8, 0.9), 12: (1.0, 1), 25: (0.9, 0.8), 26: (0.4, 0.3)},
    "sad": {1: (0.9, 1), 4: (0.5, 0.9), 15: (0.9, 1), 17: (0.6, 0.5), 43: (0.5, 0.6)},
    "surprise": {1: (0.9, 1), 2: (1.0, 1), 5: (0.8, 0.9), 25: (0.3, 1), 26: (0.8, 1), 27: (0.6, 0.5)},
    "neutral": {},
}
"""Expression → action unit → (typical intensity, 0 to 1; share of people who show the unit)."""

RESTING_UNITS = (1, 2, 4, 7, 12, 15, 23, 25, 43)
"""Units that a resting face may seem to show a little: heavy lids, low brows, corners that hang."""


@dataclass(frozen=True)
class Geometry:
    """Displacements from the resting face in units of half the picture's width, y down; weights from 0 to 1."""

    brow_inner: float
    brow_middle: float
    brow_outer: float
    brows_together: float
    upper_lid: float
    lower_lid: float
    lid_slant: float
    nose: float
    mouth_width: float
    corners: float
    upper_lip: float
    lower_lip: float
    lip_thickness: float
    chin: float
    cheeks: float
    frown_lines: float
    forehead_lines: float
    nose_lines: float
    nasolabial_folds: float

    @property
    def mouth_openness(self) -> float:
        """The gap between the lips in the middle of the mouth."""
        return max(0.0, self.lower_lip - self.upper_lip)


def draw_units(rng: np.random.Generator, emotion: str, blends: float) -> dict[int, float]:
    """Draw one person's action units: how strongly, which of the optional ones, mixed with what.

    Args:
        rng: the source of chance.
        emotion: a name of `openfer.emotions.EMOTIONS`.
        blends: the share of faces that also show a second expression, more weakly.

    Returns:
        Action unit → intensity from 0 to 1.
    """
    units = {unit: rng.uniform(0.0, 0.2) for unit in RESTING_UNITS}
    _add(units, rng, emotion, rng.uniform(0.45, 1.1))
    if rng.random() < blends:
        _add(units, rng, rng.choice(EMOTIONS), rng.uniform(0.2, 0.5))
    return {unit: min(intensity, 1.0) for unit, intensity in units.items()}


def _add(units: dict[int, float], rng: np.random.Generator, emotion: str, strength: float) -> None:
    for unit, (typical, share) in PROTOTYPES[emotion].items():
        if rng.random() < share:
            units[unit] = units.get(unit, 0.0) + strength * typical * rng.uniform(0.7, 1.3)


def geometry(units: Mapping[int, float]) -> Geometry:
    """Move the features as the action units do; each term is one muscle's pull."""
    au = [units.get(number, 0.0) for number in range(44)]
    return Geometry(
        brow_inner=-0.13 * au[1] - 0.03 * au[2] + 0.10 * au[4] + 0.05 * au[9],
        brow_middle=-0.05 * au[1] - 0.10 * au[2] + 0.06 * au[4] + 0.03 * au[9],
        brow_outer=-0.12 * au[2] + 0.03 * au[4] - 0.03 * au[4] * au[7],
        brows_together=0.06 * au[4] + 0.02 * au[9],
        upper_lid=0.07 * au[5] - 0.035 * au[7] - 0.02 * au[6] - 0.015 * au[9] - 0.06 * au[43],
        lower_lid=0.02 * au[5] - 0.025 * au[7] - 0.04 * au[6] - 0.025 * au[9],
        lid_slant=0.6 * au[1] * (1.0 - au[5]) - 0.4 * au[4] * (1.0 - au[1]),
        nose=-0.06 * au[9] - 0.02 * au[10],
        mouth_width=0.10 * au[12] + 0.09 * au[20] - 0.05 * au[23] - 0.06 * au[26] - 0.07 * au[27],
        corners=-0.14 * au[12] + 0.12 * au[15] + 0.04 * au[20],
        upper_lip=-0.10 * au[10] - 0.03 * au[9] - 0.02 * au[25] - 0.02 * au[26] - 0.04 * au[27] - 0.03 * au[17],
        lower_lip=0.02 * au[12] + 0.08 * au[25] + 0.20 * au[26] + 0.20 * au[27] - 0.05 * au[17] - 0.02 * au[10],
        lip_thickness=1.0 - 0.6 * au[23] - 0.2 * au[12] - 0.2 * au[20] + 0.2 * au[17],
        chin=0.10 * au[26] + 0.12 * au[27] - 0.03 * au[17],
        cheeks=0.6 * au[6] + 0.4 * au[12],
        frown_lines=au[4],
        forehead_lines=0.5 * (au[1] + au[2]),
        nose_lines=au[9],
        nasolabial_folds=min(1.0, 0.8 * au[12] + 0.8 * au[10] + 0.4 * au[9]),
    )
