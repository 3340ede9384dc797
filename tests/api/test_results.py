"""What a recognizer returns: the same for JSON, tables and pictures; whole files or none."""

import csv
import json
import os
import sys

import numpy as np
import pytest
from PIL import Image

from openfer.api.inputs import Source
from openfer.api.results import RecognizedFace, Result, Results, columns
from openfer.errors import Refused
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression

PICTURE = np.full((120, 160, 3), 90, np.uint8)


def face(left: float, happy: float = 0.94, eyes=None) -> RecognizedFace:
    shares = np.array([0.01] * 7)
    shares[3] = happy
    return RecognizedFace(Expression(Face((left, 20.26, 40, 40), 0.91234, eyes), shares, 0.5, 40), "crowd")


def result(*faces: RecognizedFace, name: str = "photo.jpg") -> Result:
    return Result(Source(name, PICTURE), faces, (160, 120))


EYES = np.array([(20.04, 30.0), (40.0, 31.0)])


def test_what_is_printed_of_a_result_is_one_line_without_the_picture():
    assert repr(result(face(10))) == "<Result 'photo.jpg' [<RecognizedFace happy 94% box=(10.0, 20.3, 40.0, 40.0)>]>"
    assert repr(result(face(10, happy=0.4))).count("happy? 40%") == 1
    assert repr(Result(Source("cut.jpg", b""), error="cut")) == "<Result 'cut.jpg' cut>"
    assert repr(Results([result(name="empty.jpg")])) == "[<Result 'empty.jpg' []>]"


def test_a_result_is_plain_json():
    found = json.loads(json.dumps(result(face(10, eyes=EYES)).to_dict()))
    assert found["file"] == "photo.jpg"
    assert (found["width"], found["height"]) == (160, 120)
    (one,) = found["faces"]
    assert one["box"] == [10, 20.3, 40, 40]
    assert one["confidence"] == 0.912
    assert one["eyes"] == [[20, 30], [40, 31]]
    assert one["label_set"] == "crowd"
    assert one["probabilities"]["happy"] == 0.94


def test_a_name_that_is_no_text_is_no_error(tmp_path):
    path = Results([result(face(10), name=os.fsdecode(b"caf\xe9.jpg"))]).to_csv(tmp_path / "faces.csv")
    assert r"caf\udce9.jpg" in path.read_text(encoding="utf-8")


def test_eyes_that_are_not_known_are_none():
    assert face(10).eyes is None
    assert face(10).to_dict()["eyes"] is None


def test_a_table_has_a_row_a_face_and_one_for_a_picture_without(tmp_path):
    results = Results(
        [result(face(10), face(90)), result(name="empty.jpg"), Result(Source("cut.jpg", b""), error="cut")]
    )
    rows = list(csv.DictReader(results.to_csv(tmp_path / "faces.csv").open(encoding="utf-8", newline="")))
    assert tuple(rows[0]) == columns()
    assert [(row["file"], row["face"], row["error"]) for row in rows] == [
        ("photo.jpg", "1", ""), ("photo.jpg", "2", ""), ("empty.jpg", "", ""), ("cut.jpg", "", "cut")
    ]  # fmt: skip
    assert rows[1]["left"] == "90.0"
    assert rows[0]["happy"] == "0.94"


def test_a_file_name_is_no_formula_of_a_spreadsheet_and_an_error_does_not_repeat_it():
    (row,) = Result(Source("=cmd.jpg", b""), error="=cmd.jpg: damaged").rows()
    assert (row["file"], row["error"]) == ("./=cmd.jpg", "damaged")


def test_a_table_of_one_picture_and_a_data_frame_hold_the_same():
    pytest.importorskip("pandas")
    one = result(face(10), face(90))
    frame = one.to_df()
    assert list(frame.columns) == list(columns())
    assert frame["emotion"].tolist() == ["happy", "happy"]
    assert Results([one]).to_df().equals(frame)


def test_a_data_frame_without_pandas_is_refused_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(Refused, match="pip install pandas"):
        result().to_df()


def test_a_table_that_fails_midway_leaves_the_old_one(tmp_path):
    (tmp_path / "faces.csv").write_text("old")
    broken = Results([result(face(10)), None])
    with pytest.raises(AttributeError):
        broken.to_csv(tmp_path / "faces.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["faces.csv"]
    assert (tmp_path / "faces.csv").read_text() == "old"


def test_the_marked_picture_is_drawn_and_saved_in_the_format_of_the_name(tmp_path):
    one = result(face(60))
    drawn = np.asarray(one.plot())
    assert drawn.shape[2] == 3
    assert (drawn != 90).any()
    assert (PICTURE == 90).all()
    for name, kind in (("a.jpg", "JPEG"), ("a.png", "PNG"), ("a.webp", "WEBP")):
        with Image.open(one.save(tmp_path / name)) as saved:
            assert saved.format == kind


@pytest.mark.parametrize("name", ["marked", "marked.txt", "marked.mp4"])
def test_a_name_of_no_format_is_refused_and_nothing_is_written(tmp_path, name):
    with pytest.raises(Refused, match=r"saved as \.jpg, \.png or \.webp"):
        result().save(tmp_path / name)
    assert not list(tmp_path.iterdir())
