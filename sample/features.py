"""Eyes, brows, nose, mouth and the lines of the skin, painted where the expression has moved them.

The numbers are proportions of a face (see `Canvas`) and shades, found by looking at the drawings at 48 × 48 pixels.
"""

import numpy as np

from sample.canvas import Canvas, curve, ellipse
from sample.face import Face

_EYE_HEIGHT = -0.23
_T = np.linspace(-1.0, 1.0, 17)
"""Position along a lid or a lip, from one corner to the other."""


def paint_eye(canvas: Canvas, face: Face, side: int) -> None:
    """Paint one eye; `side` is -1 for the left of the picture, 1 for the right."""
    person, move = face.person, face.expression
    skin = person.skin
    lid, rim = (canvas.project(edge) for edge in _lids(face, side))
    opening = np.concatenate([lid, rim[::-1]])
    canvas.line(_lowered(lid, -0.035), 0.03, 0.62 * skin, 0.5, 0.012)
    canvas.line(_lowered(rim, 0.05), 0.03, 0.7 * skin, 0.2 + 0.25 * person.age + 0.2 * move.cheeks, 0.015)
    canvas.fill(opening, 0.55 + 0.35 * skin)
    iris_x, iris_y = canvas.project(np.array([[side * person.eye_distance + face.scene.gaze, _EYE_HEIGHT - 0.012]]))[0]
    canvas.fill(ellipse(iris_x, iris_y, 0.068, 0.068), person.iris, 1.0, 0.006, within=opening)
    canvas.fill(ellipse(iris_x, iris_y, 0.03, 0.03), 0.02, 1.0, 0.004, within=opening)
    canvas.line(_lowered(lid, 0.01), 0.025, 0.25 * skin, 0.4, 0.008)
    canvas.line(lid, 0.022, 0.08, 0.85, 0.004)
    canvas.line(rim, 0.012, 0.35 * skin, 0.5, 0.005)
    canvas.fill(ellipse(iris_x - 0.02, iris_y - 0.025, 0.012, 0.012), 1.0, 0.9, within=opening)


