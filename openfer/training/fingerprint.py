"""What a result depends on, as one short name: parameters, data and the project's own code."""

import hashlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openfer.files import digest


def fingerprint(params: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """Return 16 hexadecimal digits that change with the parameters, the inputs or any project module in use.

    Args:
        params: what the stage read of params.yaml.
        inputs: a digest of each input file.
    """
    facts = {"params": params, "inputs": inputs, "code": _code(), "backend": _backend()}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]


def _code() -> dict[str, str]:
    """Return the digests of the imported modules that lie in the project."""
    root = Path(__file__).parents[2]
    files = {Path(module.__file__) for module in list(sys.modules.values()) if getattr(module, "__file__", None)}
    own = [
        file for file in files if any(file.is_relative_to(root / name) for name in ("openfer", "pipeline", "stages"))
    ]
    return {str(file.relative_to(root)): digest(file) for file in sorted(own)}


def _backend() -> str:
    keras = sys.modules.get("keras")
    return f"{keras.__version__} {keras.backend.backend()}" if keras else ""
