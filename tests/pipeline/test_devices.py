"""What the environment may ask for: several devices under JAX, and no cluster of Ray beside them; else a line."""

import pytest

from pipeline import backend, devices, precision
from pipeline.cluster import ADDRESS as RAY
from pipeline.devices import ADDRESS, DEVICES, PROCESS, PROCESSES, DevicesError, leads, require


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    for name in (DEVICES, ADDRESS, PROCESS, PROCESSES, RAY):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("asked", ["", "1"])
@pytest.mark.parametrize("name", ["tensorflow", "torch", "jax"])
def test_one_device_trains_under_every_backend(monkeypatch, name, asked):
    monkeypatch.setenv(DEVICES, asked)
    require(name)
    devices.use()
    assert leads()


@pytest.mark.parametrize("name", ["tensorflow", "torch"])
@pytest.mark.parametrize("environment", [{DEVICES: "2"}, {DEVICES: "all"}, {ADDRESS: "host:1"}])
def test_another_backend_than_jax_is_a_line(monkeypatch, name, environment):
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(DevicesError) as caught:
        require(name)
    assert str(caught.value) == (
        "several devices train one network with train.backend: jax alone, Keras cannot share a training under "
        f"{name}: set that, or unset OPENFER_DEVICES and KERAS_DISTRIBUTION_JOB_ADDRESSES"
    )


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({DEVICES: "two"}, 'OPENFER_DEVICES must be a number of devices, or "all". Received: two'),
        ({DEVICES: "0"}, "must be a number of devices"),
        ({DEVICES: "-2"}, "must be a number of devices"),
        ({DEVICES: "2", RAY: "host:6379"}, "it goes to a cluster or to them, unset one"),
        ({ADDRESS: "host:1"}, "KERAS_DISTRIBUTION_NUM_PROCESSES, and KERAS_DISTRIBUTION_PROCESS_ID from 0, to numbers"),
        ({ADDRESS: "host:1", PROCESSES: "2", PROCESS: "b"}, "to numbers"),
    ],
)
def test_what_cannot_be_is_a_line(monkeypatch, environment, reason):
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    with pytest.raises(DevicesError, match=reason) as caught:
        require("jax")
    assert "\n" not in str(caught.value)


def test_the_first_process_leads(monkeypatch):
    monkeypatch.setenv(ADDRESS, "host:1")
    monkeypatch.setenv(PROCESS, "0")
    assert leads()
    monkeypatch.setenv(PROCESS, "1")
    assert not leads()


def test_processes_meet_before_jax_is_asked_which_gpu_there_is(monkeypatch):
    jax = pytest.importorskip("jax")
    done = []
    monkeypatch.setattr(precision, "instructions", set)
    monkeypatch.setattr(precision.shutil, "which", lambda name: name)
    monkeypatch.setattr(backend, "choose", lambda name: None)
    monkeypatch.setattr(devices, "join", lambda: done.append("met"))
    monkeypatch.setattr(jax, "devices", lambda: done.append("asked") or [])
    precision.settled("auto", "jax")
    assert done == ["met", "asked"]
