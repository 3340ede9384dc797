"""Sparse SIFT: key points found and described by OpenCV (Lowe, IJCV 2004), many or none a face."""

import cv2
import numpy as np

from openfer.descriptors.chunks import described, views
from openfer.descriptors.settings import LENGTH, KeyPoints


def rootsift(descriptors: np.ndarray) -> np.ndarray:
    """Return the square root of L1-normalised descriptors, (…, 128) float32; zeros stay zeros.

    Euclidean distances between these are Hellinger distances between the descriptors (Arandjelović & Zisserman 2012).
    """
    roots = np.sqrt(descriptors, dtype=np.float32)
    return roots / np.maximum(np.linalg.norm(roots, axis=-1, keepdims=True), np.finfo(np.float32).tiny)


def describe(
    images: np.ndarray, settings: KeyPoints, workers: int | None = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find and describe the key points of every face and of its mirror image.

    Args:
        images: (n, 48, 48) uint8.
        settings: how key points are found.
        workers: number of threads; None takes every core. It does not change the result.

    Returns:
        (m, 128) uint8, the descriptors ordered by face, then view, then OpenCV's order; (m, 2) float32, where their
        key points are: x, y in pixels of the view; and (n, 2) int32, how many belong to each face and view.
    """

    def describe_chunk(faces: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        sift = cv2.SIFT_create(
            contrastThreshold=settings.contrast_threshold, edgeThreshold=settings.edge_threshold, sigma=settings.sigma
        )
        found, places = zip(*(_detect(sift, view) for face in faces for view in views(face)), strict=True)
        return np.concatenate(found), np.concatenate(places), np.reshape([len(view) for view in found], (-1, 2))

    descriptors, positions = [np.empty((0, LENGTH), np.uint8)], [np.empty((0, 2), np.float32)]
    counts = np.zeros((len(images), 2), np.int32)
    for rows, (found, places, numbers) in described(describe_chunk, images, "SIFT", workers):
        descriptors.append(found)
        positions.append(places)
        counts[rows] = numbers
    return np.concatenate(descriptors), np.concatenate(positions), counts


def _detect(sift: cv2.SIFT, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (m, 128) uint8 and (m, 2) float32; OpenCV gives whole numbers as float32, and None where nothing is."""
    points, descriptors = sift.detectAndCompute(image, None)
    if descriptors is None:
        return np.empty((0, LENGTH), np.uint8), np.empty((0, 2), np.float32)
    return descriptors.astype(np.uint8), np.array([point.pt for point in points], np.float32)
