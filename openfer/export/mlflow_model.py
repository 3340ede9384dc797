"""What `mlflow models serve` runs: MLflow executes this file; pipeline/registry.py logs it."""

from pathlib import Path

import mlflow
import numpy as np

from openfer.export.model_folder import ExportedModel


class Served(mlflow.pyfunc.PythonModel):
    """Faces in, calibrated probabilities out."""

    def load_context(self, context: mlflow.pyfunc.PythonModelContext) -> None:
        """Load the exported model."""
        self.model = ExportedModel.load(Path(context.artifacts["model"]))

    def predict(self, context: mlflow.pyfunc.PythonModelContext, model_input: np.ndarray) -> np.ndarray:
        """Return probabilities (n, 7), in the order of `openfer.emotions.EMOTIONS`, of faces (n, 48, 48) uint8."""
        return self.model.predict(np.asarray(model_input, np.uint8))


mlflow.models.set_model(Served())
