"""What a training depends on, as one short name: parameters, data, code, versions and the machine.

A checkpoint is resumed only under the same name, since equal bits are promised.
"""

import hashlib
import importlib
import json
import os
import platform
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import versions
from pipeline.code import behaviour_of
from pipeline.processor import instructions

ROOT = Path(__file__).parents[1]

CODE = ("openfer", "stages", "crowd", "baselines", "transfer", "search")
"""Folders whose modules change a result; pipeline/ only reads, writes and tells."""

PARSING = threading.Lock()
"""Python 3.11's `ast` fails at times when threads parse at once ("AST constructor recursion depth mismatch")."""

There = tuple[list[str], dict[str, str]]
"""Names of all of our modules that a host has imported, and its versions as `software` returns them."""

Ask = Callable[[Sequence[str]], There | None]
"""Has a host import modules; None where it cannot, so that they have to be imported here."""

SETTINGS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_ENABLE_ONEDNN_OPTS")
"""Variables of the environment that change the order in which numbers are added up."""

VECTORS = ("sse", "ssse", "avx", "fma", "amx", "asimd", "sve", "bf16", "i8mm")
"""How the names of vector instructions begin, by which libraries choose their code, on Intel, AMD and ARM."""


def fingerprint(
    params: Mapping[str, Any], inputs: Mapping[str, str], modules: Sequence[str] = (), ask: Ask | None = None
) -> str:
    """Return 16 hexadecimal digits that change with whatever the result depends on.

    Args:
        params: what the stage read of params.yaml.
        inputs: a digest of each input file.
        modules: of the library that are imported only later, such as that of the network: "openfer.networks.cnn".
        ask: a host of a cluster that trains: it alone imports them, and with them Keras.
    """
    late = [] if all(module in sys.modules for module in modules) else modules
    there = ask(late) if ask and late else None
    if there is None:
        for module in late:
            importlib.import_module(module)
    names, versions_there = there or ((), {})
    facts = {"params": params, "inputs": inputs, "code": code(names), "versions": versions_there | software()}
    return short(facts | {"machine": _machine()})


def short(facts: Any) -> str:
    """Return 16 hexadecimal digits of what JSON can write."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def code(there: Iterable[str] = ()) -> dict[str, str]:
    """Return the digest of what each imported module of the library, and the stage itself, does.

    Args:
        there: names of modules that are not imported here, and belong to them.
    """
    modules = [sys.modules.get(name) for name in (*imported(), "__main__")]
    files = {Path(module.__file__) for module in modules if getattr(module, "__file__", None)}
    bases = [ROOT.joinpath(*name.split(".")) for name in there]
    files |= {file for base in bases for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()}
    own = sorted(file for file in files if any(file.is_relative_to(ROOT / folder) for folder in CODE))
    with PARSING:
        return {str(file.relative_to(ROOT)): hashlib.sha256(behaviour_of(file).encode()).hexdigest() for file in own}


def imported() -> list[str]:
    """Return the names of the modules in `CODE` that this process has imported."""
    return [name for name in list(sys.modules) if name.split(".")[0] in CODE]


def software() -> dict[str, str]:
    """Return the versions of Python, of what trains with it and, where Keras is imported, of its backend."""
    here = versions.installed()
    found = {"python": platform.python_version(), "numpy": here["numpy"], "keras": here["keras"]}
    if "keras" in sys.modules:
        backend = sys.modules["keras"].backend.backend()
        found |= {"backend": backend, "version of the backend": sys.modules[backend].__version__}
        found |= {"device": _device(backend)}
    return found


def _device(backend: str) -> str:
    """Return what a backend of Keras computes on: the kind of the first GPU that it sees, or "cpu"."""
    module = sys.modules[backend]
    if backend == "jax":
        return module.devices()[0].device_kind
    if backend == "torch":
        return module.cuda.get_device_name(0) if module.cuda.is_available() else "cpu"
    gpus = module.config.list_physical_devices("GPU")
    return module.config.experimental.get_device_details(gpus[0]).get("device_name", "gpu") if gpus else "cpu"


def _machine() -> dict[str, Any]:
    """Return what of the machine changes the order in which numbers are added up."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = {"processor": platform.machine(), "cores": cores}
    found |= {
        "instructions": sorted(name for name in instructions() if name.startswith(VECTORS)) or platform.processor()
    }
    found |= {name: os.environ.get(name) for name in SETTINGS}
    if "openfer.training.devices" in sys.modules:
        found |= sys.modules["openfer.training.devices"].facts()
    return found
