"""Write the cards of exported models with their figures on both splits: exported models, faces → cards.

    python -m report.cards
    python -m report.cards vgg all

How many PrivateTest faces are at or above the threshold, and how many of those are right, is counted here, on the faces
without a duplicate in Training.
"""

from collections.abc import Sequence

from tqdm import tqdm

from openfer import files
from openfer.emotions import PRIVATE_TEST
from openfer.evaluation.ensemble import SYSTEMS, members, systems
from openfer.evaluation.protocol import without_duplicate
from openfer.export.calibration import at_threshold
from openfer.export.model_card import model_card
from openfer.export.model_folder import FACTS, ExportedModel
from pipeline import arrays, paths, versions
from stages import run_for_names


def main(names: Sequence[str]) -> None:
    """Predict with the exported models, and write a card each.

    Args:
        names: of models and ensembles.
    """
    versions.require(["numpy", "opencv", "onnxruntime", "scipy"])
    images, labels, split = arrays.faces()
    rows = without_duplicate(images, split, PRIVATE_TEST)
    public, private = (files.load_json(paths.evaluation_path(folder)) for folder in (paths.METRICS, paths.PRIVATE_TEST))
    predicted = {}
    for model in tqdm(sorted({model for name in names for model in members(name)}), desc="Predicting", unit="model"):
        predicted[model] = ExportedModel.load(paths.exported_path(model)).uncalibrated(images[rows])
    for name, probabilities in systems(predicted, names).items():
        facts = files.load_json(paths.exported_path(name) / FACTS)
        threshold = at_threshold(probabilities, labels[rows], facts)
        files.save_text(paths.CARDS / f"{name}.md", model_card(facts, public, private, threshold))
    print(f"{len(names)} cards in {paths.CARDS}/")


if __name__ == "__main__":
    run_for_names(main, SYSTEMS, __doc__)
