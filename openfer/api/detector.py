"""The detectors by the names that users give."""

from openfer.errors import Refused
from openfer.faces import detectors
from openfer.faces.alignment import Detector

CLASSES = {"yunet": "YuNet", "haar": "Haar"}
"""Classes of openfer/faces/detectors.py."""


def detector_of(name: str, smallest: int) -> Detector:
    """Return a detector that is ready to search.

    Args:
        name: of `CLASSES`.
        smallest: side in pixels of the smallest face.

    Raises:
        Refused: there is no such detector, or no such size.
    """
    if name not in CLASSES:
        raise Refused(f"detector must be one of {', '.join(CLASSES)}. Received: {name!r}")
    if isinstance(smallest, bool) or not isinstance(smallest, int) or smallest < 1:
        raise Refused(f"smallest must be a whole number of pixels, 1 or more. Received: {smallest!r}")
    return getattr(detectors, CLASSES[name], detectors.Haar)(smallest)
