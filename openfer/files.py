"""Where everything that the pipeline makes lies, how it is loaded, how it is saved.

Paths are relative to the project's root, where DVC runs every stage. A file is written under a temporary name
beside its place and then renamed, so that a reader never sees half of it.
"""

import csv
import hashlib
import json
import os
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # Keras and Matplotlib take seconds to import, and most stages need neither
    import keras
    from matplotlib.figure import Figure

DATA, MODELS, METRICS, EXPORTED = Path("data"), Path("models"), Path("metrics"), Path("exported")

IMAGES = DATA / "faces" / "images.npy"
LABELS = DATA / "faces" / "labels.npy"
SPLIT = DATA / "faces" / "split.npy"

SIFT_DESCRIPTORS = DATA / "sift" / "descriptors.npy"
SIFT_POSITIONS = DATA / "sift" / "positions.npy"
SIFT_COUNTS = DATA / "sift" / "counts.npy"
SIFT_VOCABULARY = DATA / "sift" / "vocabulary.npy"

DATA_REPORT = METRICS / "data" / "report.json"
DATA_SAMPLES = METRICS / "data" / "samples.png"

SUMMARY = METRICS / "summary.json"
EVALUATION = METRICS / "evaluation.json"
COMPARISONS = METRICS / "comparisons.json"
LEARNING_CURVES = METRICS / "learning_curves.png"
RELIABILITY = METRICS / "reliability.png"
MISTAKES = METRICS / "mistakes.png"


def predictions_path(split: str) -> Path:
    """Return the file of what every model and ensemble predicts on an evaluation split, a row an image."""
    return METRICS / "predictions" / f"{split}.csv"


def descriptor_path(descriptor: str) -> Path:
    """Return the file of "sift" or "dsift": (n, 2, d) float16, axis 1 = the image, its mirror image."""
    return DATA / descriptor / "features.npy"


def model_name(network: str, descriptor: str | None = None) -> str:
    """Name one of the six models after its network and descriptor, e.g. "cnn" or "cnn-sift"."""
    return f"{network}-{descriptor}" if descriptor else network


def descriptor_of(model: str) -> str | None:
    """Return the descriptor of one of the six models: "sift", "dsift" or None."""
    return model.partition("-")[2] or None


def model_path(model: str) -> Path:
    """Return the file of a trained network."""
    return MODELS / f"{model}.keras"


def exported_path(system: str) -> Path:
    """Return the folder of an exported model or ensemble."""
    return EXPORTED / system


def probabilities_path(model: str) -> Path:
    """Return the table of a model's probabilities, a row an image that is not in Training, in order."""
    return METRICS / model / "probabilities.csv"


def history_path(model: str) -> Path:
    """Return the file with a row an epoch of a model's training."""
    return METRICS / model / "history.csv"


def public_confusion_path(model: str) -> Path:
    """Return the picture of a model's confusion matrix on PublicTest."""
    return METRICS / model / "public_confusion.png"


def confusion_path(system: str, suffix: str) -> Path:
    """Return a model's or ensemble's confusion matrix on PrivateTest: ".png", the picture, or ".csv", the table."""
    return METRICS / system / f"confusion{suffix}"


def checkpoint_folder(model: str, fingerprint: str) -> Path:
    """Return where an unfinished training is kept: in the project itself, also when DVC runs in a temporary clone."""
    return project_root() / ".checkpoints" / model / fingerprint


def project_root() -> Path:
    """Return the root of the user's project; DVC sets DVC_ROOT, also for experiments that run in a clone."""
    return Path(os.environ.get("DVC_ROOT", "."))


def in_workspace() -> bool:
    """Tell whether this is the user's project, and no clone in which DVC runs an experiment."""
    return project_root().resolve() == Path.cwd()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` and rename it to `path` when the block ends without an error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())  # the content must be on the disk before the name is
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def save_array(path: Path, array: np.ndarray) -> None:
    """Write one array as .npy, whole or not at all."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def load_array(path: Path) -> np.ndarray:
    """Map a .npy file read-only into memory; pages are read when they are touched."""
    return np.load(path, mmap_mode="r", allow_pickle=False)


def save_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping as indented JSON that ends with a newline, so that Git shows small differences."""
    save_text(path, json.dumps(content, indent=2, allow_nan=False) + "\n")


def load_json(path: Path) -> dict[str, Any]:
    """Read a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def save_text(path: Path, text: str) -> None:
    """Write a text."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def save_bytes(path: Path, content: bytes) -> None:
    """Write bytes."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def save_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with the same keys as CSV; the keys of the first row are the header."""
    with replacing(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def save_figure(path: Path, figure: "Figure") -> None:
    """Write a figure as PNG without time stamp or version, so that equal pictures are equal files."""
    with replacing(path) as temporary:
        figure.savefig(temporary, format="png", dpi=100, metadata={"Software": None})


def save_network(path: Path, network: "keras.Model") -> None:
    """Write a network as .keras, without the time stamps and object ids that differ from save to save."""
    with replacing(path) as temporary:
        original = temporary.with_suffix(".original.keras")
        try:
            network.save(original)
            with zipfile.ZipFile(original) as old, zipfile.ZipFile(temporary, "w") as new:
                for name in sorted(old.namelist()):
                    new.writestr(zipfile.ZipInfo(name), _canonical(name, old.read(name)), zipfile.ZIP_DEFLATED)
        finally:
            original.unlink(missing_ok=True)


def load_network(path: Path) -> "keras.Model":
    """Read a network for prediction; its optimizer and loss are not kept."""
    import keras

    return keras.models.load_model(path, compile=False)


def load_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV file as one mapping a row; all values are text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def digest(path: Path, algorithm: str = "sha256") -> str:
    """Return a checksum of a file in hexadecimal digits; DVC's is "md5"."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, algorithm).hexdigest()


def _canonical(name: str, content: bytes) -> bytes:
    """Fix the date in metadata.json and number the shared objects of config.json in the order of their appearance."""
    if name == "metadata.json":
        return json.dumps({"keras_version": json.loads(content)["keras_version"], "date_saved": "-"}).encode()
    if name == "config.json":
        numbers: dict[bytes, int] = {}
        return re.sub(
            rb'("shared_object_id": )(\d+)',
            lambda match: match[1] + str(numbers.setdefault(match[2], len(numbers))).encode(),
            content,
        )
    return content
