"""Write the cards of the crowd's exported models with their figures on both splits: exported models, faces → cards.

python -m crowd.report.cards

How many PrivateTest faces are at or above the threshold, and how many of those are right, is counted here, on the faces
without a duplicate in Training in which people see an expression.
"""

from openfer import files
from openfer.data.votes import learnable
from openfer.emotions import EMOTIONS, PRIVATE_TEST
from openfer.evaluation.protocol import without_duplicate
from openfer.export.calibration import at_threshold
from openfer.export.crowd_card import crowd_card
from openfer.export.model_folder import ExportedModel
from pipeline import arrays, paths, versions
from stages import run


def main() -> None:
    """Predict with the exported models, and write a card each."""
    versions.require(["numpy", "onnxruntime", "scipy"])
    images, _, split = arrays.faces()
    judged = learnable(arrays.votes(), len(EMOTIONS)).among(without_duplicate(images, split, PRIVATE_TEST))
    public, private = (files.load_json(folder / "evaluation.json") for folder in (paths.CROWD, paths.PRIVATE_CROWD))
    folders = sorted(path for path in paths.CROWD_EXPORTED.iterdir() if path.is_dir())
    for folder in folders:
        model = ExportedModel.load(folder)
        threshold = at_threshold(model.uncalibrated(images[judged.rows]), judged.labels, model.facts)
        card = crowd_card(model.facts, public, private, threshold)
        files.save_text(paths.PRIVATE_CROWD / "cards" / f"{folder.name}.md", card)
    print(f"{len(folders)} cards in {paths.PRIVATE_CROWD}/cards/")


if __name__ == "__main__":
    run(main)
