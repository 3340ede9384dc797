"""Describing many faces on all cores, with a progress bar, in an order that does not depend on the cores."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

CHUNK = 256
"""Faces a worker takes at once: small enough to keep all cores busy to the end, large enough to cost nothing."""


def described(
    describe: Callable[[np.ndarray], Any], images: np.ndarray, label: str, workers: int | None
) -> Iterator[tuple[slice, Any]]:
    """Yield (rows, describe(images[rows])) chunk after chunk, in the order of the faces.

    Threads are enough, because OpenCV releases Python's lock while it works.

    Args:
        describe: (c, 48, 48) uint8 → anything; runs in several threads at once.
        images: (n, 48, 48) uint8.
        label: stands before the progress bar, which only shows after a second (one face needs none).
        workers: number of threads; None takes every core.
    """
    rows = [slice(start, start + CHUNK) for start in range(0, len(images), CHUNK)]
    with (
        _single_threaded_opencv(),
        ThreadPoolExecutor(workers or os.cpu_count()) as pool,
        tqdm(total=len(images), desc=label, unit="face", delay=1) as bar,
    ):
        for chunk, result in zip(rows, pool.map(lambda chunk: describe(images[chunk]), rows), strict=True):
            yield chunk, result
            bar.update(len(images[chunk]))


def views(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the two views that are described: the image and its mirror image."""
    return image, np.ascontiguousarray(image[:, ::-1])


_OPENCV_THREADS = threading.RLock()
"""Held while the number is changed, which is the process's: two at once could leave it at one for good."""


@contextmanager
def _single_threaded_opencv() -> Iterator[None]:
    """Keep OpenCV from starting threads of its own inside every worker."""
    with _OPENCV_THREADS:
        before = cv2.getNumThreads()
        cv2.setNumThreads(1)
        try:
            yield
        finally:
            cv2.setNumThreads(before)
