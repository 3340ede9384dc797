"""Write the generated parts of the documents anew: `make readme` or `python -m docs.readme`.

Between `<!-- results -->` and `<!-- /results -->` stands the table of metrics/, between the marks of `gpu` that of
docs/gpu/, between those of `crowd` that of metrics/crowd/, between those of `dag` the graph that `dvc dag` draws,
between those of `seeds` and `recipes` the tables of docs/seeds.py. In baselines/README.md stand the tables of
metrics/baselines/, whose head rows README.md has between its marks of `baselines`, once there are any. A test compares
them with what is committed. README's pictures are copied into docs/pictures/, or drawn there.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from baselines import table as baselines
from baselines.picture import gap_figure
from baselines.sheets import confusion_sheet, curves_sheet
from crowd import DISPLAY_NAMES
from docs import seeds
from openfer.emotions import EMOTIONS
from openfer.evaluation.ensemble import display_name
from openfer.evaluation.tables import (
    PRIVATE,
    PUBLIC,
    accuracy,
    macro,
    markdown,
    results_table,
    with_interval,
    without_duplicates,
)
from openfer.files import load_csv, load_json, save_bytes, save_figure, save_text
from pipeline import paths

README, EXPERIMENTS = Path("README.md"), Path("docs/experiments.md")
GPU = Path("docs/gpu")
"""The experiment on a GPU: what metrics/ holds of the pipeline's run, parameters and times."""

FIGURES, PRIVATE_FIGURES = paths.figures_folder(paths.METRICS), paths.figures_folder(paths.PRIVATE_TEST)
PICTURES = {
    PRIVATE_FIGURES / "confusion" / "all.png": Path("docs/pictures/confusion.png"),
    PRIVATE_FIGURES / "reliability.png": Path("docs/pictures/reliability.png"),
    FIGURES / "learning_curves.png": Path("docs/pictures/learning_curves.png"),
}
"""Pictures that DVC keeps → README's copies, which Git keeps."""


GAP = Path("docs/pictures/baselines.png")
"""Published figures beside ours."""

CURVES, CONFUSION = (Path(f"docs/pictures/baselines_{name}.png") for name in ("curves", "confusion"))
"""Of all published systems, each on one sheet."""


def main() -> None:
    """Write the documents, copy the pictures that are there, and draw the others."""
    for document, contents in documents().items():
        save_text(document, filled(document.read_text(encoding="utf-8"), contents))
    for picture, copy in PICTURES.items():
        if picture.exists():
            save_bytes(copy, picture.read_bytes())
        else:
            print(f"{copy} stays as it is: {picture} is missing; `dvc repro dvc.yaml report/dvc.yaml` makes it")
    if found := baselines.evaluations():
        public, private = found
        shorter = baselines.unfinished(public, baselines.published_epochs())
        save_figure(GAP, gap_figure(private["systems"], shorter))
        for picture, figure in sheets(public).items():
            save_figure(picture, figure)


def sheets(public: Mapping[str, Any]) -> dict[Path, Figure]:
    """Return the sheets of the published systems that have been evaluated, in the order of their table.

    Args:
        public: the evaluation of PublicTest.
    """
    networks = [name for name in baselines.rows() if name in public["trained"]]
    histories = {name: load_csv(paths.history_path(f"baselines/{name}"), ["public_accuracy"]) for name in networks}
    counts = {name: np.zeros((len(EMOTIONS), len(EMOTIONS)), int) for name in baselines.rows()}
    for cell in load_csv(paths.confusion_path(paths.PRIVATE_BASELINES), ["system"]):
        counts[cell["system"]][EMOTIONS.index(cell["actual"]), EMOTIONS.index(cell["predicted"])] = cell["count"]
    found = {name: matrix for name, matrix in counts.items() if matrix.any()}
    return {CURVES: curves_sheet(histories), CONFUSION: confusion_sheet(found)}


def documents() -> dict[Path, dict[str, str]]:
    """Return the generated parts of each document by name."""
    return {README: parts(), EXPERIMENTS: seeds.parts(), baselines.README: baselines.parts()}


