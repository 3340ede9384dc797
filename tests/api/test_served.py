"""The served model: pictures in base64 or as values in, faces out; anything else is 400 with the reason."""

import base64
import re
import shutil
import subprocess

import numpy as np
import pytest

from openfer import MODEL
from openfer.api.recognizer import Recognizer
from openfer.api.served import answers
from openfer.errors import Refused
from pipeline import registry
from tests.imports import ROOT
from tests.photos import astronaut
from tests.servers import invoke, served_model

PORTRAIT = base64.b64encode((ROOT / "examples" / "portrait.jpg").read_bytes()).decode()
VALUES, GREY = astronaut().tolist(), astronaut().mean(axis=2).astype(np.uint8).tolist()
CROPS = np.random.default_rng(0).integers(0, 256, (3, 48, 48), np.uint8)


@pytest.fixture(scope="module")
def recognize():
    return Recognizer()


@pytest.mark.parametrize(
    "picture",
    [PORTRAIT, f"data:image/jpeg;base64,{PORTRAIT}", f"{PORTRAIT[:76]}\n{PORTRAIT[76:]}", astronaut(), VALUES, GREY],
    ids=["base64", "data address", "base64 in lines", "array", "values", "grey values"],
)
def test_a_picture_in_any_form_gives_its_faces(recognize, picture):
    (answer,) = answers(recognize, [picture])
    assert [face["emotion"] for face in answer["faces"]] == ["happy"]
    assert answer.keys() == {"width", "height", "faces"}


def test_pictures_of_several_sizes_are_answered_in_their_order(recognize):
    sizes = [(one["width"], one["height"]) for one in answers(recognize, [PORTRAIT, np.zeros((30, 40), np.uint8)])]
    assert sizes == [(512, 512), (40, 30)]
    assert answers(recognize, []) == []


def test_crops_are_taken_as_faces_where_that_is_said(recognize):
    found = [list(one["faces"][0]["probabilities"].values()) for one in answers(recognize, list(CROPS), crop=True)]
    np.testing.assert_allclose(found, recognize._predictor.model.predict(CROPS), atol=1e-4)


REFUSED = {
    "a path": ("photos/me.jpg", "picture 2: a text must be a picture file in base64, no path and no address"),
    "an address": ("https://example.org/a.jpg", "picture 2: a text must be a picture file in base64"),
    "no picture": (base64.b64encode(b"no picture").decode(), "picture 2: not a picture in a known format"),
    "a cut picture": (PORTRAIT[:400], "picture 2: damaged|not a picture"),
    "nothing": ("", "picture 2: the file is empty"),
    "a number": (7, "picture 2: pass a picture file in base64"),
    "null": (None, "picture 2: pass a picture file in base64"),
    "a mapping": ({"image": PORTRAIT}, "picture 2: pass a picture file in base64"),
    "shares": ((CROPS[0] / 255).tolist(), "floats may mean 0–1 or 0–255"),
    "uneven rows": ([[0, 1], [2]], "picture 2: its rows differ in length"),
    "large values": ([[0, 256]], "picture 2: values must be from 0 to 255. Received: 0 to 256"),
    "negative values": ([[-1, 0]], "picture 2: values must be from 0 to 255"),
    "no row": ([], "and not empty|floats"),
    "truth values": ([[True]], "must be uint8"),
    "texts": ([["a"]], "must be uint8"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_anything_else_is_refused_with_the_picture_and_the_reason(recognize, what):
    picture, reason = REFUSED[what]
    with pytest.raises(Refused, match=reason) as refused:
        answers(recognize, [PORTRAIT, picture])
    assert len(str(refused.value)) < 400


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A tracking store in which the shipped model is registered."""
    root = tmp_path_factory.mktemp("store")
    registry.register(root, MODEL, "fer2013-all", CROPS[:2])
    return root, f"sqlite:///{root / 'mlflow.db'}"


def test_the_model_says_what_it_takes_and_works_without_a_server(store, monkeypatch):
    import mlflow

    monkeypatch.setenv("MLFLOW_TRACKING_URI", store[1])
    model = mlflow.pyfunc.load_model("models:/fer2013-all/latest")
    assert "'crop': boolean (default: False)" in str(model.metadata.signature)
    assert model.predict([PORTRAIT])[0]["faces"][0]["emotion"] == "happy"
    assert len(model.predict(list(CROPS), params={"crop": True})) == 3
    with pytest.raises(mlflow.MlflowException, match="picture 1: a text must be") as refused:
        model.predict(["photos/me.jpg"])
    assert refused.value.error_code == "INVALID_PARAMETER_VALUE"


README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_a_server_answers_the_command_of_the_readme_and_refuses_with_400_and_the_reason_alone(store):
    (command,) = re.findall(r"^.*localhost:5001/invocations.*$", README, re.MULTILINE)
    with served_model("fer2013-all", store[1], store[0]) as server:
        if shutil.which("curl"):
            words = ["bash", "-c", command.replace("http://localhost:5001", server)]
            done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
            assert '"emotion": "happy"' in done.stdout
        assert invoke(server, {"inputs": CROPS.tolist(), "params": {"crop": True}})[0] == 200
        for content, reason in (
            ({"inputs": [(CROPS[0] / 255).tolist()]}, "floats may mean"),
            ({"inputs": [PORTRAIT, PORTRAIT[:4000]]}, "picture 2: damaged"),
            ({"inputs": [PORTRAIT], "params": {"crop": "perhaps"}}, "crop"),
            ({"pictures": [PORTRAIT]}, "inputs"),
        ):
            status, answer = invoke(server, content)
            assert status == 400, answer
            assert reason in answer["message"]
        status, answer = invoke(server, {"inputs": [PORTRAIT, 7]})
        assert len(answer["message"]) < 200
