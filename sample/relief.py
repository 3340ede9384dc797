"""The head as a relief lit from one side: what makes a drawing look like a photograph."""

import cv2
import numpy as np

from sample.canvas import EXTENT, SIZE, Canvas
from sample.face import Face

_GRID = SIZE // 2
"""The relief is smooth: half the canvas's resolution does."""


def shading(face: Face, canvas: Canvas) -> np.ndarray:
    """Light the relief of a face (Lambert's cosine law plus ambient light).

    Returns:
        (SIZE, SIZE) float32, by how much each pixel's tone is to be multiplied; about 1 where the light meets the skin
        at a right angle.
    """
    scene = face.scene
    height = _height(face, canvas)
    slope_y, slope_x = np.gradient(height, 2 * EXTENT / _GRID)
    light = np.array([scene.light_x, scene.light_y, 1.0]) / np.hypot(1.0, np.hypot(scene.light_x, scene.light_y))
    cosine = (light[2] - slope_x * light[0] - slope_y * light[1]) / np.sqrt(1.0 + slope_x**2 + slope_y**2)
    lit = scene.ambient + (1.0 - scene.ambient) * np.maximum(cosine, 0.0)
    return cv2.resize(lit.astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)


def _height(face: Face, canvas: Canvas) -> np.ndarray:
    """Sum an ellipsoid (the skull) and Gaussian bumps (the features) on the grid."""
    axis = np.linspace(-EXTENT, EXTENT, _GRID, dtype=np.float32)
    skull = 1.0 - (axis[None, :] / (face.person.width + 0.08)) ** 2 - (axis[:, None] / 1.25) ** 2
    height = 0.7 * np.sqrt(np.maximum(skull, 0.05))
    for x, y, width, length, amount in _bumps(face):
        centre_x, centre_y = canvas.project(np.array([[x, y]]))[0]
        across = np.exp(-0.5 * ((axis - centre_x) / width) ** 2)
        height += amount * np.exp(-0.5 * ((axis[:, None] - centre_y) / length) ** 2) * across
    return height


def _bumps(face: Face) -> list[tuple[float, float, float, float, float]]:
    """List the bumps and hollows as (x, y, width, length, height)."""
    person, move = face.person, face.expression
    tip, eyes = person.nose_length + move.nose, person.eye_distance
    mouth, chin = person.mouth, person.chin + move.chin
    paired = [
        (eyes - 0.02, -0.24, 0.16, 0.09, -0.07),
        (eyes, -0.24, 0.10, 0.05, 0.03),
        (eyes - 0.03, person.brow_height + move.brow_middle + 0.04, 0.18, 0.05, 0.03 + 0.02 * move.frown_lines),
        (eyes + 0.06, 0.14 - 0.08 * move.cheeks, 0.15, 0.12, 0.05 + 0.08 * move.cheeks),
        (person.nose_width * 0.85, tip + 0.01, 0.045, 0.045, 0.05 + 0.03 * move.nose_lines),
        (0.36, mouth + 0.05, 0.10, 0.14, -0.03 * person.age),
    ]
    middle = [
        (0.0, -0.08, 0.07, 0.20, 0.09),
        (0.0, tip, 0.08, 0.075, 0.13),
        (0.0, mouth, 0.24, 0.14, 0.06),
        (0.0, mouth + 0.17 + 0.5 * move.lower_lip, 0.14, 0.04, -0.03),
        (0.0, chin - 0.14, 0.17, 0.09, 0.07),
        (0.0, -0.62, 0.40, 0.16, 0.05),
    ]
    mirrored = [(-x, y, width, length, amount) for x, y, width, length, amount in paired]
    return paired + mirrored + middle
