"""Facial expression recognition on FER2013: the library behind the pipeline and the program."""

import importlib
import os
from pathlib import Path
from typing import Any

# onnxruntime looks up a server of its maker and keeps an id of the machine in ~/.cache. Only this variable, set before
# it is imported, keeps it from that; its own disable_telemetry_events() comes too late.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

MODEL = Path(__file__).parent / "model"
"""Folder of the trained model that is part of the package."""

LATER = {"Recognizer": "openfer.api.recognizer"}
"""What users import from here, and where it lies; loaded when it is asked for, so that this package loads at once."""


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(LATER[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *LATER])
