"""The whole pipeline on the drawn sample, in a folder of its own: `make demo` or `python -m sample.demo`.

A copy of the pipeline is run with the parameters of sample/demo.yaml, so that dvc.lock and metrics/ of the project,
which come from the real FER2013, stay as they are. A second run does only what has changed since the first.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from openfer.evaluation.tables import public_table
from openfer.files import load_json
from pipeline import paths
from sample.progress import repro

ROOT = Path(__file__).parent.parent
RUN = ("sample/dvc.yaml", "dvc.yaml")
"""The pipelines of the demo: the drawing, then everything else."""

COPIED = (
    ".dvcignore",
    ".dvc/config",
    ".dvc/.gitignore",
    "dvc.yaml",
    "data/dvc.yaml",
    "versions.yaml",
    "openfer",
    "pipeline",
    "report",
    "crowd",
    "baselines",
    "transfer",
    "search",
    "stages",
    "sample",
    "params.yaml",
)
"""What of the project `dvc repro` needs."""


def main(folder: Path) -> None:
    """Run, then print the table and where the pictures are."""
    prepare(folder, yaml.safe_load((ROOT / "sample" / "demo.yaml").read_text(encoding="utf-8")))
    log = folder / "demo.log"
    print(f"The whole pipeline on drawn faces, in {folder}; what the stages print: {log}", flush=True)
    try:
        code = repro(folder, RUN, clean_environment(), log)
    except KeyboardInterrupt:
        sys.exit("\nStopped; the next `make demo` goes on from here.")
    if code:
        sys.exit(code)
    evaluation = load_json(folder / paths.evaluation_path(paths.METRICS))
    print(f"\n{public_table(evaluation['systems'])}\n")
    chance = 1 / len(next(iter(evaluation["systems"].values()))["classes"])
    print(f"The drawn sample, {evaluation['protocol']}; chance is {100 * chance:.0f} %. ", end="")
    print("The README has the figures on FER2013.")
    figures = paths.figures_folder(paths.METRICS)
    for picture in (figures / "learning_curves.png", figures / "confusion" / "all.png", paths.DATA_SAMPLES):
        print(f"picture: {folder / picture}")
    print(next_steps(ROOT), end="")


def next_steps(root: Path) -> str:
    """Return what to do before `dvc repro` can run in a folder that is no Git repository, such as an unpacked ZIP."""
    if (root / ".git").exists():
        return ""
    return (
        f"\n{root} is no Git repository (a ZIP download?), and DVC refuses to run there. Before you run `dvc repro`:\n"
        "  git init                               with it experiments (`dvc exp`) work, too, after a first commit\n"
        "  dvc config --local core.no_scm true    without Git, and without experiments\n"
    )


def prepare(folder: Path, overrides: Mapping[str, Any]) -> None:
    """Copy the pipeline into `folder`, a DVC project without Git, and set parameters there.

    Args:
        folder: made where it is missing; outputs of an earlier run are kept.
        overrides: dotted name of a leaf of params.yaml → its value.
    """
    for name in COPIED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            if name != "sample":  # which holds an output, the drawn faces
                shutil.rmtree(target, ignore_errors=True)  # with what the project has no more
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
    """Return the environment with this Python first on the path and without the user's settings of DVC and MLflow.

    glibc keeps the memory of large arrays, which it otherwise gives back to the system and clears anew in every step:
    a training on the sample takes a quarter less, and its result is the same to the byte.
    """
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("DVC_", "MLFLOW_"))}
    environment |= {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**32)}
    return environment | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"}


if __name__ == "__main__":
    main(ROOT / ".demo")
