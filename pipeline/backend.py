"""The Keras backend of a stage, chosen before Keras is imported, from params.yaml and not from the environment."""

import importlib.util
import os
import sys

from openfer.errors import Refused


class BackendError(Refused):
    """A backend is not installed."""


def choose(backend: str) -> None:
    """Make Keras run on a backend: "tensorflow", "jax" or "torch".

    Raises:
        BackendError: it is not installed.
    """
    if importlib.util.find_spec(backend) is None:
        raise BackendError(
            f"train.backend is {backend}, which is not installed: pip install {backend} for your machine, "
            "or set train.backend: tensorflow"
        )
    if "keras" in sys.modules and sys.modules["keras"].backend.backend() != backend:
        raise RuntimeError(f"Keras runs on {sys.modules['keras'].backend.backend()} already, not on {backend}")
    os.environ["KERAS_BACKEND"] = backend
    # TensorFlow leaves oneDNN off on processors without AVX-512, where it is as right, and twice as fast, as well.
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no lines about processors and missing GPUs
