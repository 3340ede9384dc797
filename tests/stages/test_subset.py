"""Five of the seven classes, from the parameters to what the program answers."""

import csv
import json

import keras
import numpy as np
import pytest

from openfer import Recognizer
from openfer.app.cli import main as openfer
from openfer.files import load_csv, load_json
from openfer.networks.storage import emotions_of, load_network
from pipeline import paths
from sample.demo import set_params
from tests.conftest import Project, new_project
from tests.films import write_film
from tests.imports import ROOT
from tests.photos import astronaut

pytestmark = pytest.mark.slow

FIVE = ("angry", "happy", "sad", "surprise", "neutral")
PORTRAIT = ROOT / "examples" / "portrait.jpg"
COMMANDS = (
    *(("sample.draw",), ("stages.ingest",), ("stages.train", "vgg")),
    *(("stages.predict", "vgg"), ("stages.evaluate", "vgg"), ("stages.export", "vgg")),
    *(("report.predict", "vgg"), ("report.evaluate", "vgg"), ("report.cards", "vgg")),
)


@pytest.fixture(scope="module")
def five(tmp_path_factory) -> Project:
    """A project whose VGG was trained on five classes, evaluated and exported."""
    project = new_project(tmp_path_factory.mktemp("five") / "project")
    set_params(project.folder / "params.yaml", {"data.emotions": list(FIVE)})
    for command in COMMANDS:
        project.run(*command)
    return project


def test_the_network_tells_five_classes_apart_and_says_which(five):
    path = five.folder / paths.model_path("vgg")
    assert emotions_of(path) == FIVE
    assert load_network(path).output_shape == (None, 5)
    assert np.load(five.folder / paths.LABELS).max() == 4


def test_tables_figures_and_cards_are_about_five_classes(five):
    for folder in (paths.METRICS, paths.PRIVATE_TEST):
        rows = load_csv(five.folder / paths.probabilities_path(folder, "vgg"), ())
        assert tuple(rows[0]) == ("row", *FIVE, "single_view")
        evaluation = load_json(five.folder / paths.evaluation_path(folder))
        assert evaluation["protocol"] == "not the official FER2013 split, 5 of 7 classes"
        assert tuple(evaluation["systems"]["vgg"]["classes"]) == FIVE
        cells = load_csv(five.folder / paths.confusion_path(folder), ())
        assert [(cell["actual"], cell["predicted"]) for cell in cells] == [(a, b) for a in FIVE for b in FIVE]
        assert {row["actual"] for row in load_csv(five.folder / paths.predictions_path(folder), ())} == set(FIVE)
    for card in (paths.exported_path("vgg") / "README.md", paths.CARDS / "vgg.md"):
        text = (five.folder / card).read_text(encoding="utf-8")
        assert "which of five posed expressions each face resembles most: angry, happy, sad, surprise, neutral." in text
        assert "- **Protocol**: not the official FER2013 split, 5 of 7 classes." in text


def test_the_program_says_five_names(five, tmp_path, capsys):
    model = str(five.folder / paths.exported_path("vgg"))
    command = ["photo", "--model", model, "--valence", "--charts", "--out", str(tmp_path / "out"), str(PORTRAIT)]
    assert openfer(command) == 0
    assert capsys.readouterr().out.split()[1].rstrip("?") in FIVE
    (line,) = (tmp_path / "out" / "faces.jsonl").read_text(encoding="utf-8").splitlines()
    assert tuple(json.loads(line)["faces"][0]["probabilities"]) == FIVE
    with (tmp_path / "out" / "faces.csv").open(encoding="utf-8", newline="") as file:
        columns = csv.DictReader(file).fieldnames
    assert columns[columns.index("unsure") + 1 :][:5] == list(FIVE)
    assert "fear" not in columns


def test_python_says_five_names_and_its_table_has_their_columns(five, tmp_path):
    recognize = Recognizer(five.folder / paths.exported_path("vgg"))
    (face,) = recognize(PORTRAIT).faces
    assert tuple(face.scores) == FIVE
    assert face.emotion in FIVE
    blank = np.zeros((60, 60), np.uint8)
    for results in (recognize([PORTRAIT, blank]), recognize(iter([blank])), recognize(blank)):
        assert not {"fear", "disgust"} & set(load_csv(results.to_csv(tmp_path / "faces.csv"), FIVE)[0])


def test_a_film_says_five_names(five, tmp_path):
    film = write_film(tmp_path / "film.mp4", [astronaut()] * 6)
    model = str(five.folder / paths.exported_path("vgg"))
    assert (
        openfer(["video", "--model", model, "--surprise", "positive", "--out", str(tmp_path / "out"), str(film)]) == 0
    )
    for table in ("people.csv", "frames.csv"):
        (row, *_) = load_csv(tmp_path / "out" / table, FIVE)
        assert not {"fear", "disgust"} & set(row)
        assert row["emotion"] in FIVE


def test_the_crowd_refuses_five_classes_in_one_line(five):
    printed = five.run("crowd.votes", check=False)
    assert "votes: the crowd's pipeline needs FER2013's seven classes, data/faces/emotions.json holds angry" in printed
    assert "Traceback" not in printed


def test_a_network_of_other_classes_is_not_exported(five, tmp_path):
    project = five.copy(tmp_path / "project")
    names = {name: [name] for name in (*FIVE[:4], "fear")}
    (project.folder / paths.EMOTIONS).write_text(json.dumps(names), encoding="utf-8")
    printed = project.run("stages.export", "vgg", check=False)
    assert (
        "export: models/vgg.keras tells angry, happy, sad, surprise, neutral apart, data/faces/emotions.json" in printed
    )


def test_keras_alone_reads_the_network(five):
    assert keras.models.load_model(five.folder / paths.model_path("vgg"), compile=False).output_shape == (None, 5)
