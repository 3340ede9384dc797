"""One trial: the training of a stage with other params, ended early where it is hopeless, a run of MLflow."""

import importlib
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna

from openfer import files
from openfer.errors import Refused
from openfer.training.checkpoints import Checkpoints
from pipeline import params, paths, tracking
from pipeline.cluster import engine
from pipeline.fingerprint import code, software
from search.space import Space
from search.study import facts_of
from stages.train import Job, kept_row, prepare, work

if TYPE_CHECKING:
    from pipeline.cluster.training import Training

LEFT_OUT = tuple(f"search/{name}.py" for name in ("__main__", "results", "space", "study", "trial", "workers"))
"""Code that searches and trains nothing."""


class Trials:
    """What the trials of a search have in common.

    Attributes:
        facts: by which a study is known, see `study.facts_of`.
        key: of the run that is the parent of theirs.
    """

    def __init__(self, name: str, space: Space) -> None:
        self.name, self.space = name, space
        self.ended, self._there = False, set()
        job = self.job({})
        prepare(job.recipe)
        for module in job.modules:
            importlib.import_module(module)
        self.epochs = job.recipe.epochs
        shared = {key: value for key, value in job.read.items() if key not in space.space}
        digests = {str(file): files.digest(file) for file in job.inputs}
        sources = {file: digest for file, digest in code().items() if file not in LEFT_OUT}
        self.facts = facts_of(space.model_dump(mode="json"), shared, digests, sources, software())
        self.key = f"search {name} {'-'.join(self.facts.values())}"

    def job(self, values: Mapping[str, Any]) -> Job:
        """Return the training of the stage with some leaves of the params set."""
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
        from openfer.training.loop import TrainingError

        job = self.job(values := self.space.values(trial))
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
        return float(kept_row(history, job.recipe)["public_accuracy"])

    def run(self, number: int, values: Mapping[str, Any]) -> Any:
        """Return the run of MLflow of a trial, whose search is its parent."""
        title, key = f"{self.name} trial {number}", f"{self.key} {number}"
        return tracking.live_run(paths.project_root(), title, key, values, {"study": self.name}, search=self.key)

    def end(self) -> None:
        """End the trials that run on a cluster, from another thread; each is told as failed."""
        self.ended = True
        for training in tuple(self._there):
            training.end()

    def _train(self, job: Job, trial: optuna.Trial, on_epoch: Any) -> None:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            checkpoints = Checkpoints(Path(folder))
            if there := engine.trainer(job.recipe.backend):
                self._train_there(there, job, f"trial {trial.number}", checkpoints, on_epoch)
            else:
                import keras

                keras.backend.clear_session()  # of the trial before, whose graphs would add up
                work(job)(checkpoints, on_epoch)
            _, state = checkpoints.latest()
        weights = [value.size for name, value in state.items() if name.startswith("kept")]
        trial.set_user_attr("parameters", sum(weights))
        trial.set_user_attr("seconds", round(time.monotonic() - started, 1))

    def _train_there(self, there: "Training", job: Job, name: str, checkpoints: Checkpoints, on_epoch: Any) -> None:
        self._there.add(there)
        try:
            if self.ended:  # while this trial began
                there.end()
            there(name, work(job), job.inputs, None, checkpoints, on_epoch, self.epochs)
        finally:
            self._there.remove(there)
