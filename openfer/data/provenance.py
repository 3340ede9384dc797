"""Which file a source is: its checksums, and its name where it is one of the published ones."""

import hashlib
from pathlib import Path

from openfer.data.archives import open_csv
from openfer.data.folders import find_pictures
from openfer.files import digest

PUBLISHED = {
    "f8428a1edbd21e88f42c73edd2a14f95": "Kaggle's fer2013.csv",
    "b114b9e04e6949e5fe8b6a98b3892b1d": "Kaggle's icml_face_data.csv",
    "3f0dfb3d3fd99c811a1299cb947e3131": "Kaggle's train.csv",
    "c11e9e52deb53d09cc3373c4136c3b27": (
        "the rebuilt file that this project's figures come from: Kaggle's fer2013.csv, but for 173 rows within JPEG "
        "error, and 108 rows of byte-identical images of which it is arbitrary which has which label"
    ),
}
"""MD5 of a CSV, unpacked → what it is."""


def provenance(source: str) -> dict[str, str | None]:
    """Identify a source for the data report.

    Returns:
        source: its name without folders; sha256: of a file as it is, of a folder over relative path and bytes of each
        picture in order; md5: of the CSV, unpacked, None for a folder; recognised_as: None where it is not published.

    Raises:
        IngestError: an archive is damaged, or a folder holds no picture.
    """
    path = Path(source)
    md5 = None if path.is_dir() else _md5(path)
    return {
        "source": path.name,
        "sha256": _sha256_of_pictures(path) if path.is_dir() else digest(path),
        "md5": md5,
        "recognised_as": recognise(md5),
    }


def recognise(md5: str | None) -> str | None:
    """Name the published file with this MD5 (unpacked, hexadecimal), None for any other."""
    return PUBLISHED.get(md5)


def _md5(path: Path) -> str:
    """Return the MD5 of a CSV, unpacked, as Kaggle and others state it."""
    with open_csv(path) as (content, _):
        return hashlib.file_digest(content, "md5").hexdigest()


def _sha256_of_pictures(root: Path) -> str:
    pictures = hashlib.sha256()
    for picture in find_pictures(root)[0]:
        pictures.update(picture.relative_to(root).as_posix().encode())
        pictures.update(picture.read_bytes())
    return pictures.hexdigest()
