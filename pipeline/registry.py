"""An exported model as an MLflow model: registered where it has changed, served by `mlflow models serve`."""

import hashlib
import logging
import shutil
import tempfile
import time
from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import openfer
from pipeline.child import AT_MOST, Caller, Child
from pipeline.store import open_store, origin

if TYPE_CHECKING:
    import mlflow

PACKAGES = {
    "annotated-types",
    "mlflow",
    "numpy",
    "onnxruntime",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
    "pillow",
    "pillow-heif",
    "tqdm",
}
"""What of this environment a server needs."""

LIBRARY = Path(openfer.__file__).parent
"""What a server runs of this project, but for the model that it ships."""

CARD = "README.md"
"""What of an exported folder is read by people only."""

log = logging.getLogger(__name__)


def register(root: Path, folder: Path, name: str, example: np.ndarray) -> None:
    """Log an exported model with signature and example and register it unless the latest version is the same.

    Never raises, and takes half a minute at most; what fails is a warning.

    Args:
        root: the project, whose store is used unless MLFLOW_TRACKING_URI names a server.
        folder: of the exported model.
        name: in the registry.
        example: (n, 48, 48) uint8, faces.
    """
    started, child = time.monotonic(), Child("pipeline.registry")
    child.send(
        {"root": str(root.resolve()), "folder": str(folder.resolve()), "name": name, "example": example.tolist()}
    )
    reports = child.wait(silence=AT_MOST)  # sending 53 MB is one silent step
    if not reports.get("done"):
        text, seconds = "MLflow: %s was not registered (%.0f s): %s. It lies in %s.", time.monotonic() - started
        log.warning(text, name, seconds, reports["error"], folder)


def digest(folder: Path) -> str:
    """Return a checksum over all that an exported model predicts with: every file but its card."""
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != CARD)
    parts = [f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}" for path in files]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def main() -> None:
    """Register the model that the caller sends."""
    caller = Caller()
    (job,) = next(caller.batches())
    try:
        client, experiment = open_store(Path(job["root"]), caller.report)
        _register(client, experiment, Path(job["folder"]), job["name"], np.array(job["example"], np.uint8))
        caller.report(done=True)
    except Exception as error:  # whatever the store does, the caller says that it did
        caller.fail(error)
    caller.leave()


def _register(client: "mlflow.MlflowClient", experiment: str, folder: Path, name: str, example: np.ndarray) -> None:
    import mlflow

    mlflow.set_tracking_uri(client.tracking_uri)  # the store of log_model and register_model, which take no client
    content = digest(folder)
    if _latest_tags(client, name).get("sha256") == content:
        return
    with (
        tempfile.TemporaryDirectory() as code,
        mlflow.start_run(experiment_id=experiment, run_name=f"export {name}", tags=origin()),
    ):
        shutil.copytree(LIBRARY, Path(code) / LIBRARY.name, ignore=shutil.ignore_patterns("model", "__pycache__"))
        model = mlflow.pyfunc.log_model(
            name=name,
            python_model=str(LIBRARY / "api" / "mlflow_model.py"),
            artifacts={"model": str(folder)},
            code_paths=[str(Path(code) / LIBRARY.name)],
            input_example=([face.tolist() for face in example], {"crop": False}),  # says what may be set, and to what
            pip_requirements=sorted(f"{one.name}=={one.version}" for one in distributions() if one.name in PACKAGES),
        )
    mlflow.register_model(model.model_uri, name, tags={"sha256": content})


def _latest_tags(client: "mlflow.MlflowClient", name: str) -> dict[str, Any]:
    """Return the tags of the latest version of a registered model; empty where there is none."""
    versions = client.search_model_versions(f"name = '{name}'", order_by=["version_number DESC"], max_results=1)
    return versions[0].tags if versions else {}


if __name__ == "__main__":
    main()