def _lids(face: Face, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the edges of the upper and the lower lid, each (17, 2)."""
    person, move = face.person, face.expression
    arch = 1.0 - np.abs(_T) ** 2.2
    inward = 1.0 - side * move.lid_slant * _T
    x = side * person.eye_distance + person.eye_width * _T
    upper = _EYE_HEIGHT - max(0.008, person.eye_opening + move.upper_lid) * arch * inward
    lower = _EYE_HEIGHT + max(0.004, 0.6 * person.eye_opening + move.lower_lid) * arch
    return np.stack([x, upper], axis=1), np.stack([x, lower], axis=1)


def paint_brow(canvas: Canvas, face: Face, side: int) -> None:
    """Paint one brow, thick at the nose and thin at the temple."""
    person, move = face.person, face.expression
    y = person.brow_height
    inner = (side * (0.16 - move.brows_together), y + 0.03 + move.brow_inner)
    middle = (side * 0.36, y - 0.02 + move.brow_middle)
    outer = (side * 0.55, y + 0.05 + move.brow_outer)
    spine = curve(inner, middle, outer)
    half = person.brow_thickness * np.linspace(1.0, 0.35, len(spine))[:, None] * [[0.0, 1.0]]
    brow = canvas.project(np.concatenate([spine - half, (spine + half)[::-1]]))
    canvas.fill(brow, person.brow_tone * min(person.hair, 0.6 * person.skin), 0.85, 0.012)


def paint_nose(canvas: Canvas, face: Face) -> None:
    """Paint nostrils, wings and the shadow below the tip; the bridge is the relief's."""
    person, move = face.person, face.expression
    tip, skin = person.nose_length + move.nose, person.skin
    flare = person.nose_width * (1.0 + 0.2 * move.nose_lines)
    canvas.fill(canvas.project(ellipse(0.0, tip + 0.075, 0.9 * flare, 0.03), 0.1), 0.5 * skin, 0.45, 0.02)
    for side in (-1, 1):
        nostril = canvas.project(ellipse(side * 0.52 * flare, tip + 0.055, 0.036, 0.017), 0.1)
        canvas.fill(nostril, 0.15 * skin, 0.9, 0.008)
        edge, top = side * flare, tip - 0.04
        wing = curve((0.95 * edge, top), (1.2 * edge, tip + 0.02), (0.9 * edge, tip + 0.065))
        canvas.line(canvas.project(wing, 0.05), 0.018, 0.5 * skin, 0.6, 0.008)


def paint_mouth(canvas: Canvas, face: Face) -> None:
    """Paint the lips, and between them the dark of the mouth and the teeth."""
    person = face.person
    outer_upper, inner_upper, inner_lower, outer_lower = (canvas.project(edge, 0.05) for edge in _lips(face))
    tone = person.lip_tone * person.skin
    canvas.fill(np.concatenate([outer_upper, inner_upper[::-1]]), 0.85 * tone, 0.9, 0.008)
    canvas.fill(np.concatenate([inner_lower, outer_lower[::-1]]), tone, 0.9, 0.008)
    canvas.line(_lowered(outer_lower, 0.02), 0.03, 0.6 * person.skin, 0.3, 0.015)
    inside = np.concatenate([inner_upper, inner_lower[::-1]])
    canvas.fill(inside, 0.07)
    _paint_teeth(canvas, face, inner_upper, inner_lower, inside)
    canvas.line(inner_upper, 0.018, 0.12 * person.skin, 0.8, 0.005)
    for corner in (inner_upper[0], inner_upper[-1]):
        canvas.fill(ellipse(*corner, 0.025, 0.025), 0.3 * person.skin, 0.5, 0.012)


def _lips(face: Face) -> list[np.ndarray]:
    """Return the lips' four edges from top to bottom, outer and inner of the upper lip first, each (17, 2)."""
    person, move = face.person, face.expression
    width = person.mouth_width + move.mouth_width
    bow = (1.0 - _T**2) ** (1.0 - min(0.5, 1.5 * move.mouth_openness))
    corner_line = person.mouth + move.corners * _T**2
    inner_upper = corner_line + min(move.upper_lip, move.lower_lip) * bow
    inner_lower = corner_line + move.lower_lip * bow
    thickness = person.lips * max(0.25, move.lip_thickness)
    cupid = 1.0 - 0.25 * np.exp(-((_T / 0.18) ** 2))
    outer_upper = inner_upper - (0.012 + 0.05 * thickness) * bow**0.7 * cupid
    outer_lower = inner_lower + (0.012 + 0.07 * thickness) * bow**0.8
    return [np.stack([width * _T, y], axis=1) for y in (outer_upper, inner_upper, inner_lower, outer_lower)]


def _paint_teeth(
    canvas: Canvas, face: Face, inner_upper: np.ndarray, inner_lower: np.ndarray, inside: np.ndarray
) -> None:
    """Show the upper teeth below a drawn-up lip, the lower ones above a stretched lip."""
    move = face.expression
    depth = 0.09 - 0.05 * min(1.0, move.mouth_openness / 0.3)
    canvas.fill(np.concatenate([inner_upper, _lowered(inner_upper, depth)[::-1]]), 0.93, 0.9, 0.004, within=inside)
    if move.mouth_width > 0.03 and move.corners > 0.0:
        canvas.fill(np.concatenate([inner_lower, _lowered(inner_lower, -0.05)[::-1]]), 0.8, 0.8, 0.004, within=inside)


def paint_lines(canvas: Canvas, face: Face) -> None:
    """Paint the furrows an expression folds into the skin, deeper with age."""
    person, move = face.person, face.expression
    depth = 0.55 + 0.45 * person.age
    shadow = 0.5 * person.skin
    brow, tip = person.brow_height, person.nose_length + move.nose
    corner_x, corner_y = person.mouth_width + move.mouth_width, person.mouth + move.corners
    for height in (-0.12, -0.19):
        wave = curve((-0.3, brow + height), (0.0, brow + height - 0.03), (0.3, brow + height))
        canvas.line(canvas.project(wave), 0.018, shadow, 0.7 * depth * move.forehead_lines, 0.01)
    across = canvas.project(np.array([[-0.09, -0.2], [0.09, -0.2]]), 0.08)
    canvas.line(across, 0.02, shadow, 0.9 * depth * move.nose_lines, 0.01)
    for side in (-1, 1):
        frown = np.array([[side * 0.05, brow - 0.05], [side * 0.035, brow + 0.1]])
        canvas.line(canvas.project(frown), 0.02, shadow, 0.9 * depth * move.frown_lines, 0.01)
        wrinkle = np.array([[side * 0.06, -0.12], [side * 0.15, -0.02]])
        canvas.line(canvas.project(wrinkle, 0.05), 0.02, shadow, 0.9 * depth * move.nose_lines, 0.01)
        start = (side * (person.nose_width + 0.03), tip - 0.02)
        middle = (side * (0.6 * corner_x + 0.17), 0.5 * (tip + corner_y) - 0.02)
        fold = canvas.project(curve(start, middle, (side * (corner_x + 0.07), corner_y + 0.03)))
        canvas.line(fold, 0.025, shadow, 0.15 * person.age + 0.75 * depth * move.nasolabial_folds, 0.014)


def _lowered(points: np.ndarray, by: float) -> np.ndarray:
    return points + np.array([0.0, by])
