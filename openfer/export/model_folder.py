"""An exported model in a folder, run without Keras: model.onnx, model.json, for a SIFT hybrid vocabulary.npy."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from openfer.descriptors import dsift, histograms, sift
from openfer.descriptors.settings import Grid, Histograms, KeyPoints
from openfer.emotions import EMOTIONS, IMAGE_SIZE
from openfer.errors import Refused
from openfer.evaluation.calibration import scaled
from openfer.files import digest, save_array, save_bytes, save_json
from openfer.networks.inputs import IMAGE
from openfer.prediction.crops import BOTH, Crop, crop_of

FORMAT = 1
"""Version of what model.json holds."""

MODEL, FACTS, VOCABULARY = "model.onnx", "model.json", "vocabulary.npy"

REQUIRED = {"temperature": float, "unsure_below": float, "descriptors": dict, "sha256": str}
"""What a model cannot run without."""

AT_ONCE = 256
"""Faces that go through the network together; more need more memory and are no faster."""


class BundleError(Refused):
    """A folder is no exported model that this version can run."""


@dataclass(frozen=True)
class Bundle:
    """A model that runs.

    Attributes:
        facts: what model.json holds: "name", "display_name", "temperature", "unsure_below", "descriptors" (settings
            by name), "public_test" (how the threshold does there), "provenance" (MD5 of the networks).
        session: the network.
        vocabulary: (k, 128) of the SIFT words; None where none is wanted.
    """

    facts: Mapping[str, Any]
    session: onnxruntime.InferenceSession
    vocabulary: np.ndarray | None = None

    @classmethod
    def of(cls, network: bytes, facts: Mapping[str, Any], vocabulary: np.ndarray | None = None) -> "Bundle":
        """Make a network in ONNX ready to run."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # leaves the cores to the detector
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        return cls(facts, session, vocabulary)

    @classmethod
    def load(cls, folder: Path | str) -> "Bundle":
        """Read an exported model.

        Raises:
            BundleError: the folder lacks a file, was made by another version, or is damaged.
        """
        folder = Path(folder)
        facts = _facts(folder)
        network, vocabulary = _checked(folder / MODEL, facts["sha256"]), None
        if "sift" in facts["descriptors"]:
            content = _checked(folder / VOCABULARY, facts.get("sha256_vocabulary"))
            vocabulary = np.load(io.BytesIO(content), allow_pickle=False)
        try:
            return cls.of(network, facts, vocabulary)
        except Exception as error:  # onnxruntime's own kinds
            raise BundleError(f"{folder / MODEL}: onnxruntime {onnxruntime.__version__} cannot run it") from error

    def predict(self, faces: np.ndarray, views: Sequence[Crop] = BOTH) -> np.ndarray:
        """Return calibrated probabilities (n, 7), the mean over views of each face.

        Args:
            faces: (n, 48, 48) uint8, cut out as FER2013 has them.
            views: as in `openfer.prediction.crops`. Descriptors are those of the face or of its mirror image,
                whatever the shift.
        """
        return scaled(self.uncalibrated(faces, views), self.facts["temperature"])

    def uncalibrated(self, faces: np.ndarray, views: Sequence[Crop] = BOTH) -> np.ndarray:
        """Return the probabilities (n, 7) of `predict` as the network gives them."""
        parts = [self._mean(faces[start : start + AT_ONCE], views) for start in range(0, len(faces), AT_ONCE)]
        return np.concatenate([np.empty((0, len(EMOTIONS))), *parts])

    def _mean(self, faces: np.ndarray, views: Sequence[Crop]) -> np.ndarray:
        inputs = {IMAGE: np.concatenate([crop_of(faces, view) for view in views])[..., np.newaxis].astype(np.float32)}
        for name, settings in self.facts["descriptors"].items():
            described = self._describe(name, faces, settings)
            inputs[name] = np.concatenate([described[:, mirrored] for mirrored, _ in views])
        (probabilities,) = self.session.run(None, inputs)
        return probabilities.reshape(len(views), len(faces), len(EMOTIONS)).mean(axis=0)

    def _describe(self, name: str, faces: np.ndarray, settings: Mapping[str, Any]) -> np.ndarray:
        """Return (n, 2, d) float32, in half precision as the networks were trained."""
        if name == "dsift":
            features = dsift.describe(faces, Grid(**settings))
        else:
            found = sift.describe(faces, KeyPoints(**settings["key_points"]))
            features = histograms.describe(*found, self.vocabulary, Histograms(**settings["histograms"]))
        return features.astype(np.float16).astype(np.float32)


def save(folder: Path, network: bytes, facts: Mapping[str, Any], vocabulary: np.ndarray | None) -> None:
    """Write an exported model; what describes it comes last, so that a folder with model.json is whole.

    Args:
        folder: made where it is missing.
        network: in ONNX.
        facts: as in `Bundle.facts`; version, checksum and size of the faces are added.
        vocabulary: (k, 128) of the SIFT words where a SIFT hybrid takes part.
    """
    checked = {"format": FORMAT, "image_size": IMAGE_SIZE, "sha256": hashlib.sha256(network).hexdigest()}
    save_bytes(folder / MODEL, network)
    if vocabulary is not None:
        save_array(folder / VOCABULARY, vocabulary)
        checked["sha256_vocabulary"] = digest(folder / VOCABULARY)
    save_json(folder / FACTS, checked | facts)


def _facts(folder: Path) -> dict[str, Any]:
    path = folder / FACTS
    try:
        facts = json.loads(_content(path))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BundleError(f"{path}: damaged ({error})") from error
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        made = facts.get("format") if isinstance(facts, dict) else None
        raise BundleError(f"{path}: made by another version (format {made}, this one reads {FORMAT})")
    wrong = [name for name, kind in REQUIRED.items() if not isinstance(facts.get(name), kind)]
    wrong += [name for name in facts.get("descriptors") or () if name not in ("sift", "dsift")]
    if wrong:
        raise BundleError(f"{path}: damaged: {', '.join(wrong)} missing or not as it should be")
    return facts


def _checked(path: Path, sha256: str | None) -> bytes:
    content = _content(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BundleError(f"{path}: damaged: its checksum is not the one in {FACTS}")
    return content


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}; --model wants a folder that `dvc repro export` made") from error
