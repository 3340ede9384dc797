"""An exported model as an MLflow model: registered once it is exported, served by `mlflow models serve`."""

import logging
import time
from importlib.metadata import distributions
from pathlib import Path

import numpy as np

import openfer
from openfer.emotions import EMOTIONS
from pipeline.tracking import open_store, origin

PACKAGES = {
    "mlflow",
    "numpy",
    "onnxruntime",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
    "scipy",
    "tqdm",
}
"""What of this environment a server needs."""

LIBRARY = Path(openfer.__file__).parent
"""What a server runs of this project."""

log = logging.getLogger(__name__)


def register(root: Path, folder: Path, name: str, example: np.ndarray) -> None:
    """Log an exported model with signature and example and register it; never raises.

    Args:
        root: the project, whose store is used unless MLFLOW_TRACKING_URI names a server.
        folder: of the exported model.
        name: in the registry.
        example: (n, 48, 48) uint8, faces.
    """
    started = time.monotonic()
    try:
        _send(root, folder, name, example)
    except Exception as error:  # the exported files are there, whatever the store does
        seconds = time.monotonic() - started
        log.warning("MLflow: %s was not registered (%.0f s): %s. It lies in %s.", name, seconds, error, folder)


def _send(root: Path, folder: Path, name: str, example: np.ndarray) -> None:
    import mlflow  # 1.4 s

    open_store(root)
    outputs = np.zeros((len(example), len(EMOTIONS)))
    with mlflow.start_run(run_name=f"export {name}", tags=origin()):
        mlflow.pyfunc.log_model(
            name=name,
            python_model=str(LIBRARY / "export" / "mlflow_model.py"),
            artifacts={"bundle": str(folder)},
            code_paths=[str(LIBRARY)],
            signature=mlflow.models.infer_signature(example, outputs),
            input_example=example,
            registered_model_name=name,
            pip_requirements=sorted(f"{one.name}=={one.version}" for one in distributions() if one.name in PACKAGES),
        )
