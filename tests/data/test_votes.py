"""The votes of FER+: read row by row, checked against the faces, filtered by the published protocol."""

import csv
from pathlib import Path

import numpy as np
import pytest

from openfer.data.table import IngestError
from openfer.data.votes import COLUMNS, VOTES, learnable, majority, read_votes
from openfer.emotions import EMOTIONS, SPLITS

HEADER = ("Usage", "Image name", "neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
HEADER += ("unknown", "NF")
SPLIT = np.array([0, 0, 1, 2], np.uint8)
ROWS = [
    ["Training", "fer0000000.png", 4, 0, 0, 1, 3, 2, 0, 0, 0, 0],
    ["Training", "", 0, 0, 0, 0, 0, 0, 0, 0, 0, 10],
    ["PublicTest", "fer0000002.png", 0, 9, 0, 0, 0, 0, 0, 1, 0, 0],
    ["PrivateTest", "fer0000003.png", 0, 0, 5, 0, 0, 0, 5, 0, 0, 0],
]


def written(path: Path, rows: list[list], header: tuple[str, ...] = HEADER) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def counts(**votes: int) -> np.ndarray:
    """The votes for one face."""
    return np.array([[votes.get(name.replace(" ", "_"), 0) for name in VOTES]], np.uint8)


def test_columns_come_in_the_order_of_the_labels(tmp_path):
    found = read_votes(written(tmp_path / "votes.csv", ROWS), SPLIT)
    assert found.dtype == np.uint8
    assert dict(zip(VOTES, found[0].tolist(), strict=True)) == dict.fromkeys(VOTES, 0) | {
        "neutral": 4,
        "sad": 1,
        "angry": 3,
        "disgust": 2,
    }
    assert found[1].tolist() == [0] * 9 + [10]
    assert VOTES[:7] == EMOTIONS
    assert len(COLUMNS) == len(VOTES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        # One row too few, another split, votes that are none, a row that is cut off, other names, another header.
        ({"rows": ROWS[:3]}, r"votes\.csv must have a row for each of the 4 faces\. Received: 3$"),
        ({"rows": [ROWS[0], ROWS[2], *ROWS[2:]]}, r"line 3: Usage must be Training, as in the data set\. Received"),
        ({"rows": [[*ROWS[0][:2], 11, *ROWS[0][3:]], *ROWS[1:]]}, r"line 2: votes must be numbers from 0 to 10"),
        ({"rows": [[*ROWS[0][:2], "x", *ROWS[0][3:]], *ROWS[1:]]}, r"line 2: votes must be numbers from 0 to 10"),
        ({"rows": [ROWS[0][:5], *ROWS[1:]]}, r"line 2: votes must be numbers from 0 to 10"),
        ({"rows": [["Training", "me.png", *ROWS[0][2:]], *ROWS[1:]]}, r"line 2: Image name must be like fer0{7}"),
        ({"header": ("usage", *HEADER[1:])}, r"line 1: the header must name Usage$"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_about_these_faces_is_one_line_with_place_and_value(tmp_path, change, message):
    path = written(tmp_path / "votes.csv", **({"rows": ROWS} | change))
    with pytest.raises(IngestError, match=message) as error:
        read_votes(path, SPLIT)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_rows_in_another_order_are_refused(tmp_path):
    rows = [["Training", f"fer{number:07d}.png", *ROWS[0][2:]] for number in range(40)]
    assert len(read_votes(written(tmp_path / "votes.csv", rows), np.zeros(40, np.uint8))) == 40
    with pytest.raises(IngestError, match="must rise along the rows"):
        read_votes(written(tmp_path / "votes.csv", rows[::-1]), np.zeros(40, np.uint8))


def test_a_missing_file_is_one_line_that_says_where_to_get_it(tmp_path):
    with pytest.raises(IngestError, match=r"missing\. Get fer2013new\.csv from https://github\.com/microsoft/FERPlus"):
        read_votes(tmp_path / "votes.csv", SPLIT)


@pytest.mark.parametrize(
    ("votes", "label"),
    [
        ({"happy": 6, "neutral": 4}, "happy"),
        ({"happy": 5, "neutral": 5}, None),  # no majority
        ({"happy": 4, "neutral": 3, "sad": 1, "fear": 1, "angry": 1}, "happy"),  # of seven votes, less the single ones
        ({"contempt": 7, "neutral": 3}, "contempt"),
        ({"unknown": 6, "neutral": 4}, None),
        ({"not_a_face": 10}, None),
        ({"happy": 5, "neutral": 3, "unknown": 2}, None),  # half of all is not more than half
    ],
)
def test_a_majority_is_more_than_half_of_the_votes_of_more_than_one_person(votes, label):
    found = majority(counts(**votes), classes=8)
    assert [VOTES[code] for code in found.labels] == ([label] if label else [])


def test_contempt_is_left_out_of_seven_classes():
    faces = np.concatenate([counts(contempt=8, happy=2), counts(happy=8, contempt=2)])
    found = majority(faces, classes=7)
    assert found.rows.tolist() == [1]
    assert found.shares.tolist() == [[0, 0, 0, 1, 0, 0, 0]]


def test_faces_are_learned_from_where_most_votes_are_for_expressions_even_where_people_disagree():
    faces = np.concatenate([counts(happy=5, neutral=5), counts(unknown=6, sad=4), counts(unknown=3, sad=4, fear=3)])
    found = learnable(faces, classes=8)
    assert found.rows.tolist() == [0, 2]
    np.testing.assert_allclose(found.shares[0], [0, 0, 0, 0.5, 0, 0, 0.5, 0])
    np.testing.assert_allclose(found.shares[1], [0, 0, 3 / 7, 0, 4 / 7, 0, 0, 0], rtol=1e-6)
    assert found.shares.dtype == np.float32
    assert [VOTES[code] for code in found.labels] == ["happy", "sad"]


def test_the_names_of_the_splits_are_those_of_fer2013():
    assert {row[0] for row in ROWS} == set(SPLITS)
