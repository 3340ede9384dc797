"""A camera, live: what each picture shows, as soon as it is taken; Ctrl-C ends.

python examples/webcam.py [CAMERA]
"""

import sys
from collections.abc import Iterator

import cv2
import numpy as np

from openfer import Recognizer


def frames(camera: cv2.VideoCapture) -> Iterator[np.ndarray]:
    """Yield what a camera sees, as OpenCV reads it: blue, green, red."""
    while True:
        there, frame = camera.read()
        if not there:
            return
        yield frame


source = sys.argv[1] if len(sys.argv) > 1 else "0"
camera = cv2.VideoCapture(int(source) if source.isdigit() else source)
for result in Recognizer(order="bgr")(frames(camera)):
    print(", ".join(f"{face.emotion} {face.scores[face.emotion]:.0%}" for face in result.faces) or "no face")
