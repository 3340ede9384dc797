"""The whole pipeline on the drawn sample, in a folder of its own: `make demo` or `python -m sample.demo`.

A copy of the pipeline is run with the parameters of sample/demo.yaml, so that dvc.lock and metrics/ of the project,
which come from the real FER2013, stay as they are. A second run does only what has changed since the first.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from openfer.evaluation.tables import public_table
from openfer.files import load_json
from pipeline import paths

ROOT = Path(__file__).parent.parent
PIPELINE = (
    ".dvcignore",
    ".dvc/config",
    ".dvc/.gitignore",
    "dvc.yaml",
    "data/dvc.yaml",
    "versions.yaml",
    "openfer",
    "pipeline",
    "report",
    "stages",
    "sample",
    "params.yaml",
)
"""What of the project `dvc repro` needs."""


def main(folder: Path) -> None:
    """Run, then print the table and where the pictures are."""
    prepare(folder, yaml.safe_load((ROOT / "sample" / "demo.yaml").read_text(encoding="utf-8")))
    done = subprocess.run([sys.executable, "-m", "dvc", "repro"], cwd=folder, env=clean_environment(), check=False)
    if done.returncode:
        sys.exit(done.returncode)  # the stage has said what went wrong
    evaluation = load_json(folder / paths.evaluation_path(paths.METRICS))
    print(f"\n{public_table(evaluation['systems'])}\n")
    print(f"The drawn sample, {evaluation['protocol']}; chance is 14 %. The README has the figures on FER2013.")
    figures = paths.figures_folder(paths.METRICS)
    for picture in (figures / "learning_curves.png", figures / "confusion" / "all.png", paths.DATA_SAMPLES):
        print(f"picture: {folder / picture}")


def prepare(folder: Path, overrides: Mapping[str, Any]) -> None:
    """Copy the pipeline into `folder`, a DVC project without Git, and set parameters there.

    Args:
        folder: made where it is missing; outputs of an earlier run are kept.
        overrides: dotted name of a leaf of params.yaml → its value.
    """
    for name in PIPELINE:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "fer2013.csv")
            shutil.copytree(source, target, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copyfile(source, target)
    (folder / ".dvc" / "config.local").write_text("[core]\n    no_scm = true\n", encoding="utf-8")
    set_params(folder / "params.yaml", overrides)


def set_params(path: Path, overrides: Mapping[str, Any]) -> None:
    """Set leaves of a params.yaml; a name that is not there is an error (comments of the file are lost)."""
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    for key, value in overrides.items():
        *sections, last = key.split(".")
        section = tree
        for name in sections:
            section = section[name]
        if last not in section:
            raise KeyError(f"{path} has no {key}")
        section[last] = value
    path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")


def clean_environment() -> dict[str, str]:
    """Return the environment with this Python first on the path and without the user's settings of DVC and MLflow."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DVC_", "MLFLOW_"))}
    return environment | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"}


if __name__ == "__main__":
    main(ROOT / ".demo")
