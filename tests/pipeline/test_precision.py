"""`train.precision: auto` is what is fast on the machine that trains, and stays what the user says otherwise."""

import sys
from types import SimpleNamespace

import pytest

from pipeline import params, precision
from pipeline.precision import settled

OLD = "processor\t: 0\nflags\t\t: fpu avx2 fma\nbugs\t\t: avx512_bf16\n"
NEW = {name: f"processor\t: 0\nflags\t\t: fpu avx2 {name}\n" for name in ("avx512_bf16", "amx_bf16")}


@pytest.fixture
def processor(tmp_path, monkeypatch):
    """Make /proc/cpuinfo say what a text says, on a machine without a GPU."""
    file = tmp_path / "cpuinfo"
    monkeypatch.setattr("pipeline.processor.PROCESSORS", file)
    monkeypatch.setattr(precision.shutil, "which", lambda name: None)
    return file.write_text


@pytest.fixture
def gpu(monkeypatch, processor):
    """Put a GPU of a compute capability beside an old processor, for one backend."""
    processor(OLD)
    monkeypatch.setattr(precision.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(precision.backend, "choose", lambda name: None)

    def put(name, capability):
        there = capability is not None
        cards = [object()] if there else []
        cuda = SimpleNamespace(is_available=lambda: there, get_device_capability=lambda: capability)
        text = ".".join(map(str, capability or ()))
        devices = [SimpleNamespace(platform="cpu")]
        devices += [SimpleNamespace(platform="gpu", compute_capability=text) for _ in cards]
        details = SimpleNamespace(get_device_details=lambda card: {"compute_capability": capability})
        config = SimpleNamespace(list_physical_devices=lambda kind: cards, experimental=details)
        fakes = {"torch": {"cuda": cuda}, "jax": {"devices": lambda: devices}, "tensorflow": {"config": config}}
        monkeypatch.setitem(sys.modules, name, SimpleNamespace(**fakes[name]))

    return put


@pytest.mark.parametrize("name", NEW)
def test_a_processor_with_bfloat16_takes_it(processor, name):
    processor(NEW[name])
    assert settled("auto", "tensorflow") == "mixed_bfloat16"


def test_a_processor_without_it_takes_float32(processor):
    processor(OLD)
    assert settled("auto", "tensorflow") == "float32"


def test_a_system_that_does_not_tell_takes_float32(processor):
    assert settled("auto", "tensorflow") == "float32"


@pytest.mark.parametrize("name", ["tensorflow", "jax", "torch"])
@pytest.mark.parametrize(
    ("capability", "expected"),
    [((9, 0), "mixed_bfloat16"), ((8, 0), "mixed_bfloat16"), ((7, 5), "float32"), (None, "float32")],
)
def test_a_gpu_that_the_backend_uses_counts_beside_an_old_processor(gpu, name, capability, expected):
    gpu(name, capability)
    assert settled("auto", name) == expected


@pytest.mark.parametrize("said", ["float32", "mixed_bfloat16"])
def test_what_the_user_says_holds_on_every_machine(processor, said):
    processor(OLD)
    assert settled(said, "tensorflow") == said


@pytest.mark.parametrize("path", [params.PARAMS, params.CROWD, params.BASELINES, params.SEARCH, params.TRANSFER])
def test_every_training_is_told_a_precision_that_keras_knows(processor, path):
    processor(OLD)
    assert precision.recipe(path).precision == "float32"
