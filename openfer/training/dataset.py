"""Faces with their labels or what shares of people see in them and, for a hybrid network, their descriptors."""

from dataclasses import dataclass

import numpy as np

from openfer.emotions import EMOTIONS
from openfer.networks.inputs import DESCRIPTOR, IMAGE


@dataclass(frozen=True)
class Dataset:
    """Rows of FER2013.

    Attributes:
        images: (n, 48, 48) uint8 grey values.
        labels: (n,) uint8 codes of classes.
        descriptors: (n, 2, d) float16 or float32, of the picture and its mirror image; None for a network on pixels
            alone.
        shares: (n, k) float32 that add up to 1, of the expressions that are to be learnt; None for the labels alone.
            Where there are more than seven, `labels` are codes of these.
        classes: what the labels are codes of, as many.
    """

    images: np.ndarray
    labels: np.ndarray
    descriptors: np.ndarray | None = None
    shares: np.ndarray | None = None
    classes: int = len(EMOTIONS)

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, rows: np.ndarray) -> "Dataset":
        """Copy the rows of a mask or of indices into memory."""
        descriptors, shares = (None if array is None else array[rows] for array in (self.descriptors, self.shares))
        return Dataset(self.images[rows], self.labels[rows], descriptors, shares, self.classes)

    @property
    def targets(self) -> np.ndarray:
        """What a network is to answer, (n, k) float32 that add up to 1."""
        return np.eye(self.classes, dtype=np.float32)[self.labels] if self.shares is None else self.shares

    @property
    def descriptor_size(self) -> int:
        """Values of a descriptor; 0 where there are none."""
        return 0 if self.descriptors is None else self.descriptors.shape[-1]

    def inputs_with_mirror_images(self) -> dict[str, np.ndarray]:
        """Return by name of input what statistics are taken of.

        Mirroring changes no grey value, so these are the pictures (n, 48, 48, 1) and, for a hybrid network, the
        descriptors (n, 2, d) of the faces and of their mirror images.
        """
        pictures = {IMAGE: self.images[..., np.newaxis]}
        return pictures if self.descriptors is None else pictures | {DESCRIPTOR: self.descriptors}

    def inputs(self, mirrored: np.ndarray | int = 0) -> list[np.ndarray]:
        """Return the inputs of a network: the pictures as they are, and the descriptor of each or of its mirror image.

        Args:
            mirrored: 1 for the descriptor of the mirror image, 0 for that of the face; one for all rows or one per row.
        """
        images = self.images[..., np.newaxis]
        if self.descriptors is None:
            return [images]
        return [images, self.descriptors[np.arange(len(self)), mirrored]]
