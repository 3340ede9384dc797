"""From the parameters of a face to its 48 × 48 grey pixels."""

import cv2
import numpy as np

from openfer.emotions import IMAGE_SIZE
from sample.canvas import EXTENT, SIZE, Canvas, curve, ellipse
from sample.face import Face
from sample.features import paint_brow, paint_eye, paint_lines, paint_mouth, paint_nose
from sample.relief import shading

_LONG_HAIR, _FRINGE, _BEARD, _GLASSES, _OCCLUSION = 0.6, 0.7, 0.8, 0.88, 0.92
"""From which value of the parameter on a person has it."""


def draw(face: Face) -> np.ndarray:
    """Draw a face as a low-resolution photograph.

    Returns:
        (IMAGE_SIZE, IMAGE_SIZE) uint8; equal faces give equal pixels.
    """
    rng = np.random.default_rng(face.grain)
    canvas = Canvas(face.scene.background, face.scene.yaw, face.scene.pitch)
    _paint_background(canvas, face, rng)
    _paint_head(canvas, face)
    for side in (-1, 1):
        paint_eye(canvas, face, side)
        paint_brow(canvas, face, side)
    paint_nose(canvas, face)
    paint_mouth(canvas, face)
    paint_lines(canvas, face)
    _paint_hair(canvas, face, rng)
    canvas.tones *= shading(face, canvas) * _texture(rng)
    _paint_things(canvas, face)
    return _photograph(canvas.tones, face, rng)


def _outline(face: Face, margin: float = 0.0) -> np.ndarray:
    """Return the head's contour (n, 2): half an ellipse above the ears, a superellipse down to the chin."""
    person = face.person
    chin = person.chin + face.expression.chin + margin
    down = np.sin(np.linspace(0, np.pi / 2, 20)) * chin
    up = np.sin(np.linspace(-np.pi / 2, 0, 12, endpoint=False)) * (1.2 + margin)
    half = np.concatenate([np.sqrt(1 - (up / (1.2 + margin)) ** 2), (1 - (down / chin) ** person.jaw) ** (1 / 1.9)])
    right = np.stack([(person.width + margin) * half, np.concatenate([up, down])], axis=1)
    return np.concatenate([right, right[::-1] * [-1, 1]])


def _paint_background(canvas: Canvas, face: Face, rng: np.random.Generator) -> None:
    """Paint blurred shapes behind the head, then long hair, neck and shoulders."""
    person = face.person
    for x, y, radius, tone in rng.uniform([-1, -1, 0.2, 0], [1, 1, 0.7, 1], (3, 4)):
        canvas.fill(ellipse(x, y, radius, radius), tone, 0.5, 0.08)
    if person.hair_length > _LONG_HAIR:
        canvas.fill(_outline(face, 0.22), 0.8 * person.hair, 1.0, 0.03)
        canvas.fill(np.array([[-0.9, 0], [0.9, 0], [1.0, 1.3], [-1.0, 1.3]]), 0.8 * person.hair, 0.9, 0.05)
    canvas.fill(np.array([[-0.42, 0.5], [0.42, 0.5], [0.5, 1.3], [-0.5, 1.3]]), 0.6 * person.skin, 1.0, 0.03)


def _paint_head(canvas: Canvas, face: Face) -> None:
    person = face.person
    for side in (-1, 1):
        canvas.fill(ellipse(side * person.width, -0.1, 0.09, 0.2), 0.8 * person.skin, 1.0, 0.015)
    canvas.fill(_outline(face), person.skin, 1.0, 0.012)
    if person.beard > _BEARD:
        right = np.array([[0.2, 0.3], [0.4, 0.38], [0.66, 0.15], [0.5, 1.1]])
        beard = canvas.project(np.concatenate([right, right[::-1] * [-1, 1]]))
        canvas.fill(beard, 0.5 * person.hair, 0.65, 0.05, within=_outline(face))


