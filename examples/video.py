"""A film → a table with a row a face, twice a second (`openfer video` follows people, too, and marks the film).

python examples/video.py film.mp4 faces.csv
"""

import csv
import sys
from pathlib import Path

import cv2

from openfer import Recognizer

film, recognize, last = cv2.VideoCapture(sys.argv[1]), Recognizer(order="bgr"), -1.0
with Path(sys.argv[2]).open("w", newline="", encoding="utf-8") as file:
    table = csv.writer(file)
    table.writerow(["seconds", "face", "emotion", "unsure", "happy"])
    while film.grab():
        seconds = film.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if seconds - last < 0.5 and last >= 0:
            continue
        last, (_, frame) = seconds, film.retrieve()
        for number, face in enumerate(recognize(frame).faces, start=1):
            table.writerow([f"{seconds:.2f}", number, face.emotion, face.unsure, f"{face.scores['happy']:.4f}"])
