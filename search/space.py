"""A search as a file of YAML: which training, which of its params, within which bounds."""

from pathlib import Path
from typing import Any

import optuna
import pydantic

from pipeline import params
from pipeline.params import ParamsError, read_yaml, validated

Value = bool | int | float | str


class Leaf(pydantic.BaseModel):
    """The values that a leaf of the params may take: `low` to `high`, or one of `choices`."""

    model_config = pydantic.ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    low: int | float | None = None
    high: int | float | None = None
    log: bool = False
    step: int | float | None = None
    choices: tuple[Value, ...] = ()

    @pydantic.model_validator(mode="after")
    def is_a_range_or_choices(self) -> "Leaf":
        """Refuse what Optuna would only refuse in the first trial."""
        if self.choices:
            right = self.low is self.high is self.step is None and not self.log
        else:
            right = self.low is not None and self.high is not None and self.low < self.high
            right = right and not (self.log and (self.low <= 0 or self.step))
            right = right and (self.step is None or self.step > 0)
        if not right:
            raise ValueError("wants {low, high}, low below high (log: true above 0; or step:), or {choices: […]}")
        return self

    def suggest(self, trial: optuna.Trial, name: str, whole: bool) -> Value:
        """Return the value of this leaf in a trial.

        Args:
            trial: of Optuna.
            name: dotted name of the leaf.
            whole: whether its values are whole numbers.
        """
        if self.choices:
            return trial.suggest_categorical(name, self.choices)
        if whole:
            return trial.suggest_int(name, int(self.low), int(self.high), step=int(self.step or 1), log=self.log)
        return trial.suggest_float(name, float(self.low), float(self.high), step=self.step, log=self.log)


class Space(pydantic.BaseModel):
    """A search.

    Attributes:
        stage: the training as DVC calls it, for the experiment: "train@vgg".
        module: that trains for it, with its arguments: "stages.train vgg"; it has a `job`.
        params: the file that the leaves stand in.
        seed: of the sampler.
        set: leaves that have another value in every trial than in the file.
        space: leaves that are searched.
    """

    model_config = pydantic.ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)

    stage: str
    module: str
    params: str
    seed: int = pydantic.Field(ge=0, lt=2**31)
    set: dict[str, Value] = {}
    space: dict[str, Leaf] = pydantic.Field(min_length=1)

    @property
    def path(self) -> Path:
        """The file that the leaves stand in."""
        return Path(self.params)

    def values(self, trial: optuna.Trial) -> dict[str, Value]:
        """Return the values of the searched leaves in a trial."""
        now = self._now
        return {name: leaf.suggest(trial, name, isinstance(now[name], int)) for name, leaf in self.space.items()}

    @property
    def _now(self) -> dict[str, Any]:
        """The leaves as they are read: 1 is 1.0 where a share or a rate is meant."""
        return params.dotted({section: params.load(section, self.path) for section in read_yaml(self.path)})


def read_space(path: Path) -> Space:
    """Read a search, and try the bounds of each leaf.

    Raises:
        ParamsError: the file is missing, no YAML, or not as it should be; or a leaf is not in the params, or takes no
            such value.
    """
    if not path.is_file():
        raise ParamsError(
            f"{path} is missing: search/recipe.yaml, architecture.yaml and published.yaml are searches to copy"
        )
    space: Space = validated(read_yaml(path), path, Space)
    if space.path not in params.SCHEMAS:
        raise ParamsError(
            f"{path}: params must be one of {', '.join(map(str, params.SCHEMAS))}. Received: {space.params}"
        )
    now = space._now
    unknown = [name for name in (*space.set, *space.space) if name not in now]
    if unknown:
        raise ParamsError(f"{path}: {space.params} has no {unknown[0]}")
    for name, leaf in space.space.items():
        if isinstance(now[name], int) and (leaf.step or 0) % 1:
            raise ParamsError(f"{path}, {name}: step must be a whole number, as the values are. Received: {leaf.step}")
        for value in leaf.choices or (leaf.low, leaf.high):
            number = float(value) if isinstance(now[name], float) and not leaf.choices else value
            try:
                with params.changed(space.path, {**space.set, name: number}):
                    params.load(name.split(".")[0], space.path)
            except ParamsError as error:
                raise ParamsError(f"{path}, {name}: {error}") from None
    return space
