"""What `mlflow models serve` runs: MLflow executes this file; pipeline/registry.py logs it."""

from pathlib import Path
from typing import Any

import mlflow
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE

from openfer.api.recognizer import Recognizer
from openfer.api.served import answers
from openfer.errors import Refused


class RefusedInput(MlflowException):
    """An input that is refused; the server answers 400."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Keep the reason as it is: the server would put all that was sent, whole pictures, before it."""
        if name != "message" or not hasattr(self, "message"):
            super().__setattr__(name, value)


class Served(mlflow.pyfunc.PythonModel):
    """Pictures in, faces out."""

    def load_context(self, context: mlflow.pyfunc.PythonModelContext) -> None:
        """Load the exported model."""
        self.recognize = Recognizer(Path(context.artifacts["model"]))

    def predict(
        self, context: mlflow.pyfunc.PythonModelContext, model_input: list[Any], params: dict[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Return the faces of each picture, as `openfer.api.served.answers`; "crop" in `params` takes them as faces.

        Raises:
            RefusedInput: one is no picture.
        """
        try:
            return answers(self.recognize, model_input, bool((params or {}).get("crop")))
        except Refused as error:
            raise RefusedInput(str(error), error_code=INVALID_PARAMETER_VALUE) from error


mlflow.models.set_model(Served())
