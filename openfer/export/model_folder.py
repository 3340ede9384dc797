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

from openfer.emotions import EMOTIONS, IMAGE_SIZE
from openfer.errors import Refused
from openfer.export.answers import calibrated
from openfer.files import digest, save_array, save_bytes, save_json
from openfer.networks.inputs import IMAGE
from openfer.prediction.crops import BOTH, Crop, crop_of

FORMAT = 2
"""Version of what model.json holds."""

NAMED = 3
"""The same with "emotions", the names of what the network tells apart where it is not FER2013's seven."""

MODEL, FACTS, VOCABULARY = "model.onnx", "model.json", "vocabulary.npy"

REQUIRED = {
    "labels": str,
    "temperature": float,
    "prior": dict,
    "unsure_below": float,
    "descriptors": dict,
    "sha256": str,
}
"""What a model cannot run without."""

AT_ONCE = 256
"""Faces that go through the network together; more need more memory and are no faster."""


class ModelError(Refused):
    """A folder is no exported model that this version can run."""


@dataclass(frozen=True)
class ExportedModel:
    """A model that runs.

    Attributes:
        facts: what model.json holds: "name", "display_name", "labels" ("fer2013", "crowd" for what most of ten people
            see, "own" for those of other pictures), "emotions" (names in order; left out for FER2013's seven),
            "temperature", "prior" (`calibration.prior_of`), "unsure_below", "descriptors" (settings by name),
            "public_test" (how the threshold does there), "provenance" (MD5 of the networks).
        session: the network.
        vocabulary: (k, 128) of the SIFT words; None where no descriptor needs it.
    """

    facts: Mapping[str, Any]
    session: onnxruntime.InferenceSession
    vocabulary: np.ndarray | None = None

    @property
    def emotions(self) -> tuple[str, ...]:
        """Names of what it tells apart, in the order of its probabilities."""
        return tuple(self.facts.get("emotions", EMOTIONS))

    @classmethod
    def of(
        cls, network: bytes, facts: Mapping[str, Any], vocabulary: np.ndarray | None = None, threads: int = 0
    ) -> "ExportedModel":
        """Make a network in ONNX ready to run.

        Args:
            network: in ONNX.
            facts: as above.
            vocabulary: as above.
            threads: that it runs on; 0: as many as the machine has cores.
        """
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # leaves the cores to the detector
        session = onnxruntime.InferenceSession(network, options, providers=["CPUExecutionProvider"])
        return cls(facts, session, vocabulary)

    @classmethod
    def load(cls, folder: Path | str, threads: int = 0) -> "ExportedModel":
        """Read an exported model.

        Args:
            folder: that `save` wrote.
            threads: as in `of`.

        Raises:
            ModelError: the folder lacks a file, was made by another version, or is damaged.
        """
        folder = Path(folder)
        facts = _facts(folder)
        network, vocabulary = _checked(folder / MODEL, facts["sha256"]), None
        if "sift" in facts["descriptors"]:
            content = _checked(folder / VOCABULARY, facts.get("sha256_vocabulary"))
            vocabulary = np.load(io.BytesIO(content), allow_pickle=False)
        try:
            model = cls.of(network, facts, vocabulary, threads)
        except Exception as error:  # onnxruntime raises its own kinds
            raise ModelError(f"{folder / MODEL}: onnxruntime {onnxruntime.__version__} cannot run it") from error
        (answer,) = model.session.get_outputs()
        if answer.shape[-1] != len(model.emotions):
            named = f"{FACTS} names {len(model.emotions)} emotions"
            raise ModelError(f"{folder}: damaged: {named}, {MODEL} has {answer.shape[-1]} answers")
        return model

    def predict(self, faces: np.ndarray, crops: Sequence[Crop] = BOTH, prior: float | None = None) -> np.ndarray:
        """Return calibrated probabilities (n, classes), the mean over crops of each face.

        Args:
            faces: (n, 48, 48) uint8, cut out as FER2013 has them.
            crops: as in `openfer.prediction.crops`. Descriptors are those of the face or of its mirror image,
                whatever the shift.
            prior: 1 where emotions are as frequent as in the pictures that the model learned from, 0 where all are
                equally frequent; None for what the model has.
        """
        found = self.uncalibrated(faces, crops)
        return calibrated(found, self.facts["temperature"], self.facts["prior"], prior)

    def uncalibrated(self, faces: np.ndarray, crops: Sequence[Crop] = BOTH) -> np.ndarray:
        """Return the probabilities (n, classes) of `predict` as the network gives them."""
        parts = [self._mean(faces[start : start + AT_ONCE], crops) for start in range(0, len(faces), AT_ONCE)]
        return np.concatenate([np.empty((0, len(self.emotions))), *parts])

    def _mean(self, faces: np.ndarray, crops: Sequence[Crop]) -> np.ndarray:
        inputs = {IMAGE: np.concatenate([crop_of(faces, crop) for crop in crops])[..., np.newaxis].astype(np.float32)}
        for name, settings in self.facts["descriptors"].items():
            described = self._describe(name, faces, settings)
            inputs[name] = np.concatenate([described[:, mirrored] for mirrored, _ in crops])
        (probabilities,) = self.session.run(None, inputs)
        return probabilities.reshape(len(crops), len(faces), -1).mean(axis=0)

    def _describe(self, name: str, faces: np.ndarray, settings: Mapping[str, Any]) -> np.ndarray:
        """Return (n, 2, d) float32, in half precision as the networks were trained."""
        # Imported here: the model of the package needs no descriptor.
        from openfer.descriptors import dsift, histograms, sift
        from openfer.descriptors.settings import Grid, Histograms, KeyPoints

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
        facts: as in `ExportedModel.facts`; version, checksum and size of the faces are added.
        vocabulary: (k, 128) of the SIFT words where a SIFT hybrid takes part.
    """
    checked = {
        "format": NAMED if "emotions" in facts else FORMAT,
        "image_size": IMAGE_SIZE,
        "sha256": hashlib.sha256(network).hexdigest(),
    }
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
        raise ModelError(f"{path}: damaged ({error})") from error
    if not isinstance(facts, dict) or facts.get("format") not in (FORMAT, NAMED):
        made = facts.get("format") if isinstance(facts, dict) else None
        raise ModelError(f"{path}: made by another version (format {made}, this one reads {FORMAT} and {NAMED})")
    wrong = [name for name, kind in REQUIRED.items() if not isinstance(facts.get(name), kind)]
    wrong = wrong or [name for name in facts["descriptors"] if name not in ("sift", "dsift")]
    wrong = wrong or _wrong_names(facts)
    if wrong:
        raise ModelError(f"{path}: damaged: {', '.join(wrong)} missing or not as it should be")
    return facts


def _wrong_names(facts: Mapping[str, Any]) -> list[str]:
    """Return what of a model.json is not about the same emotions in the same order."""
    names = facts.get("emotions", list(EMOTIONS))
    texts = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not texts or not len(set(names)) == len(names) > 1 or ("emotions" in facts) != (facts["format"] == NAMED):
        return ["emotions"]
    shares = facts["prior"].get("shares")
    return [] if isinstance(shares, dict) and list(shares) == names else ["prior"]


def _checked(path: Path, sha256: str | None) -> bytes:
    content = _content(path)
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(f"{path}: damaged: its checksum is not the one in {FACTS}")
    return content


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}; --model wants a folder that `dvc repro export` made") from error
