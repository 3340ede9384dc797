"""The versions of the libraries that results depend on: versions.yaml, declared in dvc.yaml where they are used.

DVC sees no upgrade of a library. It sees this file; so a stage compares it with what is installed before it runs.
"""

import io
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ruamel.yaml import YAML

from openfer.errors import Refused
from openfer.files import save_text
from pipeline.params import read_yaml

VERSIONS = Path("versions.yaml")

DISTRIBUTIONS = {
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "keras": ("keras",),
    "numpy": ("numpy",),
    "opencv": ("opencv-contrib-python", "opencv-contrib-python-headless"),
    "scikit-learn": ("scikit-learn",),
    "scipy": ("scipy",),
    "onnxruntime": ("onnxruntime",),
    "onnx": ("onnx",),
    "tf2onnx": ("tf2onnx",),
    "dlib": ("dlib-bin", "dlib"),
    "scikit-image": ("scikit-image",),
}
"""Names in versions.yaml → packages of which one is installed."""

EXTRA = ("dlib", "scikit-image")
"""Those that requirements-baselines.txt brings, which not everybody has."""


class VersionError(Refused):
    """Another version of a library is installed than the one that results are to come from."""


def installed() -> dict[str, str]:
    """Return the installed version of each library of versions.yaml; "none" where there is none."""
    return {name: _version(packages) for name, packages in DISTRIBUTIONS.items()}


def require(names: Sequence[str], declared: Mapping[str, str] | None = None) -> None:
    """Check some libraries against versions.yaml.

    Args:
        names: of the libraries that a stage uses.
        declared: content of versions.yaml; None reads it.

    Raises:
        VersionError: the installed versions differ, with both and the ways out.
    """
    declared = read_yaml(VERSIONS) if declared is None else declared
    here = installed()
    differing = [
        f"{name} {here[name]} instead of {declared.get(name)}" for name in names if here[name] != declared.get(name)
    ]
    if differing:
        extra = any(here[name] != declared.get(name) for name in names if name in EXTRA)
        file = "requirements-baselines.txt" if extra else "requirements.txt"
        raise VersionError(
            f"installed is {', '.join(differing)} of {VERSIONS}: `pip install -r {file}`, or adopt it by "
            "`python -m pipeline.versions` and then `dvc repro` (all anew) or `dvc commit --force` (results stay)"
        )


def _version(packages: Sequence[str]) -> str:
    for package in packages:
        try:
            return version(package)
        except PackageNotFoundError:
            continue
    return "none"


def main() -> None:
    """Write the installed versions into versions.yaml; its comments stay, and what not everybody has installed."""
    yaml, text = YAML(), io.StringIO()
    content = yaml.load(VERSIONS.read_text(encoding="utf-8"))
    content.update({name: found for name, found in installed().items() if found != "none" or name not in EXTRA})
    yaml.dump(content, text)
    save_text(VERSIONS, text.getvalue())


if __name__ == "__main__":
    main()
