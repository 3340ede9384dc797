"""Predict PublicTest with the networks of the crowd: networks, faces → probabilities, and answers in other light.

    python -m crowd.predict

Tables as in stages/predict.py, of eight or seven classes. In light.csv stands what each network, and the VGG that was
trained on FER2013's labels, and the mean of the crowd's, answers for the plain face in more and less light.
"""

from functools import partial
from pathlib import Path

import numpy as np
from tqdm import tqdm

from crowd import ALL, MODELS
from openfer import files
from openfer.data.light import LIGHTS, lit
from openfer.data.votes import CLASSES
from openfer.emotions import EMOTIONS, PUBLIC_TEST
from openfer.evaluation.crowd import seven
from openfer.evaluation.ensemble import combine
from openfer.training.dataset import Dataset
from pipeline import arrays, params, paths
from stages import predict, run

BESIDE = "vgg"
"""The model of FER2013's labels whose answers in other light stand beside those of the crowd's."""


def main(code: int, folder: Path) -> None:
    """Predict the faces of one split.

    Args:
        code: of the split.
        folder: CROWD or PRIVATE_CROWD of pipeline/paths.py.
    """
    arrays.require_seven()
    predict.main(code, folder, MODELS, CLASSES[params.load("crowd", params.CROWD).classes])
    rows = np.flatnonzero(arrays.split() == code)
    files.save_csv(folder / "probabilities" / "light.csv", in_other_light(rows, arrays.images()[rows]))


def in_other_light(rows: np.ndarray, images: np.ndarray) -> list[dict[str, str | int]]:
    """Return one row per model and face: its position in the data set and one of seven emotions in each light."""
    from openfer.networks.storage import load_network  # only now: they import Keras
    from openfer.prediction.predict import predict

    answers: dict[str, dict[str, np.ndarray]] = {}
    for model in tqdm((*MODELS, BESIDE), desc="In other light", unit="model"):
        network = load_network(paths.model_path(model))
        sets = {name: Dataset(lit(images, light), np.zeros(len(images), np.uint8)) for name, light in LIGHTS.items()}
        answers[model] = {name: seven(predict(network, faces)) for name, faces in sets.items()}
    if len(MODELS) > 1:
        answers[ALL] = {name: combine([answers[model][name] for model in MODELS]) for name in LIGHTS}
    return [
        {"model": model, "row": int(row)} | {name: EMOTIONS[values[place].argmax()] for name, values in found.items()}
        for model, found in answers.items()
        for place, row in enumerate(rows)
    ]


if __name__ == "__main__":
    run(partial(main, PUBLIC_TEST, paths.CROWD))
