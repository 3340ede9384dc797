"""Evaluate PrivateTest with what PublicTest has chosen: probabilities, labels → figures, predictions, tests, pictures.

    python -m report.evaluate
    python -m report.evaluate cnn vgg

Temperatures, and the member that each ensemble is tested against, come from metrics/evaluation.json.
"""

from collections.abc import Sequence

from openfer import files
from openfer.emotions import PRIVATE_TEST, SPLITS
from openfer.evaluation.ensemble import MODELS, display_name
from openfer.evaluation.evaluation import best_members
from openfer.evaluation.protocol import protocol
from pipeline import arrays, paths, versions
from stages import run_for_names
from stages.evaluate import draw, evaluation_of, save


def main(models: Sequence[str] = tuple(MODELS)) -> None:
    """Read, evaluate, write.

    Args:
        models: names of those that stages/evaluate.py has evaluated.
    """
    versions.require(["numpy", "scikit-learn", "scipy"])
    images, labels, split = arrays.faces()
    classes = arrays.emotions()
    evaluation = evaluation_of(PRIVATE_TEST, paths.PRIVATE_TEST, images, labels, split, models, tuple(classes))
    public = files.load_json(paths.evaluation_path(paths.METRICS))
    chosen = public["systems"]
    scores = evaluation.scores({name: values["temperature"] for name, values in chosen.items()})
    facts = {"protocol": protocol(labels, split, classes), "split": SPLITS[PRIVATE_TEST], "data": public["data"]}
    save(paths.PRIVATE_TEST, evaluation, facts | {"systems": scores})
    draw(paths.PRIVATE_TEST, evaluation, scores, images)
    comparisons = {
        "ensemble_against_best_member": evaluation.against_best_member(best_members(chosen)),
        "disagreement": evaluation.disagreements(tuple(models)),
    }
    files.save_json(paths.COMPARISONS, comparisons)
    for name, values in scores.items():
        print(f"{display_name(name):16} accuracy on {SPLITS[PRIVATE_TEST]} {values['accuracy']:.4f}")


if __name__ == "__main__":
    run_for_names(main, MODELS, __doc__)
