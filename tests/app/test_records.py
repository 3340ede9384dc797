"""What the program says of a face, as JSON and as a row."""

import concurrent.futures
import json
import shutil

import numpy as np
import pytest

from openfer.app import records
from openfer.app.valence import require
from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression

PROBABILITIES = np.array([0.1, 0.05, 0.05, 0.3, 0.1, 0.25, 0.15])
FACE = Face((1.04, 2, 3, 4), 0.98765, np.array([(1.5, 2.0), (2.5, 2.0)]))
EXPRESSION = Expression(FACE, PROBABILITIES, 0.5, 50.0)


def test_a_record_is_json_with_everything():
    found = json.loads(json.dumps(records.record(EXPRESSION)))
    assert found["box"] == [1.0, 2, 3, 4]
    assert found["eyes"] == [[1.5, 2.0], [2.5, 2.0]]
    assert found["confidence"] == 0.988
    assert (found["emotion"], found["unsure"]) == ("happy", True)
    assert list(found["probabilities"]) == list(EMOTIONS)
    assert "valence" not in found


def test_a_face_without_eyes_says_so():
    assert records.record(Expression(Face((0, 0, 1, 1), 1.0), PROBABILITIES, 0.1, 50.0))["eyes"] is None


@pytest.mark.parametrize(
    ("surprise", "valence", "share"),
    [("positive", "positive", 0.55), ("neutral", "neutral", 0.4), ("negative", "negative", 0.55)],
)
def test_surprise_counts_where_the_user_puts_it(surprise, valence, share):
    found = records.record(EXPRESSION, surprise)
    assert found["valence"] == valence
    assert found["valence_probabilities"][valence] == pytest.approx(share)
    assert sum(found["valence_probabilities"].values()) == pytest.approx(1)


def test_a_row_keeps_the_emotion_neutral_apart_from_the_valence_neutral():
    row = records.row(records.record(EXPRESSION, "neutral"))
    assert list(row) == list(records.columns("neutral"))
    assert row["neutral"] == pytest.approx(0.15)
    assert row["valence neutral"] == pytest.approx(0.4)


def test_a_folder_that_is_removed_meanwhile_stops_the_work_at_once_with_the_true_reason(tmp_path):
    out = tmp_path / "out"
    results = records.Results(out / "faces.jsonl", out / "faces.csv", ("file",))
    results.add({"file": "a"}, [{"file": "a"}])
    shutil.rmtree(out)
    with pytest.raises(records.ResultsError, match="out: the folder of the results was removed meanwhile"):
        results.add({"file": "b"}, [{"file": "b"}])
    results.close()
    assert not out.exists()


def test_each_run_gets_a_folder_of_its_own_whatever_has_its_name(tmp_path):
    base = tmp_path / "new" / "expressions"
    assert records.new_folder(base) == base
    (tmp_path / "new" / "expressions-2").touch()
    assert records.new_folder(base) == tmp_path / "new" / "expressions-3"
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        folders = set(pool.map(records.new_folder, [base] * 20))
    assert len(folders) == 20
    assert all(folder.is_dir() for folder in folders)


@pytest.mark.parametrize(
    ("emotions", "shares", "valences"),
    [
        (("angry", "happy", "neutral"), (0.5, 0.3, 0.2), (0.3, 0.2, 0.5)),
        (("surprise", "sad"), (0.6, 0.4), (0.6, 0.0, 0.4)),
        (("negative", "positive", "neutral"), (0.5, 0.3, 0.2), (0.3, 0.2, 0.5)),
    ],
)
def test_a_model_of_other_classes_has_their_names_and_their_valence(emotions, shares, valences):
    expression = Expression(FACE, np.array(shares), 0.5, 50.0, emotions)
    found = records.record(expression, "positive")
    assert found["probabilities"] == dict(zip(emotions, shares, strict=True))
    assert found["emotion"] == emotions[0]
    assert list(found["valence_probabilities"].values()) == pytest.approx(list(valences))
    assert list(records.row(found)) == list(records.columns("positive", emotions))


def test_of_names_of_ones_own_no_valence_is_known():
    require(("angry", "positive"))
    with pytest.raises(Refused, match="the model says bored, of which no valence is known: leave --valence out"):
        require(("angry", "bored"))
