"""What a training on the cluster refuses, each in one line, and what of it travels."""

import itertools
import json
from unittest.mock import Mock

import pytest

from openfer.training.checkpoints import Checkpoints
from pipeline.cluster import ClusterError, threads
from pipeline.cluster.training import UNREAD, Training, _content
from pipeline.cluster.worker import train
from tests.pipeline.cluster.conftest import outputs

BEGIN = """
import sys, pathlib, logging
import numpy as np
from openfer.training.checkpoints import Checkpoints
from pipeline.cluster import training
from pipeline.cluster.connection import connect
logging.basicConfig(level=logging.INFO)

def big(checkpoints, on_epoch):
    checkpoints.save(1, {"weight0": np.ones(400 * 2**20, np.uint8)})
    on_epoch({"epoch": 1})

def told(checkpoints, on_epoch):
    import os, json
    names = ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS")
    pathlib.Path("net").write_text(json.dumps({name: os.environ[name] for name in names}))
    return [{"host": pathlib.Path("versions.yaml").read_text(), "folder": os.getcwd()}]

def run(work):
    folder = Checkpoints(pathlib.Path("checkpoints"))
    return training.Training("tensorflow")("net", work, [], pathlib.Path("net"), folder, print, 1)
"""


def python(project, hosts, code: str) -> str:
    """What some lines after `BEGIN` print, on the cluster."""
    (project.folder / "lines.py").write_text(BEGIN + code)
    return project.run("lines", check=False, **hosts.environment)


@pytest.mark.ray
def test_a_training_has_as_many_threads_there_as_here_and_the_versions_of_the_project(hosts, project):
    printed = python(project, hosts, "(row,) = run(told); print(row)")
    assert "tensorflow: 2" in printed
    assert str(project.folder) not in printed.splitlines()[-1]
    settings = json.loads((project.folder / "net").read_text())
    assert set(settings.values()) == {str(threads())}


def test_no_keras_is_imported_here_while_a_host_trains(hosts, local, project):
    code = (
        "from stages import train; train.main('cnn', None); print('keras' in sys.modules, 'tensorflow' in sys.modules)"
    )
    assert python(project, hosts, code).splitlines()[-1] == "False False"
    assert outputs(project) == outputs(local)


@pytest.mark.ray
def test_other_versions_on_a_host_are_one_line(hosts, project):
    path = project.folder / "versions.yaml"
    code = (
        "from stages.train import prepare; from pipeline import params; recipe = params.load('train')\n"
        "def work(checkpoints, on_epoch): prepare(recipe)\n"
        "try: run(work)\nexcept training.ClusterError as error: print(error)"
    )
    path.write_text(path.read_text().replace("keras: ", "keras: 0."))
    printed = python(project, hosts, code)
    assert "installed is keras 3" in printed.splitlines()[-1]
    assert printed.splitlines()[-1].startswith("host ")


@pytest.mark.ray
def test_a_cluster_without_a_host_that_is_large_enough_is_given_up(hosts, project):
    code = "training.NOBODY = 1\ntry: run(told)\nexcept training.ClusterError as error: print(error)"
    (project.folder / "lines.py").write_text(BEGIN + code)
    printed = project.run("lines", **hosts.environment | {"TF_NUM_INTRAOP_THREADS": "999"})
    assert "no host of the cluster has had the 999 processors" in printed.splitlines()[-1]
    assert f"hosts of 0, {threads()}, {threads()}" in printed.splitlines()[-1]


@pytest.mark.ray
def test_a_full_object_store_here_is_one_line(hosts, project):
    code = (
        "data = np.ones(400 * 2**20, np.uint8)\n"
        "try: training._put(connect(), data)\nexcept training.ClusterError as error: print(error)"
    )
    assert "the object store of this machine is full" in python(project, hosts, code).splitlines()[-1]


@pytest.mark.ray
def test_a_full_object_store_there_is_one_line(hosts, project):
    printed = python(project, hosts, "try: run(big)\nexcept training.ClusterError as error: print(error)")
    assert "the object store of a host of the cluster is full" in printed.splitlines()[-1]


class Gone(Exception):
    """Stands for every error of Ray."""


class AllGone:
    """Stands for Ray, whose exceptions all are `Gone`."""

    exceptions = type("", (), {"__getattr__": lambda self, name: Gone})()

    def __init__(self):
        self.killed = []

    def put(self, thing):
        return thing

    def kill(self, host):
        self.killed.append(host)


@pytest.mark.parametrize(("epochs", "tries"), [((), 3), ((1, 2), 4)])
def test_what_kills_three_processes_without_a_new_epoch_is_given_up(monkeypatch, tmp_path, epochs, tries):
    tried, coming = [], iter(epochs)

    def messages(self, *_):
        tried.append(1)
        for epoch in itertools.islice(coming, 1):
            yield {"epochs": epoch, "state": {}, "row": {"epoch": epoch}}
        raise Gone

    monkeypatch.setattr("pipeline.cluster.training.connect", AllGone)
    monkeypatch.setattr(Training, "_ask", lambda self: None)
    monkeypatch.setattr(Training, "_messages", messages)
    rows, training = [], Training("tensorflow")
    with pytest.raises(ClusterError, match="net: 3 processes in a row were lost without a new epoch"):
        training("net", None, [], tmp_path / "net", Checkpoints(tmp_path), rows.append, 9)
    assert len(tried) == tries
    assert len(training.ray.killed) == tries  # no process of it stays behind
    assert [row["epoch"] for row in rows] == list(epochs)


def test_a_package_that_a_host_lacks_is_one_line(monkeypatch):
    exceptions = pytest.importorskip("ray.exceptions", reason="needs requirements-ray.txt")
    missing = exceptions.RayTaskError("train", "", ModuleNotFoundError("No module named 'keras'"))
    training = object.__new__(Training)
    training.ray, training.host = Mock(exceptions=exceptions), Mock()
    training.ray.get.side_effect = missing
    training.host.train.options.return_value.remote.return_value = iter(["part"])
    monkeypatch.setattr("pipeline.cluster.training._wait_for_host", lambda *_: None)
    with pytest.raises(ClusterError, match=r"^a host of the cluster lacks a package \(No module named 'keras'\): pip "):
        list(training._messages([], None, None))
    assert training.host.train.options.call_args.kwargs == {
        "num_returns": "streaming",
        "_generator_backpressure_num_objects": UNREAD,
    }


def test_another_python_on_a_host_is_one_line():
    with pytest.raises(ClusterError, match=r"has python 3.* instead of 2\.7"):
        next(train(None, {}, "net", {"python": "2.7"}, None))


def test_a_file_outside_the_project_does_not_travel(tmp_path):
    with pytest.raises(ClusterError, match="lies outside the project"):
        _content([tmp_path / "start.keras"])
