"""Small sources for the tests of ingest."""

import numpy as np

from openfer.emotions import IMAGE_SIZE, SPLITS

OFFICIAL = ("emotion", "pixels", "Usage")


def faces(count, seed=0):
    """Return random images, labels and split codes; the first rows show all splits."""
    generator = np.random.default_rng(seed)
    images = generator.integers(0, 256, (count, IMAGE_SIZE, IMAGE_SIZE), dtype=np.uint8)
    return images, generator.integers(0, 7, count, dtype=np.uint8), np.arange(count, dtype=np.uint8) % 3


def csv_bytes(images, labels, split, columns=OFFICIAL, header=None, end="\n", blank=" "):
    """Write rows as the text of a CSV."""
    lines = [header or ",".join(columns)]
    for image, label, code in zip(images, labels, split, strict=True):
        numbers = blank.join(map(str, image.ravel().tolist()))
        cells = {"emotion": str(label), "pixels": numbers, "Usage": SPLITS[code]}
        lines.append(",".join(cells[column] for column in columns))
    return (end.join(lines) + end).encode()
