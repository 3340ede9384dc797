"""Photographs sorted by split and emotion → their faces, 48 × 48 and grey, in the same folders: what a training reads.

python examples/crops.py photographs/ faces/
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from openfer import Recognizer
from openfer.faces.alignment import cut_out

source, target = map(Path, sys.argv[1:])
recognize = Recognizer()
for path in sorted(path for path in source.rglob("*") if path.is_file()):
    picture = np.asarray(ImageOps.exif_transpose(Image.open(path)).convert("RGB"))
    faces = recognize(picture).faces
    if len(faces) != 1:  # whose emotion would the folder name?
        print(f"{path}: left out, {len(faces)} faces")
        continue
    crop = (target / path.relative_to(source)).with_suffix(".png")
    crop.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(cut_out(picture, faces[0].expression.face)).save(crop)
