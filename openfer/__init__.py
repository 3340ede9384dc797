"""Facial expression recognition on FER2013: the library behind the pipeline and the program."""

import os
from pathlib import Path

# onnxruntime looks up a server of its maker and keeps an id of the machine in ~/.cache. Only this variable, set before
# it is imported, keeps it from that; its own disable_telemetry_events() comes too late.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

MODEL = Path(__file__).parent / "model"
"""Folder of the trained model that is part of the package."""
