"""Write the generated parts of README.md and docs/experiments.md anew: `make readme` or `python -m docs.readme`.

Between `<!-- results -->` and `<!-- /results -->` stands the table of metrics/evaluation.json, between the marks of
`gpu` that of docs/gpu/, between those of `dag` the graph that `dvc dag` draws, between those of `seeds` and `recipes`
the tables of docs/seeds.py. A test compares them with what is committed.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from docs import seeds
from openfer.evaluation.tables import results_table
from openfer.files import EVALUATION, load_json, save_text

README, EXPERIMENTS = Path("README.md"), Path("docs/experiments.md")
GPU = Path("docs/gpu")
"""Parameters, figures and probabilities of the experiment on a GPU."""


def documents() -> dict[Path, dict[str, str]]:
    """Return the generated parts of each document by name."""
    return {README: parts(), EXPERIMENTS: seeds.parts()}


def parts() -> dict[str, str]:
    """Return the generated parts of README.md by name."""
    graph = subprocess.run(
        [sys.executable, "-m", "dvc", "dag", "--md", "export"], capture_output=True, text=True, check=True
    )
    return {
        "results": results(EVALUATION),
        "gpu": f"{results(GPU / 'evaluation.json')} {gpu()}",
        "dag": graph.stdout.strip(),
    }


def results(path: Path) -> str:
    """Return the table of what stages/evaluate.py wrote, and what it was measured by."""
    evaluation = load_json(path)
    epochs = ", ".join(sorted({str(count) for count in evaluation["epochs"].values()}))
    return f"{results_table(evaluation)}\n\nEpochs of training: {epochs}. Protocol: {evaluation['protocol']}."


def gpu() -> str:
    """Say where the experiment on a GPU ran, and for how long."""
    run = load_json(GPU / "run.json")
    minutes = run["seconds_from_faces_to_probabilities"] / 60
    return (
        f"One {run['device']} and {run['cores']} CPU cores, {run['backend']}, the six trainings side by side: "
        f"{minutes:.0f} minutes from the faces to the probabilities."
    )


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
    for document, contents in documents().items():
        save_text(document, filled(document.read_text(encoding="utf-8"), contents))