def parts() -> dict[str, str]:
    """Return the generated parts of README.md by name."""
    graph = subprocess.run(
        [sys.executable, "-m", "dvc", "dag", "--mermaid", "export"], capture_output=True, text=True, check=True
    )
    found = baselines.evaluations()
    return {
        "results": results(paths.METRICS),
        "gpu": f"{results(GPU)} {gpu()}",
        "crowd": crowd(),
        "dag": f"```mermaid\n{graph.stdout.strip()}\n```",
        **({"baselines": baselines.heads(*found, baselines.published_epochs())} if found else {}),
    }


def results(folder: Path) -> str:
    """Return the table of what the evaluations of both splits wrote, and how they were made.

    Args:
        folder: METRICS, or one with the same files.
    """
    public, private = (load_json(paths.evaluation_path(place)) for place in (folder, folder / paths.PRIVATE_TEST.name))
    epochs = ", ".join(sorted({str(count) for count in public["epochs"].values()}))
    table = results_table(public["systems"], private["systems"])
    tests = load_json(folder / paths.COMPARISONS.relative_to(paths.METRICS))["ensemble_against_best_member"]
    least = min(test["p_holm"] for test in tests.values())
    return (
        f"{table}\n\nEpochs of training: {epochs}. Protocol: {private['protocol']}. "
        f"Smallest p of an ensemble against its best member (McNemar's exact test, Holm's correction for {len(tests)} "
        f"tests): {least:.3f}."
    )


def gpu() -> str:
    """Describe where the experiment on a GPU ran, and for how long."""
    run = load_json(GPU / "run.json")
    minutes = run["seconds_from_faces_to_probabilities"] / 60
    return (
        f"One {run['device']} and {run['cores']} CPU cores, {run['backend']}, the six trainings side by side: "
        f"{minutes:.0f} minutes from the faces to the probabilities."
    )


def crowd() -> str:
    """Return how often answers agree with what most people see, in the seven classes that all of them have."""
    evaluations = [load_json(folder / "evaluation.json") for folder in (paths.CROWD, paths.PRIVATE_CROWD)]
    names = {("crowd", name): DISPLAY_NAMES[name] for name in evaluations[0]["seven_classes"]["crowd"]}
    names |= {("fer2013", name): f"{display_name(name)}, FER2013's labels" for name in ("vgg", "all")}
    names |= {("fer2013_reweighted", "all"): "the same, reweighted"}
    rows = [["answers", PUBLIC, f"{PRIVATE} [95 % interval]", "without duplicates", "macro-F1"]]
    for (group, name), title in names.items():
        public, private = (evaluation["seven_classes"][group][name] for evaluation in evaluations)
        rows.append([title, accuracy(public), with_interval(private), without_duplicates(private), macro(private)])
    people = [f"{evaluation['people']['one_person']:.2%}" for evaluation in evaluations]
    rows.append(["one person beside nine", *people, "–", "–"])
    return f"{markdown(rows)}\n\n{_eight(*evaluations)}"


def _eight(public: Mapping[str, Any], private: Mapping[str, Any]) -> str:
    """Say what the networks of the crowd get by the published protocol."""
    found = [
        f"{DISPLAY_NAMES[name]} {accuracy(scores)} of {scores['count']:,} faces of {PUBLIC} and "
        f"{accuracy(private['systems'][name])} of {private['systems'][name]['count']:,} of {PRIVATE}"
        for name, scores in public["systems"].items()
    ]
    return f"By the published protocol, in eight classes: {'; '.join(found)}."


def filled(text: str, contents: Mapping[str, str]) -> str:
    """Replace what stands between the marks of each part.

    Raises:
        ValueError: a part has no marks in the text.
    """
    for name, content in contents.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if not pattern.search(text):
            raise ValueError(f"the text has no marks <!-- {name} --> and <!-- /{name} -->")
        text = pattern.sub(lambda match, content=content: f"{match[1]}{content}\n{match[2]}", text)
    return text


if __name__ == "__main__":
    main()