def _paint_hair(canvas: Canvas, face: Face, rng: np.random.Generator) -> None:
    """Paint the hair above the hairline, down the temples, with strands; some people wear a fringe."""
    person = face.person
    line = person.hairline + (0.22 if person.fringe > _FRINGE else 0.0)
    peak = (person.parting, line - 0.5 * abs(person.parting) ** 2)
    hairline = canvas.project(np.concatenate([_lock((-0.66, line + 0.3), peak), _lock((0.66, line + 0.3), peak)[::-1]]))
    width = person.width + 0.1
    cap = np.array([[width, 0.0], [width + 0.08, -1.3], [-width - 0.08, -1.3], [-width, 0.0], [-width + 0.12, -0.35]])
    canvas.fill(np.concatenate([cap, hairline, [[width - 0.12, -0.35]]]), person.hair, 1.0, 0.025)
    for end, tone, length in rng.uniform([-0.8, 0.5, -0.15], [0.8, 1.6, 0.06], (18, 3)):
        tip = (end, line + 0.6 * (end - person.parting) ** 2 + length)
        strand = _lock(tip, (person.parting + 0.2 * end, -1.15))
        canvas.line(canvas.project(strand), 0.03, min(1.0, tone * person.hair), 0.5, 0.01)


def _lock(tip: tuple[float, float], root: tuple[float, float]) -> np.ndarray:
    """Return the arc that a lock of hair falls in, from its tip up to its root."""
    return curve(tip, (tip[0] + 0.3 * (root[0] - tip[0]), tip[1] + 0.7 * (root[1] - tip[1])), root)


def _texture(rng: np.random.Generator) -> np.ndarray:
    """Return the unevenness of skin and cloth, (SIZE, SIZE) float32 factors around 1."""
    coarse = rng.normal(1.0, 0.05, (16, 16)).astype(np.float32)
    return cv2.resize(coarse, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)


def _paint_things(canvas: Canvas, face: Face) -> None:
    """Paint what hides parts of a face: glasses, or a hand before the chin."""
    person, scene = face.person, face.scene
    if person.glasses > _GLASSES:
        for side in (-1, 1):
            rim = canvas.project(ellipse(side * person.eye_distance, -0.2, 0.22, 0.16), 0.05)
            canvas.line(np.concatenate([rim, rim[:1]]), 0.025, 0.08, 0.7, 0.006)
        canvas.line(canvas.project(np.array([[-0.14, -0.22], [0.14, -0.22]]), 0.12), 0.03, 0.08, 0.8, 0.006)
    if scene.occlusion > _OCCLUSION:
        for finger in range(4):
            x = scene.occlusion_x + 0.15 * finger - 0.2
            shape = ellipse(x, scene.occlusion_y + 0.35, 0.085, 0.4)
            canvas.fill(shape, (0.5 + 0.05 * finger) * person.skin, 1.0, 0.012)


def _photograph(tones: np.ndarray, face: Face, rng: np.random.Generator) -> np.ndarray:
    """Roll and crop the canvas, reduce it to the picture's size, blur it, expose it, add the sensor's noise."""
    scene = face.scene
    scale = SIZE / (2 * EXTENT)
    motion = cv2.getRotationMatrix2D((SIZE / 2, SIZE / 2), np.degrees(scene.roll), scene.zoom * EXTENT)
    motion[:, 2] += np.array([scene.shift_x, scene.shift_y]) * scale
    rolled = cv2.warpAffine(tones, motion, (SIZE, SIZE), borderMode=cv2.BORDER_REPLICATE)
    small = cv2.resize(rolled, (IMAGE_SIZE, IMAGE_SIZE), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), scene.blur)
    darkest, brightest = np.percentile(small, [1, 99])
    exposed = scene.black + (scene.white - scene.black) * (small - darkest) / max(brightest - darkest, 0.3)
    exposed += rng.normal(0.0, scene.noise, small.shape)
    return np.clip(np.rint(255 * exposed), 0, 255).astype(np.uint8)
