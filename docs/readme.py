"""Write the generated parts of README.md anew: `make readme` or `python -m docs.readme`.

Between `<!-- results -->` and `<!-- /results -->` stands the table of metrics/evaluation.json, between the marks of
`gpu` that of docs/gpu/, between those of `dag` the graph that `dvc dag` draws. A test compares them with what is
committed.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from fer.artifacts import EVALUATION, load_json, save_text
from fer.tables import results_table

README = Path("README.md")
GPU = Path("docs/gpu")
"""Parameters, figures and probabilities of the experiment on a GPU."""


def parts() -> dict[str, str]:
    """Return the generated parts by name."""
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
            raise ValueError(f"{README} has no marks <!-- {name} --> and <!-- /{name} -->")
        text = pattern.sub(lambda match, content=content: f"{match[1]}{content}\n{match[2]}", text)
    return text


if __name__ == "__main__":
    save_text(README, filled(README.read_text(encoding="utf-8"), parts()))
