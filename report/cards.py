"""Write the card of every exported model with its figures on both splits: exported models, faces → cards.

    python -m report.cards

How many PrivateTest faces are at or above the threshold, and how many of those are right, is counted here.
"""

import numpy as np
from tqdm import tqdm

from openfer import files
from openfer.emotions import PRIVATE_TEST
from openfer.evaluation.ensemble import ENSEMBLES, MODELS, systems
from openfer.export.calibration import at_threshold
from openfer.export.model_card import model_card
from openfer.export.model_folder import Bundle
from pipeline import arrays, paths, versions
from stages import run


def main() -> None:
    """Predict with the exported models, and write a card each."""
    versions.require(["numpy", "opencv", "onnxruntime"])
    images, labels, split = arrays.faces()
    rows = np.flatnonzero(split == PRIVATE_TEST)
    public, private = (files.load_json(paths.evaluation_path(folder)) for folder in (paths.METRICS, paths.PRIVATE_TEST))
    predicted = {}
    for model in tqdm(MODELS, desc="Predicting", unit="model"):
        predicted[model] = Bundle.load(paths.exported_path(model)).uncalibrated(images[rows])
    for name, probabilities in systems(predicted).items():
        facts = files.load_json(paths.exported_path(name) / "model.json")
        threshold = at_threshold(probabilities, labels[rows], facts)
        files.save_text(paths.CARDS / f"{name}.md", model_card(facts, public, private, threshold))
    print(f"{len(MODELS) + len(ENSEMBLES)} cards in {paths.CARDS}/")


if __name__ == "__main__":
    run(main)
