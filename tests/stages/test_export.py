"""The stage export: folders that say what the networks say, cards with the pipeline's figures, a served ensemble."""

import dataclasses
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import numpy as np
import pytest

from openfer import files as artifacts
from openfer.emotions import PRIVATE_TEST, PUBLIC_TEST, SPLITS, TRAINING
from openfer.evaluation.ensemble import ENSEMBLES, MODELS
from openfer.export.model_folder import Bundle
from openfer.prediction.crops import TEN
from openfer.prediction.probabilities import read
from sample.demo import clean_environment
from tests.servers import answers


@pytest.fixture(scope="module")
def bundles(finished):
    """All exported models, with their probabilities as they are before calibration."""
    loaded = {name: Bundle.load(finished.folder / artifacts.exported_path(name)) for name in (*MODELS, *ENSEMBLES)}
    return {
        name: dataclasses.replace(bundle, facts=bundle.facts | {"temperature": 1.0}) for name, bundle in loaded.items()
    }


def arrays(finished) -> tuple[np.ndarray, ...]:
    return tuple(np.load(finished.folder / path) for path in (artifacts.IMAGES, artifacts.LABELS, artifacts.SPLIT))


@pytest.mark.parametrize("name", MODELS)
def test_ten_views_of_an_exported_model_give_the_probabilities_that_git_keeps(finished, bundles, name):
    images, _, split = arrays(finished)
    rows = artifacts.load_csv(finished.folder / artifacts.probabilities_path(name))
    kept = read(rows, np.flatnonzero(split != TRAINING))
    np.testing.assert_allclose(bundles[name].predict(images[split != TRAINING], TEN), kept.averaged, atol=1e-3)


def test_an_exported_ensemble_is_the_mean_of_its_members(bundles):
    faces = np.random.default_rng(0).integers(0, 256, (4, 48, 48), np.uint8)
    found = {name: bundle.predict(faces) for name, bundle in bundles.items()}
    for ensemble, (_, members) in ENSEMBLES.items():
        np.testing.assert_allclose(found[ensemble], np.mean([found[one] for one in members], axis=0), atol=1e-5)


def test_a_model_names_the_networks_that_it_is_made_of_with_the_md5_of_dvc(finished, bundles):
    lock = finished.lock()
    for name, bundle in bundles.items():
        assert len(bundle.facts["provenance"]) == len(ENSEMBLES[name][1] if name in ENSEMBLES else [name])
        for path, md5 in bundle.facts["provenance"].items():
            assert f"path: {path}\n      hash: md5\n      md5: {md5}" in lock


def test_a_card_has_the_figures_of_the_evaluation(finished):
    evaluation = artifacts.load_json(finished.folder / artifacts.EVALUATION)
    for name in (*MODELS, *ENSEMBLES):
        card = (finished.folder / artifacts.exported_path(name) / "README.md").read_text(encoding="utf-8")
        public, private = (evaluation[SPLITS[code]][name] for code in (PUBLIC_TEST, PRIVATE_TEST))
        assert f"| accuracy, ten views of each face | {public['accuracy']:.2%} | {private['accuracy']:.2%} |" in card
        assert f"| disgust | {private['classes']['disgust']['precision']:.2f} |" in card
        assert evaluation["protocol"] in card


def test_the_ensemble_of_all_six_is_registered_and_can_be_served(finished):
    """The request of the README, to the server that the README starts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", "models:/fer2013-all/latest"]
    command += ["--env-manager", "local", "--port", str(port)]
    store = {"MLFLOW_TRACKING_URI": f"sqlite:///{finished.folder / 'mlflow.db'}"}
    server = subprocess.Popen(
        command, cwd=finished.folder, env=clean_environment() | store, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        while not answers(f"http://127.0.0.1:{port}/ping"):
            assert time.monotonic() < until and server.poll() is None
            time.sleep(0.5)
        images, _, split = arrays(finished)
        faces = images[split == PUBLIC_TEST][:3]
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/invocations",
            json.dumps({"inputs": faces.tolist()}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            served = np.array(json.load(answer)["predictions"])
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()
    expected = Bundle.load(finished.folder / artifacts.exported_path("all")).predict(faces)
    np.testing.assert_allclose(served, expected, atol=1e-6)
