"""What the tests of tracking share: no settings of MLflow or DVC from outside, and a wait with an end."""

import os
import time

import pytest


@pytest.fixture(autouse=True)
def no_outer_settings(monkeypatch):
    for name in list(os.environ):
        if name.startswith(("MLFLOW_", "DVC_")):
            monkeypatch.delenv(name)


@pytest.fixture
def until():
    def wait(condition, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    return wait
