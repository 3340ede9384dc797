"""Compare the descriptors of this project with the published way, in one run on one machine; prints ratios.

    python -m benchmarks.bench_descriptors

The published way: each face is written as JPEG and read again, described on one OpenCV thread, and each of its
descriptors is assigned to a word on its own. Settings are those of params.yaml on both sides, but for the published
histograms, which give a descriptor to its nearest word alone and know of no cells.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

import cv2
import numpy as np
from sklearn.cluster import KMeans

from benchmarks.telling import tell
from openfer.descriptors import dsift, histograms, sift
from openfer.descriptors.chunks import views
from openfer.descriptors.settings import Histograms
from pipeline import arrays, params

FACES, ALONE, ROUNDS = 2048, 500, 3
"""Faces described, descriptors that are assigned one at a time, and rounds of which the shortest counts."""


def main() -> None:
    """Time each way on the same faces, both views of each."""
    images = np.array(arrays.images()[:FACES])
    key_points, grid, pyramid = map(params.load, ("sift.keypoints", "dsift", "sift.histograms"))
    words = params.load("sift.vocabulary").words
    finder = cv2.SIFT_create(
        contrastThreshold=key_points.contrast_threshold,
        edgeThreshold=key_points.edge_threshold,
        sigma=key_points.sigma,
    )
    describer, places = cv2.SIFT_create(sigma=grid.sigma), dsift.centres(grid.step).tolist()
    points = [cv2.KeyPoint(x, y, size, angle=0) for size in grid.sizes for y in places for x in places]

    compare("SIFT", images, lambda: sift.describe(images, key_points), lambda view: finder.detectAndCompute(view, None))
    compare("DSIFT", images, lambda: dsift.describe(images, grid), lambda view: describer.compute(view, points))
    compare_assignment(sift.describe(images, key_points), words, pyramid)


def compare(name: str, images: np.ndarray, ours: Callable[[], Any], describe: Callable[[np.ndarray], Any]) -> None:
    """Print how much faster `ours` is than one thread, without and with a JPEG round trip."""
    both = [view for image in images for view in views(image)]
    cv2.setNumThreads(1)
    ways = ours, lambda: exhaust(map(describe, both)), lambda: exhaust(describe(round_trip(view)) for view in both)
    rounds = [[seconds(way) for way in ways] for _ in range(ROUNDS)]
    all_cores, one_thread, with_jpeg = np.min(rounds, axis=0)
    tell(
        f"{name}: {len(both) / all_cores:,.0f} views/s, {one_thread / all_cores:.2f}× one thread, "
        f"{with_jpeg / all_cores:.2f}× one thread with JPEG"
    )


def compare_assignment(found: tuple[np.ndarray, ...], count: int, pyramid: Histograms) -> None:
    """Print how much faster all descriptors are shared out in matrix products than assigned one at a time."""
    descriptors, *_ = found
    words = np.random.default_rng(0).choice(descriptors, count, replace=False).astype(np.float32)
    clusters = KMeans(count, init=words, n_init=1, max_iter=1).fit(words)
    alone = descriptors[:ALONE].astype(np.float32)
    rate = len(descriptors) / seconds(lambda: histograms.describe(*found, words, pyramid))
    slow_rate = len(alone) / seconds(lambda: exhaust(clusters.predict(row) for row in alone[:, np.newaxis]))
    tell(f"Histograms: {rate:,.0f} descriptors/s, {rate / slow_rate:.1f}× one at a time")


def round_trip(image: np.ndarray) -> np.ndarray:
    """Return the face as it comes back from a JPEG file."""
    return cv2.imdecode(cv2.imencode(".jpg", image)[1], cv2.IMREAD_GRAYSCALE)


def exhaust(results: Iterable) -> None:
    """Run a generator to its end, keeping nothing."""
    for _ in results:
        pass


def seconds(work: Callable[[], Any]) -> float:
    """Return the wall time of `work`."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
