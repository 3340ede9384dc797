"""A grey canvas in face coordinates: soft polygons and lines on a turned head."""

import cv2
import numpy as np

SIZE = 192
"""Side of the canvas in pixels: four times that of the picture, so that INTER_AREA averages 16 pixels to one."""

EXTENT = 1.15
"""The canvas reaches from -EXTENT to EXTENT, beyond the picture's -1 to 1, so that a rolled head has no corners."""

_SCALE = SIZE / (2 * EXTENT)
_FRACTION_BITS = 4
_INVISIBLE = 0.02


class Canvas:
    """Tones from 0 to 1, (SIZE, SIZE) float32, painted with points (n, 2) = x to the right, y down, 0 = mid-face."""

    def __init__(self, tone: float, yaw: float, pitch: float) -> None:
        self.tones = np.full((SIZE, SIZE), tone, np.float32)
        self._turn = np.array([np.sin(yaw), np.sin(pitch)])

    def project(self, points: np.ndarray, depth: float = 0.0) -> np.ndarray:
        """Turn points with the head, a cylinder about the vertical axis; `depth` is what they stand out from it."""
        points = np.atleast_2d(np.asarray(points, np.float64))
        surface = 0.7 * np.sqrt(np.maximum(0.0, 1.0 - points[:, :1] ** 2)) + depth
        return points * np.sqrt(1.0 - self._turn**2) + (surface - 0.4) * self._turn

    def fill(
        self,
        polygon: np.ndarray,
        tone: float,
        opacity: float = 1.0,
        blur: float = 0.0,
        *,
        within: np.ndarray | None = None,
    ) -> None:
        """Blend `tone` into a polygon, or its part `within` another; `blur` softens the edges (a Gaussian's sigma)."""
        self._blend([polygon] if within is None else [polygon, within], 0.0, tone, opacity, blur)

    def line(self, points: np.ndarray, width: float, tone: float, opacity: float = 1.0, blur: float = 0.0) -> None:
        """Blend `tone` along an open line of the given width."""
        self._blend([points], width, tone, opacity, blur)

    def _blend(self, shapes: list[np.ndarray], width: float, tone: float, opacity: float, blur: float) -> None:
        """Mix `tone` into the window around the first shape, as far as it and the others cover each pixel."""
        if opacity < _INVISIBLE:
            return
        pixels = [(shape + EXTENT) * _SCALE for shape in shapes]
        sigma, stroke = blur * _SCALE, width * _SCALE
        margin = 2 + 3 * sigma + stroke
        low = np.clip(np.floor(pixels[0].min(axis=0) - margin), 0, SIZE).astype(int)
        high = np.clip(np.ceil(pixels[0].max(axis=0) + margin), 0, SIZE).astype(int)
        if (high <= low).any():
            return
        mask = np.full(high[::-1] - low[::-1], opacity, np.float32)
        for shape in pixels:
            mask *= _coverage(mask.shape, shape - low, stroke, sigma)
        window = self.tones[low[1] : high[1], low[0] : high[0]]
        window += (np.float32(tone) - window) * mask


def ellipse(x: float, y: float, radius_x: float, radius_y: float) -> np.ndarray:
    """Return the outline of an ellipse as a polygon (24, 2)."""
    angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    return np.stack([x + radius_x * np.cos(angle), y + radius_y * np.sin(angle)], axis=1)


def curve(*points: tuple[float, float]) -> np.ndarray:
    """Return a smooth line (12, 2) through three points: the parabola that meets the second halfway."""
    start, middle, end = np.asarray(points, np.float64)
    t = np.linspace(0, 1, 12)[:, None]
    return (1 - t) * (1 - 2 * t) * start + 4 * t * (1 - t) * middle + t * (2 * t - 1) * end


def _coverage(shape: tuple[int, int], points: np.ndarray, stroke: float, sigma: float) -> np.ndarray:
    """Return how much of each pixel a line `stroke` pixels wide covers, or a filled polygon if `stroke` is 0."""
    mask = np.zeros(shape, np.uint8)
    fixed = [np.round(points * 2**_FRACTION_BITS).astype(np.int32)]
    if stroke == 0:
        cv2.fillPoly(mask, fixed, 255, cv2.LINE_AA, _FRACTION_BITS)
    else:
        cv2.polylines(mask, fixed, False, 255, max(1, round(stroke)), cv2.LINE_AA, _FRACTION_BITS)
    soft = mask.astype(np.float32) / 255
    return cv2.GaussianBlur(soft, (0, 0), sigma) if sigma > 0 else soft
