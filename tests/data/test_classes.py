"""Classes: a subset, groups and names of one's own give labels in their order, and what means nothing is refused."""

import numpy as np
import pytest

from openfer.api.results import columns as of_api
from openfer.app.people import columns as of_people
from openfer.app.records import columns as of_faces
from openfer.data.classes import SEVEN, TAKEN, classes_of, expressions, grouped, is_seven, require_every_class
from openfer.data.table import IngestError, Table
from openfer.emotions import EMOTIONS
from openfer.prediction.probabilities import columns as of_probabilities

FIVE = ["angry", "happy", "sad", "surprise", "neutral"]
VALENCES = [{"positive": ["happy"]}, "neutral", {"negative": ["angry", "disgust", "fear", "sad"]}]


def table(labels=tuple(range(7)), names=EMOTIONS) -> Table:
    """A table whose images are filled with the place of their row."""
    labels = np.array(labels, np.uint8)
    images = np.repeat(np.arange(len(labels), dtype=np.uint8), 48 * 48).reshape(-1, 48, 48)
    return Table(images, labels, labels % 3, [], names=names)


def test_the_seven_leave_the_table_as_it_is():
    faces = table()
    assert grouped(faces, classes_of(list(EMOTIONS)), "faces.csv") is faces


def test_a_subset_keeps_only_its_faces_and_labels_them_by_the_order_of_the_list():
    found = grouped(table([4, 0, 1, 6, 3, 2, 5, 4]), classes_of(["neutral", "happy", "sad", "angry"]), "faces.csv")
    assert found.names == ("neutral", "happy", "sad", "angry")
    assert found.labels.tolist() == [2, 3, 0, 1, 2]
    assert found.images[:, 0, 0].tolist() == [0, 1, 3, 4, 7]
    assert found.split.tolist() == [1, 0, 0, 0, 1]
    assert found.labels.dtype == np.uint8
    assert found.left_out == {"disgust": 1, "fear": 1, "surprise": 1}


def test_all_seven_in_another_order_are_labelled_anew_and_none_is_left_out():
    found = grouped(table(), classes_of(list(EMOTIONS[::-1])), "faces.csv")
    assert found.labels.tolist() == [6, 5, 4, 3, 2, 1, 0]
    assert found.left_out == {}
    assert not is_seven(classes_of(list(EMOTIONS[::-1])))


def test_groups_take_several_for_one_and_surprise_is_left_out_unless_the_user_places_it():
    found = grouped(table(), classes_of(VALENCES), "faces.csv")
    assert found.names == ("positive", "neutral", "negative")
    assert found.labels.tolist() == [2, 2, 2, 0, 2, 1]
    assert found.left_out == {"surprise": 1}
    placed = classes_of([{"positive": ["happy", "surprise"]}, *VALENCES[1:]])
    assert grouped(table(), placed, "faces.csv").labels.tolist() == [2, 2, 2, 0, 2, 0, 1]


def test_a_folder_may_hold_the_seven_and_names_of_ones_own():
    assert expressions(classes_of(["bored", "happy"])) == (*EMOTIONS, "bored")
    assert expressions(SEVEN) == EMOTIONS


@pytest.mark.parametrize(
    ("emotions", "message"),
    [
        (["angry"], "must name at least two classes, one alone tells nothing apart"),
        ([], "must name at least two classes"),
        (["sad", "happy", "sad"], "sad stands there twice"),
        ([{"low": ["sad"]}, {"high": ["happy", "sad"]}], "sad stands there twice"),
        ([{"low": ["sad"]}, {"low": ["happy"]}], "low stands there twice"),
        ("angry", "must be a list of names and of groups .* Received: 'angry'"),
        (None, "must be a list of names and of groups"),
        ([3, "sad"], "a name must be 1 to 30 small letters.* Received: 3"),
        ([True, "sad"], "Received: True"),
        (["Angry", "sad"], "a name must be 1 to 30 small letters.* Received: 'Angry'"),
        (["a/b", "sad"], "Received: 'a/b'"),
        (["..", "sad"], r"Received: '\.\.'"),
        (["emotion", "sad"], "a name must be no name of another column of the tables. Received: 'emotion'"),
        ([{"low": "sad"}, "happy"], "low must have a list of members. Received: 'sad'"),
        ([{"low": []}, "happy"], "low must have a list of members"),
        ([{"low": ["sad"], "high": ["happy"]}, "neutral"], "a group must be one name with its members"),
        ([{"low": ["Sad"]}, "happy"], "a member of low must be 1 to 30 small letters"),
    ],
)
def test_what_means_no_classes_is_refused(emotions, message):
    with pytest.raises(ValueError, match=f"^{message}" if message[0].islower() else message):
        classes_of(emotions)


def test_a_class_has_no_name_of_another_column_of_any_table():
    columns = {*of_api(()), *of_people("neutral", ()), *of_faces("neutral", ()), *of_probabilities(())}
    assert {column for column in columns if not column.startswith("valence ")} <= set(TAKEN)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("angri", r" \(is angry meant\?\)"),
        ("anger", r" \(is angry meant\?\)"),
        ("happiness", r" \(is happy meant\?\)"),
        ("xyz", "; it has angry, disgust, fear, happy, sad, surprise, neutral"),
    ],
)
def test_an_expression_that_the_source_does_not_hold_is_named_with_the_nearest_that_it_does(name, hint):
    with pytest.raises(IngestError, match=rf"^faces\.csv holds no face of '{name}', which data\.emotions names{hint}$"):
        grouped(table(), classes_of([name, "happy"]), "faces.csv")


def test_classes_of_ones_own_choice_need_faces_in_every_split():
    faces = grouped(table([0, 3, 0, 3, 0]), classes_of(["angry", "happy"]), "faces.csv")
    with pytest.raises(IngestError, match=r"^faces\.csv: no face of 'happy' is left in PrivateTest \(1 faces of other"):
        require_every_class(faces, np.array([0, 0, 1, 1, 2]), "faces.csv")
    with pytest.raises(IngestError, match="no face of 'angry' is left in Training"):
        require_every_class(faces, np.array([1, 0, 1, 1, 2]), "faces.csv")


def test_of_the_seven_one_may_be_missing_in_a_split():
    require_every_class(table([0, 3, 0]), np.array([0, 1, 2]), "faces.csv")
