"""Evaluate the released networks on a FER2013 of your own without training: CSV → a table beside the published one.

    python -m report.released path/to/fer2013.csv

Everything is written in .released/, where a copy of the pipeline ingests the file, describes its faces, predicts both
evaluation splits and scores them. metrics/ and dvc.lock stay as they are. The networks, and the visual words of those
that use SIFT, come from released/; a network without its words is left out.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.evaluation.ensemble import MODELS, display_name
from openfer.evaluation.tables import data_source, markdown
from openfer.files import digest, load_json
from pipeline import paths, process, verify
from pipeline.params import read_yaml
from sample.demo import clean_environment, prepare
from stages import run

FOLDER = Path(".released")
SETTINGS = {"sift_keypoints": "sift.keypoints", "sift_histograms": "sift.histograms", "dsift": "dsift"}
"""Stages that describe faces → their sections of params.yaml."""


def main(source: Path) -> None:
    """Evaluate, one process at a time."""
    with process.alone(FOLDER, "python -m report.released", wait=0):
        evaluate(source)


def evaluate(source: Path) -> None:
    """Prepare, run the stages, print what was found.

    Args:
        source: what data.source of params.yaml may be.

    Raises:
        Refused: no network is released, or one is damaged.
    """
    named = {output.path: output.md5 for output in verify.outputs()}
    shutil.rmtree(FOLDER / paths.METRICS, ignore_errors=True)
    given = {"data.source": str(source.resolve()), "data.split": "official", "data.emotions": list(EMOTIONS)}
    prepare(FOLDER, settings() | given)
    models = fetch(named)
    if not models:
        raise Refused("released/ holds no network that dvc.lock names: `git checkout -- dvc.lock released`")
    shutil.copytree(paths.history_path("").parent, FOLDER / paths.history_path("").parent)
    for stage, arguments in stages_of(models):
        print(f"\n{' '.join([stage, *arguments])}", flush=True)
        command = [sys.executable, "-m", stage, *arguments]
        environment = clean_environment() | {"DVC_STAGE": stage}  # with it a stage ends when this process does
        done = subprocess.run(command, cwd=FOLDER, env=environment, check=False)
        if done.returncode:
            sys.exit(done.returncode)  # the stage has said what went wrong
    tell(named, models)


def settings() -> dict[str, Any]:
    """Return the sections of params.yaml with which faces were described for the networks of dvc.lock."""
    stages = read_yaml(Path("dvc.lock"))["stages"]
    return {
        section: stages[stage]["params"]["params.yaml"][section]
        for stage, section in SETTINGS.items()
        if section in stages.get(stage, {}).get("params", {}).get("params.yaml", {})
    }


def fetch(named: Mapping[Path, str]) -> list[str]:
    """Copy what is released into the folder, say what is left out, and return the models that can be evaluated.

    Args:
        named: path → MD5 of what dvc.lock names.

    Raises:
        Refused: a released file is damaged.
    """
    words, models = copied(paths.SIFT_VOCABULARY, named), []
    for model in MODELS:
        if paths.descriptor_of(model) == "sift" and not words:
            print(f"left out: {display_name(model)}; the visual words that it was trained with are not released")
        elif not copied(paths.model_path(model), named):
            print(f"left out: {display_name(model)}; the network that dvc.lock names is not released")
        else:
            models.append(model)
    return models


def copied(path: Path, named: Mapping[Path, str]) -> bool:
    """Copy a released output into the folder; return whether it is released.

    Raises:
        Refused: it is damaged.
    """
    kept = verify.object_path(verify.RELEASED, named.get(path, "none"))
    if not kept.is_file():
        return False
    if digest(kept, "md5") != named[path]:
        raise Refused(f"{kept}, which is {path}, is damaged: `git checkout -- {kept}` brings it back")
    (FOLDER / path).parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept, FOLDER / path)
    return True


def stages_of(models: Sequence[str]) -> list[tuple[str, Sequence[str]]]:
    """Return the stages that evaluate some models, each with its arguments: all but those that train and export."""
    described = {paths.descriptor_of(model) for model in models}
    sift = [("stages.sift_keypoints", ()), ("stages.sift_histograms", ())] if "sift" in described else []
    dsift = [("stages.dsift", ())] if "dsift" in described else []
    evaluated = ("stages.predict", "stages.evaluate", "report.predict", "report.evaluate")
    return [("stages.ingest", ()), *sift, *dsift, *((stage, models) for stage in evaluated)]


def tell(named: Mapping[Path, str], models: Sequence[str]) -> None:
    """Print which file it is, how its arrays differ from those of the trainings, and the figures of both."""
    print(f"\n{data_source(load_json(FOLDER / paths.DATA_REPORT))}")
    for path in (paths.IMAGES, paths.LABELS, paths.SPLIT):
        here = digest(FOLDER / path, "md5")
        trained = named.get(path)
        what = "as in the trainings" if here == trained else f"differs from that of the trainings, MD5 {trained}"
        print(f"{path}: MD5 {here}, {what}")
    found = [evaluations(FOLDER / folder) for folder in (paths.METRICS, paths.PRIVATE_TEST)]
    published = [evaluations(folder) for folder in (paths.METRICS, paths.PRIVATE_TEST)]
    print(f"\n{comparison(found, published)}\n")
    if len(models) < len(MODELS):
        print(f"Of {len(MODELS)} networks {len(models)} are here, and the ensembles of these.")
    print(f"Predictions and pictures are in {FOLDER / paths.METRICS}; {FOLDER} may be deleted.")


def evaluations(folder: Path) -> dict[str, Any]:
    """Return the figures of all systems in METRICS or PRIVATE_TEST; none where nothing was evaluated."""
    path = paths.evaluation_path(folder)
    return load_json(path)["systems"] if path.exists() else {}


def comparison(found: Sequence[Mapping[str, Any]], published: Sequence[Mapping[str, Any]]) -> str:
    """Return one row per system: accuracy published, here, and the difference in points, on both splits.

    Args:
        found: figures on PublicTest and PrivateTest by system.
        published: likewise.
    """
    header = ["model"]
    for folder in (paths.METRICS, paths.PRIVATE_TEST):
        header += [f"{paths.split_of(folder)} published", "here", "difference"]
    rows = [
        [display_name(name), *(cell for pair in zip(found, published, strict=True) for cell in _cells(name, *pair))]
        for name in found[0]
    ]
    return markdown([header, *rows])


def _cells(name: str, found: Mapping[str, Any], published: Mapping[str, Any]) -> list[str]:
    here = found[name]["accuracy"]
    if name not in published:
        return ["–", f"{here:.2%}", "–"]
    there = published[name]["accuracy"]
    return [f"{there:.2%}", f"{here:.2%}", f"{(here - there) * 100:+.2f}"]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "source", type=Path, help="fer2013.csv or icml_face_data.csv, also packed, or a folder of pictures"
    )
    run(main, parser.parse_args().source)
