"""What a worker reads, without Ray."""

import dataclasses

import pytest

pytest.importorskip("pyarrow", reason="needs requirements-ray.txt")

from openfer.app.scale.worker import Job, Reader, model_files


@pytest.fixture
def reader(model, photographs):
    files = model_files(model)
    return Reader(
        Job("photo", ("file", "face", "error"), files, "yunet", 24, False, None, None, {"crop": False}, 0,
            str(photographs), ("team",))
    )  # fmt: skip


def test_names_are_those_that_the_user_gave_wherever_the_worker_runs(reader):
    found = reader([("team/hopper.jpg", ""), ("broken.jpg", ""), ("pipe", "a pipe"), ("gone.jpg", "")]).to_pylist()
    assert found == [
        {"file": "team/hopper.jpg", "face": 1, "error": None},
        {"file": "broken.jpg", "face": None, "error": "not a picture in a known format"},
        {"file": "pipe", "face": None, "error": "a pipe"},
        {"file": "gone.jpg", "face": None, "error": "No such file or directory"},
    ]


def test_a_host_that_does_not_see_what_was_named_says_so_instead_of_refusing_every_file(reader, photographs):
    assert reader.unseen() == ""
    reader.job = dataclasses.replace(reader.job, tops=("team", "elsewhere"))
    assert reader.unseen() == f"{photographs / 'elsewhere'} is not there"


def test_a_worker_runs_the_network_on_one_core(reader):
    assert reader.predictor.model.session.get_session_options().intra_op_num_threads == 1
