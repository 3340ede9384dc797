"""What a training depends on, as one short name: parameters, data, code, versions and the machine.

A checkpoint is resumed only under the same name, since equal bits are promised.
"""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline import versions
from pipeline.code import behaviour

ROOT = Path(__file__).parents[1]


def fingerprint(params: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return 16 hexadecimal digits that change with whatever the result depends on.

    Args:
        params: what the stage read of params.yaml.
        inputs: a digest of each input file.
    """
    facts = {"params": params, "inputs": inputs, "code": _code(), "versions": _versions(), "machine": _machine()}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _code() -> dict[str, str]:
    """Return the digest of what each imported module of the library does."""
    files = {Path(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
    own = sorted(file for file in files if file.is_relative_to(ROOT / "openfer"))
    return {
        str(file.relative_to(ROOT)): hashlib.sha256(behaviour(file.read_text(encoding="utf-8")).encode()).hexdigest()
        for file in own
    }


def _versions() -> dict[str, str]:
    """Return the versions of Python, the libraries and, where Keras is imported, its backend."""
    found = {"python": platform.python_version()} | versions.installed()
    if "keras" in sys.modules:
        backend = sys.modules["keras"].backend.backend()
        found |= {"backend": backend, backend: sys.modules[backend].__version__}
    return found


def _machine() -> dict[str, Any]:
    """Return what changes the order in which numbers are added up."""
    threads = {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS")}
    return {
        "processor": platform.machine(),
        "cores": os.cpu_count(),
    } | threads
