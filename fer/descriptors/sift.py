"""Sparse SIFT: key points found and described by OpenCV (Lowe, IJCV 2004), many or none a face."""

import cv2
import numpy as np

from fer.descriptors.chunks import described, views

LENGTH = 128
"""Values of one SIFT descriptor: 4 × 4 bins with 8 directions each."""


def describe(
    images: np.ndarray,
    *,
    contrast_threshold: float,
    edge_threshold: float,
    sigma: float,
    workers: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Find and describe the key points of every face and of its mirror image.

    Args:
        images: (n, 48, 48) uint8.
        contrast_threshold: the higher, the fewer weak key points are kept.
        edge_threshold: the higher, the more key points on edges are kept.
        sigma: blur in pixels of the first level, which OpenCV takes on the face enlarged twice.
        workers: number of threads; None takes every core. It does not change the result.

    Returns:
        (m, 128) uint8, the descriptors ordered by face, then view, then OpenCV's order; and (n, 2) int32, how many
        belong to each face and view.
    """

    def describe_chunk(faces: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int]]]:
        sift = cv2.SIFT_create(contrastThreshold=contrast_threshold, edgeThreshold=edge_threshold, sigma=sigma)
        pairs = [[_detect(sift, view) for view in views(face)] for face in faces]
        return np.concatenate([found for pair in pairs for found in pair]), [(len(a), len(b)) for a, b in pairs]

    descriptors = [np.empty((0, LENGTH), np.uint8)]
    counts = np.zeros((len(images), 2), np.int32)
    for rows, (found, numbers) in described(describe_chunk, images, "SIFT", workers):
        descriptors.append(found)
        counts[rows] = numbers
    return np.concatenate(descriptors), counts


def _detect(sift: cv2.SIFT, image: np.ndarray) -> np.ndarray:
    """Return (m, 128) uint8; OpenCV gives whole numbers from 0 to 255 as float32, and None where it finds nothing."""
    descriptors = sift.detectAndCompute(image, None)[1]
    return np.empty((0, LENGTH), np.uint8) if descriptors is None else descriptors.astype(np.uint8)
