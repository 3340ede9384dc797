"""One trial: the training of a stage with other params, ended early where it is hopeless, a run of MLflow."""

import importlib
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna

from openfer import files
from openfer.errors import Refused
from pipeline import params, paths, tracking
from pipeline.fingerprint import code, software
from search.space import Space
from search.study import facts_of
from stages.train import kept_row, modules, prepare

LEFT_OUT = ("search/__main__.py", "search/results.py", "search/space.py", "search/study.py", "search/trial.py")
"""Code that searches and trains nothing."""


class Trials:
    """What the trials of a search have in common.

    Attributes:
        facts: by which a study is known, see `study.facts_of`.
        key: of the run that is the parent of theirs.
    """

    def __init__(self, name: str, space: Space) -> None:
        self.name, self.space = name, space
        job = self.job({})
        prepare(job["settings"]["train"])
        for module in modules(job["network"], job["training"]):
            importlib.import_module(module)
        importlib.import_module("openfer.training.model")
        self.epochs = job["settings"]["train"].epochs
        shared = {key: value for key, value in _read(job).items() if key not in space.space}
        digests = {str(file): files.digest(file) for file in job["inputs"]}
        sources = {file: digest for file, digest in code().items() if file not in LEFT_OUT}
        self.facts = facts_of(space.model_dump(mode="json"), shared, digests, sources, software())
        self.key = f"search {name} {'-'.join(self.facts.values())}"

    def job(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `stages.train.train` is told with some leaves set."""
        module, *arguments = self.space.module.split()
        try:
            make = importlib.import_module(module).job
        except (ImportError, AttributeError):
            raise Refused(
                f"module: {module} is none that can be searched: it must have a function `job`, as stages.train has"
            ) from None
        with params.changed(self.space.path, {**self.space.set, **values}):
            return make(*arguments)

    def __call__(self, trial: optuna.Trial) -> float:
        """Train, and return the accuracy on PublicTest of the weights that would be the result.

        Raises:
            TrialPruned: the trial is hopeless, or its loss no number.
        """
        import keras

        from openfer.training.loop import TrainingError

        job = self.job(values := self.space.values(trial))
        keras.backend.clear_session()  # of the trial before, whose graphs would add up
        history: list[Mapping[str, float]] = []
        with self.run(trial.number, values) as run:

            def on_epoch(row: Mapping[str, float]) -> None:
                history.append(row)
                run.epoch(row)
                trial.report(row["public_accuracy"], int(row["epoch"]))
                if trial.should_prune() and row["epoch"] < self.epochs:
                    raise optuna.TrialPruned

            try:
                self._train(job, trial, on_epoch)
            except TrainingError as error:  # too high a rate
                trial.set_user_attr("diverged", str(error))
                run.finish(history, [], "KILLED")
                raise optuna.TrialPruned from None
            except optuna.TrialPruned:
                run.finish(history, [], "KILLED")
                raise
            run.finish(history, [])
        return float(kept_row(history, job["settings"]["train"])["public_accuracy"])

    def run(self, number: int, values: Mapping[str, Any]) -> Any:
        """Return the run of MLflow of a trial, whose search is its parent."""
        title, key = f"{self.name} trial {number}", f"{self.key} {number}"
        return tracking.live_run(paths.project_root(), title, key, values, {"study": self.name}, search=self.key)

    def _train(self, job: Mapping[str, Any], trial: optuna.Trial, on_epoch: Any) -> None:
        from openfer.training.checkpoints import Checkpoints
        from openfer.training.model import Settings, train_model

        started, begin = time.monotonic(), job["start"]() if job.get("start") else None
        settings = Settings(*job["settings"].values())
        told = [job[name] for name in ("name", "network", "training", "public")]
        with tempfile.TemporaryDirectory() as folder:
            network, _ = train_model(*told, settings, Checkpoints(Path(folder)), on_epoch, begin)
        trial.set_user_attr("parameters", network.count_params())
        trial.set_user_attr("seconds", round(time.monotonic() - started, 1))


def _read(job: Mapping[str, Any]) -> dict[str, Any]:
    return params.dotted({**job["settings"], **job.get("also", {})})
