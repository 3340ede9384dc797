"""Write the generated parts of README.md anew: `make readme` or `python -m docs.readme`.

Between `<!-- results -->` and `<!-- /results -->` stands the table of metrics/evaluation.json, between `<!-- dag -->`
and `<!-- /dag -->` the graph that `dvc dag` draws. A test compares them with what is committed.
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from fer.artifacts import EVALUATION, load_json, save_text
from fer.tables import results_table

README = Path("README.md")


def parts() -> dict[str, str]:
    """Return the generated parts by name."""
    evaluation = load_json(EVALUATION)
    epochs = ", ".join(sorted({str(count) for count in evaluation["epochs"].values()}))
    caption = f"Epochs of training: {epochs}. Protocol: {evaluation['protocol']}."
    graph = subprocess.run(
        [sys.executable, "-m", "dvc", "dag", "--md", "export"], capture_output=True, text=True, check=True
    )
    return {"results": f"{results_table(evaluation)}\n\n{caption}", "dag": graph.stdout.strip()}


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
