"""Which project files a module imports, directly or through others: what DVC does not follow."""

import ast
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("openfer", "pipeline", "stages", "report", "crowd", "baselines", "transfer", "search", "sample")


def closure(file: str, leaves: Iterable[str] = ()) -> set[str]:
    """Return `file` and every project file that importing it runs, as paths relative to the root.

    Args:
        file: to start from.
        leaves: beginnings of paths whose own imports are not followed.
    """
    found, waiting = set(), [file]
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            if not current.startswith(tuple(leaves)):
                waiting += imports(current)
    return found


def imports(file: str) -> list[str]:
    """Return the project files that a file imports directly, anywhere in it."""
    return [path for name in _imported(ROOT / file) for path in _files(name)]


def _imported(path: Path) -> list[str]:
    """Return the dotted names that a file imports; `from a import b` may mean the module a.b."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [node.module] + [f"{node.module}.{alias.name}" for alias in node.names]
    return [name for name in names if name.split(".")[0] in PACKAGES]


def _files(name: str) -> list[str]:
    """Return the files that `import name` runs: the packages on the way, then the module where there is one."""
    parts = name.split(".")
    packages = [Path(*parts[:end], "__init__.py") for end in range(1, len(parts) + 1)]
    module = Path(*parts[:-1], f"{parts[-1]}.py")
    return [str(path) for path in [*packages, module] if (ROOT / path).is_file() and _has_code(ROOT / path)]


def _has_code(path: Path) -> bool:
    """Tell whether a file holds more than a docstring, as most `__init__.py` do not."""
    return len(ast.parse(path.read_text(encoding="utf-8")).body) > 1
