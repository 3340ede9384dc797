"""The arithmetic of a training where params leave it to the machine: bfloat16 where that is fast, float32 elsewhere.

A processor without instructions for bfloat16 does it, too, but many times more slowly.
"""

import dataclasses
import shutil
from pathlib import Path
from typing import Any

from pipeline import backend, devices, params
from pipeline.processor import instructions

INSTRUCTIONS = {"avx512_bf16", "amx_bf16"}

AMPERE = (8, 0)
"""Compute capability of the first GPUs with bfloat16."""


def recipe(path: Path = params.PARAMS) -> Any:
    """Return the section `train` of a file of params, with a precision that Keras knows.

    Args:
        path: of the file, one of `params.SCHEMAS`.

    Raises:
        ParamsError: as `params.load`.
        BackendError: the backend is not installed.
    """
    found = params.load("train", path)
    return dataclasses.replace(found, precision=settled(found.precision, found.backend))


def settled(precision: str, name: str) -> str:
    """Return a dtype policy of Keras: for "auto" the faster one of this machine with the backend of that name."""
    if precision != "auto":
        return precision
    return "mixed_bfloat16" if instructions() & INSTRUCTIONS or _gpu_has_it(name) else "float32"


def _gpu_has_it(name: str) -> bool:
    """Ask the backend, which takes seconds to import, only where there is a GPU at all."""
    if shutil.which("nvidia-smi") is None:
        return False
    backend.choose(name)
    if name == "torch":
        import torch

        return torch.cuda.is_available() and torch.cuda.get_device_capability() >= AMPERE
    if name == "jax":
        import jax

        devices.join()  # JAX refuses it once it has been asked for its devices
        versions = [device.compute_capability for device in jax.devices() if device.platform == "gpu"]
        return any(tuple(map(int, version.split("."))) >= AMPERE for version in versions)
    import tensorflow as tf

    gpus = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
    return any(gpu.get("compute_capability", (0, 0)) >= AMPERE for gpu in gpus)
