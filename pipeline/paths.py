"""Where everything that the pipeline makes lies, relative to the project's root, in which DVC runs every stage."""

import os
from collections.abc import Iterable
from pathlib import Path

from openfer import emotions
from openfer.emotions import SPLITS

DATA, MODELS, METRICS, EXPORTED = Path("data"), Path("models"), Path("metrics"), Path("exported")

IMAGES = DATA / "faces" / "images.npy"
LABELS = DATA / "faces" / "labels.npy"
SPLIT = DATA / "faces" / "split.npy"
EMOTIONS = DATA / "faces" / "emotions.json"
"""The classes in the order of their labels: name → expressions of the source."""

VOTES = DATA / "crowd" / "votes.npy"

SIFT_DESCRIPTORS = DATA / "sift" / "descriptors.npy"
SIFT_POSITIONS = DATA / "sift" / "positions.npy"
SIFT_COUNTS = DATA / "sift" / "counts.npy"
SIFT_VOCABULARY = DATA / "sift" / "vocabulary.npy"

FEATURES = ("landmarks", "hog", "sliding_hog", "sift", "dsift")
"""What other published systems see of a face beside its pixels."""

FEATURE_PICTURES = METRICS / "baselines" / "features" / "pictures"
"""Some Training faces as each feature sees them; DVC keeps them."""

CODE = DATA / "code"
"""What the code does, file by file, as the stage `code` writes it."""

DATA_REPORT = METRICS / "data" / "report.json"
DATA_SAMPLES = METRICS / "data" / "samples.png"

SUMMARY = METRICS / "summary.json"
PRIVATE_TEST = METRICS / "private_test"
"""Everything that is known of PrivateTest, written by report/dvc.yaml alone."""

CROWD, PRIVATE_CROWD = METRICS / "crowd", PRIVATE_TEST / "crowd"
"""What crowd/dvc.yaml and crowd/report/dvc.yaml write: answers held against what people see."""

BASELINES, PRIVATE_BASELINES = METRICS / "baselines", PRIVATE_TEST / "baselines"
"""What baselines/dvc.yaml and baselines/report/dvc.yaml write: the systems that others have published."""

BASELINE_SIZES = BASELINES / "sizes.json"

CROWD_EXPORTED = Path("crowd") / "exported"
"""The exported models of the crowd, a folder each."""

TRANSFER_EXPORTED = Path("transfer") / "exported"
"""The exported model that transfer/dvc.yaml makes."""

PRIVATE_TRANSFER = PRIVATE_TEST / "transfer"
"""What transfer/report/dvc.yaml writes: figures of the network that went on with other faces."""

COMPARISONS = PRIVATE_TEST / "comparisons.json"
CARDS = PRIVATE_TEST / "cards"


def descriptor_path(descriptor: str) -> Path:
    """Return the file of "sift" or "dsift": (n, 2, d) float16, axis 1 = the image, its mirror image."""
    return DATA / descriptor / "features.npy"


def feature_path(feature: str) -> Path:
    """Return the file of one of FEATURES: (n, d) float32, rows as in IMAGES."""
    return DATA / "baselines" / f"{feature}.npy"


def feature_report(feature: str) -> Path:
    """Return which faces a feature cannot describe."""
    return METRICS / "baselines" / "features" / f"{feature}.json"


def model_name(network: str, descriptor: str | None = None) -> str:
    """Name a model after its network and descriptor, e.g. "cnn" or "cnn-sift"."""
    return f"{network}-{descriptor}" if descriptor else network


def descriptor_of(model: str) -> str | None:
    """Return the descriptor of a model: "sift", "dsift", or None as for those of the crowd."""
    name = model.rpartition("-")[2]
    return name if name in ("sift", "dsift") else None


def descriptors_of(models: Iterable[str]) -> list[str]:
    """Return the descriptors that some models need, each once, in order."""
    return sorted({descriptor for model in models if (descriptor := descriptor_of(model))})


def model_path(model: str) -> Path:
    """Return the file of a trained network."""
    return MODELS / f"{model}.keras"


def svm_path(name: str) -> Path:
    """Return the file of a support vector machine."""
    return MODELS / f"{name}.npz"


def history_path(model: str) -> Path:
    """Return the file with one row per epoch of a model's training."""
    return METRICS / "histories" / f"{model}.csv"


def exported_path(system: str) -> Path:
    """Return the folder of an exported model or ensemble."""
    return EXPORTED / system


def probabilities_path(folder: Path, model: str) -> Path:
    """Return the table of a model's probabilities under METRICS or PRIVATE_TEST, one row per face, in order."""
    return folder / "probabilities" / f"{model}.csv"


def evaluation_path(folder: Path) -> Path:
    """Return the figures of every model and ensemble on the split of METRICS or PRIVATE_TEST."""
    return folder / "evaluation.json"


def predictions_path(folder: Path) -> Path:
    """Return the table of what every model and ensemble predicts, one row per face."""
    return folder / "predictions.csv"


def confusion_path(folder: Path) -> Path:
    """Return the table of all confusion matrices, one row per system and cell."""
    return folder / "confusion.csv"


def figures_folder(folder: Path) -> Path:
    """Return where the pictures of METRICS or PRIVATE_TEST lie; DVC keeps them."""
    return folder / "figures"


def split_of(folder: Path) -> str:
    """Return the split that METRICS or PRIVATE_TEST is about."""
    return SPLITS[emotions.PRIVATE_TEST if folder == PRIVATE_TEST else emotions.PUBLIC_TEST]


def checkpoint_folder(model: str, fingerprint: str) -> Path:
    """Return where an unfinished training is kept: in the project itself, also when DVC runs in a temporary clone."""
    return project_root() / ".checkpoints" / model / fingerprint


def project_root() -> Path:
    """Return the root of the user's project; DVC sets DVC_ROOT, also for experiments that run in a clone."""
    return Path(os.environ.get("DVC_ROOT", "."))


def in_workspace() -> bool:
    """Tell whether this is the user's project, and no clone in which DVC runs an experiment."""
    return project_root().resolve() == Path.cwd()
