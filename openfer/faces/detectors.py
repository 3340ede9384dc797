"""The face detectors by the name that users give; all work offline and may be called from several threads."""

from openfer.faces.alignment import SMALLEST, Detector, DetectorError
from openfer.faces.haar import Haar
from openfer.faces.yunet import YuNet

DEFAULT = "yunet"
DETECTORS = {DEFAULT: YuNet, "haar": Haar}


def create(name: str = DEFAULT, smallest: int = SMALLEST) -> Detector:
    """Return a detector.

    Args:
        name: one of `DETECTORS`.
        smallest: side in pixels of the smallest face that it finds, in pictures of any size.

    Raises:
        DetectorError: there is none of that name, or the smallest face is smaller than it can find.
    """
    if name not in DETECTORS:
        raise DetectorError(f"detector must be one of {', '.join(DETECTORS)}. Received: {name!r}")
    return DETECTORS[name](smallest)
