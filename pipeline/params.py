"""Strict reading of params.yaml: a stage names the leaves it reads, and gets exactly those, checked.

A stage file declares a frozen dataclass whose fields are leaves of params.yaml:

    @dataclass(frozen=True)
    class Params:
        seed: int = leaf("seed", at_least=0)
        size: int = leaf("sift.vocabulary_size", at_least=2)

and calls `load(Params)`. The same dotted names stand under `params` of the stage in dvc.yaml (a test compares
them). A key of params.yaml that no stage declares is an error, so that a misspelled name never goes unnoticed.
"""

import dataclasses
import difflib
import itertools
import math
import re
import typing
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from openfer.errors import Refused

FLOAT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+")
"""Numbers that YAML 1.2, which DVC writes, knows and PyYAML does not: 1e-05."""

PARAMS, PIPELINE = Path("params.yaml"), Path("dvc.yaml")


class ParamsError(Refused):
    """A key of params.yaml is missing, unknown, of another type or out of range."""


def leaf(key: str, *, at_least: float | None = None, at_most: float | None = None, choices: Iterable = ()) -> Any:
    """Declare a dataclass field as the leaf `key`; a part in braces is filled in by `load`."""
    return dataclasses.field(metadata={"key": key, "low": at_least, "high": at_most, "choices": tuple(choices)})


def keys(schema: type, **names: str) -> list[str]:
    """List the dotted names of the leaves of `schema`; `names` fill in the parts in braces."""
    return [field.metadata["key"].format(**names) for field in dataclasses.fields(schema)]


def dotted(sections: Iterable[Any], **names: str) -> dict[str, Any]:
    """Return what `load` returned as dotted name → value, of several schemas together."""
    return {
        key: value
        for section in sections
        for key, value in zip(keys(type(section), **names), dataclasses.astuple(section), strict=True)
    }


def load(schema: type, **names: str) -> Any:
    """Read the leaves of `schema` from params.yaml.

    Raises:
        ParamsError: a key is missing, has another type, is out of range, or stands in params.yaml though no
            stage of dvc.yaml declares it. The message names the key and the value received.
    """
    leaves = dict(flatten(yaml.safe_load(PARAMS.read_text(encoding="utf-8")) or {}))
    _refuse_unknown(leaves)
    types = typing.get_type_hints(schema)
    values = {}
    for field, key in zip(dataclasses.fields(schema), keys(schema, **names), strict=True):
        if key not in leaves:
            raise ParamsError(f"{PARAMS}: {key} is missing{_hint(key, leaves)}")
        values[field.name] = _checked(key, leaves[key], types[field.name], field.metadata)
    return schema(**values)


def flatten(tree: Mapping, prefix: str = "") -> Iterable[tuple[str, Any]]:
    """Yield the leaves of nested mappings as ("section.key", value)."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _refuse_unknown(leaves: Mapping[str, Any]) -> None:
    """Fail on the first leaf that no stage of dvc.yaml declares."""
    stages = yaml.safe_load(PIPELINE.read_text(encoding="utf-8"))["stages"].values()
    declared = {key for stage in stages for key in _declared(stage)}
    for key in leaves:
        if key not in declared:
            raise ParamsError(f"{PARAMS}: no stage reads {key}{_hint(key, declared)}")


def _declared(stage: Mapping[str, Any]) -> Iterable[str]:
    """Yield the params of a stage; of a matrix, those of every item."""
    matrix = stage.get("matrix", {})
    for item in itertools.product(*matrix.values()):
        for key in stage.get("params", []):
            for name, value in zip(matrix, item, strict=True):
                key = key.replace(f"${{item.{name}}}", value)
            yield key


def _hint(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, list(known), n=1)
    return f" (is {near[0]} meant?)" if near else ""


def _checked(key: str, value: Any, wanted: Any, limits: Mapping[str, Any]) -> Any:
    """Return `value` as `wanted` (int, float, str, bool or tuple[float, ...]) or raise ParamsError."""
    if typing.get_origin(wanted) is tuple:
        if not isinstance(value, list) or not value:
            raise ParamsError(f"{PARAMS}: {key} must be a list with at least one entry. Received: {value!r}")
        return tuple(_checked(key, entry, typing.get_args(wanted)[0], limits) for entry in value)
    if wanted is float and type(value) is int:
        value = float(value)
    if wanted is float and isinstance(value, str) and FLOAT.fullmatch(value):
        value = float(value)
    if type(value) is not wanted:
        raise ParamsError(f"{PARAMS}: {key} must be of type {wanted.__name__}. Received: {value!r}")
    if wanted is float and not math.isfinite(value):
        raise ParamsError(f"{PARAMS}: {key} must be a finite number. Received: {value!r}")
    if limits["choices"] and value not in limits["choices"]:
        raise ParamsError(
            f"{PARAMS}: {key} must be one of {', '.join(map(str, limits['choices']))}. Received: {value!r}"
        )
    if limits["low"] is not None and value < limits["low"]:
        raise ParamsError(f"{PARAMS}: {key} must be at least {limits['low']}. Received: {value!r}")
    if limits["high"] is not None and value > limits["high"]:
        raise ParamsError(f"{PARAMS}: {key} must be at most {limits['high']}. Received: {value!r}")
    return value
