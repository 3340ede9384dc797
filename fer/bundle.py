"""An exported model in a folder, run without Keras: model.onnx, model.json, for a SIFT hybrid vocabulary.npy."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from fer.calibration import scaled
from fer.dataset import IMAGE
from fer.descriptors import dsift, histograms, sift
from fer.emotions import EMOTIONS, IMAGE_SIZE
from fer.errors import Refused

FORMAT = 1
"""Version of what model.json holds."""

MODEL, FACTS, VOCABULARY = "model.onnx", "model.json", "vocabulary.npy"


class BundleError(Refused):
    """A folder is no exported model that this version can run."""


@dataclass(frozen=True)
class Bundle:
    """A model that runs.

    Attributes:
        facts: what model.json holds: "name", "display_name", "temperature", "unsure_below", "descriptors" (settings
            by name), "accuracy", "provenance".
        session: the network.
        vocabulary: (k, 128) of the SIFT words; None where none is wanted.
    """

    facts: Mapping[str, Any]
    session: onnxruntime.InferenceSession
    vocabulary: np.ndarray | None = None

    @classmethod
    def load(cls, folder: Path) -> "Bundle":
        """Read an exported model.

        Raises:
            BundleError: the folder lacks a file, was made by another version, or is damaged.
        """
        facts = _facts(folder)
        content = _content(folder / MODEL)
        if hashlib.sha256(content).hexdigest() != facts["sha256"]:
            raise BundleError(f"{folder / MODEL}: damaged: its checksum is not the one in {FACTS}")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        vocabulary = None
        if "sift" in facts["descriptors"]:
            _content(folder / VOCABULARY)
            vocabulary = np.load(folder / VOCABULARY, allow_pickle=False)
        return cls(facts, session, vocabulary)

    def predict(self, faces: np.ndarray, *, mirror: bool = True) -> np.ndarray:
        """Return calibrated probabilities (n, 7).

        Args:
            faces: (n, 48, 48) uint8, cut out as FER2013 has them.
            mirror: whether to average over the face and its mirror image.
        """
        if not len(faces):
            return np.empty((0, len(EMOTIONS)))
        views = [self._inputs(faces, view) for view in ((0, 1) if mirror else (0,))]
        inputs = {name: np.concatenate([view[name] for view in views]) for name in views[0]}
        (probabilities,) = self.session.run(None, inputs)
        mean = probabilities.reshape(len(views), len(faces), len(EMOTIONS)).mean(axis=0)
        return scaled(mean, self.facts["temperature"])

    def _inputs(self, faces: np.ndarray, mirrored: int) -> dict[str, np.ndarray]:
        """Return the inputs of the network for one view of each face."""
        images = faces[:, :, ::-1] if mirrored else faces
        inputs = {IMAGE: images[..., np.newaxis].astype(np.float32)}
        for name, settings in self.facts["descriptors"].items():
            inputs[name] = self._describe(name, faces, settings)[:, mirrored]
        return inputs

    def _describe(self, name: str, faces: np.ndarray, settings: Mapping[str, Any]) -> np.ndarray:
        """Return (n, 2, d) float32, in half precision as the networks were trained."""
        if name == "dsift":
            features = dsift.describe(faces, **settings)
        else:
            found = sift.describe(faces, **settings["key_points"])
            features = histograms.describe(*found, self.vocabulary, **settings["histograms"])
        return features.astype(np.float16).astype(np.float32)


def facts_of(content: bytes, **facts: Any) -> dict[str, Any]:
    """Return what model.json holds: the checksum of the network and the given facts."""
    return {"format": FORMAT, "sha256": hashlib.sha256(content).hexdigest(), "image_size": IMAGE_SIZE} | facts


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / FACTS
    try:
        facts = json.loads(_content(path))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BundleError(f"{path}: damaged ({error})") from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        made = facts.get("format") if isinstance(facts, dict) else None
        raise BundleError(f"{path}: made by another version (format {made}, this one reads {FORMAT})")
    return facts


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}; --model wants a folder that `dvc repro export` made") from error
