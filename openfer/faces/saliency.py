"""Where did the network look? At what, once covered, changes the answer (Zeiler & Fergus 2014, arXiv:1311.2901).

Covering needs nothing but answers, so that it works for every exported model, ensembles and descriptors included.
"""

import cv2
import numpy as np

from openfer.emotions import IMAGE_SIZE
from openfer.export.model_folder import Bundle
from openfer.prediction.crops import PLAIN

PATCH, STEP = 10, 4
"""Side of the square that covers, and pixels between two places of it."""


def occlusion(bundle: Bundle, face: np.ndarray) -> np.ndarray:
    """Return how much each pixel speaks for the most probable emotion, (48, 48) from 0 to 1.

    Args:
        bundle: the model.
        face: (48, 48) uint8, cut out as FER2013 has them.
    """
    places = [(top, left) for top in _places() for left in _places()]
    covered = np.repeat(face[np.newaxis], len(places), axis=0)
    for view, (top, left) in zip(covered, places, strict=True):
        view[max(0, top) : top + PATCH, max(0, left) : left + PATCH] = round(float(face.mean()))
    answers = bundle.predict(np.concatenate([face[np.newaxis], covered]), [PLAIN])
    emotion = answers[0].argmax()
    lost = np.clip(answers[0, emotion] - answers[1:, emotion], 0, None)
    heat, count = np.zeros((2, IMAGE_SIZE, IMAGE_SIZE))
    for loss, (top, left) in zip(lost, places, strict=True):
        area = np.s_[max(0, top) : top + PATCH, max(0, left) : left + PATCH]
        heat[area] += loss
        count[area] += 1
    heat /= count
    return heat / max(heat.max(), 1e-9)


def heat_map(face: np.ndarray, heat: np.ndarray, side: int = 288) -> np.ndarray:
    """Return a face with its heat in colour over it, (side, side, 3) uint8 RGB.

    Args:
        face: (48, 48) uint8.
        heat: (48, 48) from 0 to 1.
        side: of the result in pixels.
    """
    grey = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
    warm = cv2.resize((heat * 255).astype(np.uint8), (side, side), interpolation=cv2.INTER_CUBIC)
    colours = cv2.cvtColor(cv2.applyColorMap(warm, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    return (0.55 * grey[..., np.newaxis] + 0.45 * colours).astype(np.uint8)


def _places() -> list[int]:
    """Return where the square starts along an axis, over both borders, so that all pixels are covered about alike."""
    return list(range(STEP - PATCH, IMAGE_SIZE, STEP))
