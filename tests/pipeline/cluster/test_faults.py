"""Whatever dies while a network is trained on a cluster, it ends with the bytes of a training that nothing befell."""

import re
import signal

import mlflow
import pytest

from tests.pipeline.cluster.conftest import EPOCHS, TRAINING, epochs_home, outputs, said, start

pytestmark = pytest.mark.ray


def resumed_after(text: str) -> list[int]:
    """The epochs after which the training began on a host."""
    return [int(epoch) for epoch in re.findall(r"cnn: trains on \S+ after epoch (\d+)", text)]


def test_a_killed_process_and_then_a_killed_host(hosts, local, project, until):
    driver = start(project, *TRAINING, **hosts.environment)
    until(lambda: epochs_home(project) >= 1, 240)
    hosts.kill_process()
    until(lambda: len(resumed_after(said(project))) == 2, 240)
    until(lambda: epochs_home(project) > resumed_after(said(project))[1], 240)
    hosts.kill_host()
    try:
        assert driver.wait(240) == 0, said(project)
    finally:
        driver.kill()
        hosts.add()
    first, second, third = resumed_after(said(project))
    assert 0 == first < second < third < EPOCHS
    assert said(project).count("it goes on on another") == 2
    assert outputs(project) == outputs(local)


def test_a_killed_driver_that_is_started_again_and_then_without_a_cluster(hosts, local, project, until):
    for epochs in (1, 3):
        driver = start(project, *TRAINING, **hosts.environment)
        until(lambda at=epochs: epochs_home(project) >= at, 240)
        driver.send_signal(signal.SIGKILL)
        driver.wait()
        until(lambda: not hosts.at_work(), 30)
    assert resumed_after(said(project))[1] >= 1
    printed = project.run(*TRAINING)
    assert "resuming after epoch" in printed
    assert outputs(project) == outputs(local)
    client = mlflow.MlflowClient(f"sqlite:///{project.folder / 'mlflow.db'}")
    (experiment,) = [found for found in client.search_experiments() if found.name == "fer2013"]
    (run,) = client.search_runs([experiment.experiment_id])
    steps = [metric.step for metric in client.get_metric_history(run.info.run_id, "public_accuracy")]
    assert sorted(steps) == list(range(1, EPOCHS + 1))
