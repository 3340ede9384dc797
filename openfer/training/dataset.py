"""Faces with their labels and, for a hybrid network, their descriptors."""

from dataclasses import dataclass

import numpy as np

from openfer.networks.inputs import DESCRIPTOR, IMAGE


@dataclass(frozen=True)
class Dataset:
    """Rows of FER2013.

    Attributes:
        images: (n, 48, 48) uint8 grey values.
        labels: (n,) uint8 codes, see openfer/emotions.py.
        descriptors: (n, 2, d) float16 or float32, of the picture and its mirror image; None for a network on pixels
            alone.
    """

    images: np.ndarray
    labels: np.ndarray
    descriptors: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, rows: np.ndarray) -> "Dataset":
        """Copy the rows of a mask or of indices into memory."""
        descriptors = None if self.descriptors is None else self.descriptors[rows]
        return Dataset(self.images[rows], self.labels[rows], descriptors)

    @property
    def descriptor_size(self) -> int:
        """Values of a descriptor; 0 where there are none."""
        return 0 if self.descriptors is None else self.descriptors.shape[-1]

    def inputs_of_both_views(self) -> dict[str, np.ndarray]:
        """Return by name of input what statistics are taken of: the pictures, and the descriptors of both views."""
        pictures = {IMAGE: self.images[..., np.newaxis]}
        return pictures if self.descriptors is None else pictures | {DESCRIPTOR: self.descriptors}

    def inputs(self, mirrored: np.ndarray | int = 0) -> list[np.ndarray]:
        """Return the inputs of a network: the pictures as they are, and the descriptors of one view.

        Args:
            mirrored: 0 or 1, one for all rows or one per row: which view's descriptor is returned.
        """
        images = self.images[..., np.newaxis]
        if self.descriptors is None:
            return [images]
        return [images, self.descriptors[np.arange(len(self)), mirrored]]
