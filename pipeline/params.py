"""Strict reading of params.yaml: the whole file is checked, one section comes back as its dataclass.

One section is one dataclass of the library (`settings.py` of each wing); `load("sift.keypoints")` returns it. A key
that is missing, misspelled, of another type or out of range is an error that names it, wherever in the file it stands.
"""

import dataclasses
import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydantic
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from baselines.settings import Common, Published, Svm, WithDropout
from openfer.data.settings import Crowd, Data
from openfer.descriptors.settings import Features, Grid, Sift
from openfer.errors import Refused
from openfer.export.settings import Export
from openfer.networks.settings import Family, Fusion, Sizes
from openfer.training.settings import Hybrids, Ranges, Recipe, TransferRecipe

PARAMS, CROWD, BASELINES = Path("params.yaml"), Path("crowd/params.yaml"), Path("baselines/params.yaml")
TRANSFER, SEARCH = Path("transfer/params.yaml"), Path("search/params.yaml")

_changes: ContextVar[Mapping[Path, Mapping[str, Any]] | None] = ContextVar("changes", default=None)
"""By file: leaves that `load` sees otherwise than they stand there."""


class ParamsError(Refused):
    """A key of params.yaml is missing, unknown, of another type or out of range."""


@dataclass(frozen=True)
class Networks:
    """The section `networks`: one family of networks each."""

    cnn: Sizes
    vgg: Sizes
    resnet: Sizes


@dataclass(frozen=True)
class Fusions:
    """The section `fusion`."""

    sift: Fusion
    dsift: Fusion


class Params(pydantic.BaseModel):
    """All of params.yaml."""

    model_config = pydantic.ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    data: Data
    sift: Sift
    dsift: Grid
    train: Recipe
    augmentation: Ranges
    networks: Networks
    hybrids: Hybrids
    fusion: Fusions
    export: Export


class CrowdParams(pydantic.BaseModel):
    """All of crowd/params.yaml."""

    model_config = Params.model_config

    crowd: Crowd
    train: Recipe
    augmentation: Ranges
    networks: Networks
    export: Export


class TransferParams(pydantic.BaseModel):
    """All of transfer/params.yaml."""

    model_config = Params.model_config

    train: TransferRecipe
    augmentation: Ranges
    export: Export


class SearchParams(pydantic.BaseModel):
    """All of search/params.yaml."""

    model_config = Params.model_config

    train: Recipe
    augmentation: Ranges
    network: Family


class BaselineParams(pydantic.BaseModel):
    """All of baselines/params.yaml: the features, and one section for each network of others."""

    model_config = Params.model_config

    features: Features
    train: Common
    reference_cnn: Published
    reference_vgg: Published
    shallow: Published
    deep: Published
    model_a: WithDropout
    model_b: WithDropout
    blog: Published
    vgg_like: Published
    mini_xception: Published
    svm: Svm


SCHEMAS = {
    PARAMS: Params,
    CROWD: CrowdParams,
    TRANSFER: TransferParams,
    SEARCH: SearchParams,
    BASELINES: BaselineParams,
}


def load(section: str, path: Path = PARAMS) -> Any:
    """Check params.yaml and return one section.

    Args:
        section: dotted name, such as "train" or "networks.cnn".
        path: of the file, one of `SCHEMAS`.

    Raises:
        ParamsError: the file is missing, no YAML, or not as its schema has it.
    """
    found: Any = validated(_changed(read_yaml(path), path), path, SCHEMAS[path])
    for name in section.split("."):
        found = getattr(found, name)
    return found


@contextmanager
def changed(path: Path, leaves: Mapping[str, Any]) -> Iterator[None]:
    """Let `load` see other values in the block, checked as if they stood in the file; the file stays as it is.

    Args:
        path: of the file, one of `SCHEMAS`.
        leaves: dotted names → values.
    """
    token = _changes.set({**(_changes.get() or {}), path: leaves})
    try:
        yield
    finally:
        _changes.reset(token)


def _changed(tree: Any, path: Path) -> Any:
    for key, value in (_changes.get() or {}).get(path, {}).items():
        *sections, last = key.split(".")
        place = tree
        for name in sections:
            place = place.get(name) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last not in place or isinstance(place[last], dict):
            raise ParamsError(f"{path} has no {key}{_hint(key, (name for name, _ in flatten(tree)))}")
        place[last] = value
    return tree


def validated(tree: Any, path: Path, schema: type[pydantic.BaseModel]) -> Any:
    """Return `tree` as the schema has it.

    Raises:
        ParamsError: with the key, what it must be, the value received and what may be meant.
    """
    try:
        # As JSON, in which strict means: no text for a number, no number for a text, lists for tuples.
        return schema.model_validate_json(json.dumps(tree))
    except pydantic.ValidationError as error:
        raise ParamsError(f"{path}: {_message(error.errors(), tree)}") from None
    except TypeError as error:  # a date, or a key that is no text
        raise ParamsError(f"{path}: {error}") from None


def read_yaml(path: Path) -> Any:
    """Read a file of YAML 1.2, which DVC writes.

    Raises:
        ParamsError: it is missing or no YAML.
    """
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        raise ParamsError(f"{path} is missing: `git checkout {path}` brings it back") from None
    except (YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path} is no YAML: {' '.join(str(error).split())}") from None


def dotted(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Return sections, by their names, as dotted name → value of every leaf."""
    return dict(flatten({name: dataclasses.asdict(section) for name, section in sections.items()}))


def flatten(tree: Mapping, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested mappings as ("section.key", value)."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _message(errors: list[dict[str, Any]], tree: Any) -> str:
    """Say in one line what is wrong first; a misspelled key is told before the one that is missing for it."""
    first = next((error for error in errors if error["type"] == "extra_forbidden"), errors[0])
    key = ".".join(map(str, first["loc"])) or "the file"
    if first["type"] == "value_error":  # of a whole section, whose message may begin with the attribute
        reason = first["msg"].removeprefix("Value error, ")
        named = reason.partition(":")[0].isidentifier()
        return f"{key}.{reason}" if named else f"{key}: {reason}. Received: {first['input']!r}"
    if first["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"unknown key {key}{_hint(key, (_name(error) for error in errors if error is not first))}"
    if first["type"] in ("missing", "missing_argument"):
        known = [name for name, _ in flatten(tree)] if isinstance(tree, Mapping) else []
        return f"{key} is missing{_hint(key, known)}"
    return f"{key}: {first['msg'][0].lower()}{first['msg'][1:]}. Received: {first['input']!r}"


def _name(error: Mapping[str, Any]) -> str:
    return ".".join(map(str, error["loc"]))


def _hint(key: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(key, list(known), n=1)
    return f" (is {near[0]} meant?)" if near else ""
