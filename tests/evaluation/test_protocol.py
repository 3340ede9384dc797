"""The official split is recognised by its counts, and so are changed places; faces with a duplicate are left out."""

import numpy as np
import pytest

from openfer.emotions import EMOTIONS, PRIVATE_TEST, PUBLIC_TEST, TRAINING
from openfer.evaluation.protocol import OFFICIAL, ProtocolError, class_counts, protocol, without_duplicate


def official() -> tuple[np.ndarray, np.ndarray]:
    labels = [np.repeat(np.arange(7), counts) for counts in OFFICIAL.values()]
    split = np.repeat(list(OFFICIAL), [len(part) for part in labels])
    return np.concatenate(labels).astype(np.uint8), split.astype(np.uint8)


def swapped(split: np.ndarray) -> np.ndarray:
    return np.array([TRAINING, PRIVATE_TEST, PUBLIC_TEST], np.uint8)[split]


def test_the_counts_are_those_of_the_data_set():
    assert OFFICIAL[PUBLIC_TEST] == (467, 56, 496, 895, 653, 415, 607)
    assert OFFICIAL[PRIVATE_TEST] == (491, 55, 528, 879, 594, 416, 626)
    assert [sum(OFFICIAL[code]) for code in (TRAINING, PUBLIC_TEST, PRIVATE_TEST)] == [28709, 3589, 3589]


def test_the_official_split_is_recognised_in_any_order_of_its_rows():
    labels, split = official()
    order = np.random.default_rng(0).permutation(len(labels))
    assert protocol(labels, split) == protocol(labels[order], split[order]) == "official FER2013 split"


def test_evaluation_splits_that_changed_places_are_an_error():
    labels, split = official()
    with pytest.raises(ProtocolError, match="PublicTest and PrivateTest have changed places"):
        protocol(labels, swapped(split))


def test_one_face_more_or_less_is_not_the_official_split():
    labels, split = official()
    assert protocol(labels[1:], split[1:]) == "not the official FER2013 split"
    assert protocol(labels[:-1], split[:-1]) == "not the official FER2013 split"


def test_one_label_more_of_another_class_is_not_the_official_split():
    labels, split = official()
    labels[-1] = 0
    assert protocol(labels, split) == "not the official FER2013 split"


def test_a_random_split_of_the_same_faces_is_not_the_official_one():
    labels, split = official()
    shuffled = np.random.default_rng(0).permutation(split)
    assert protocol(labels, shuffled) == "not the official FER2013 split"


def test_an_emotion_without_a_face_counts_zero():
    assert class_counts(np.array([0, 0, 5])) == (2, 0, 0, 0, 0, 1, 0)
    assert class_counts(np.array([], np.uint8)) == (0,) * 7


IMAGES = np.arange(6, dtype=np.uint8)[[0, 1, 2, 1, 3, 2, 4, 5], None, None] * np.ones((48, 48), np.uint8)
SPLIT = np.array([TRAINING, TRAINING, TRAINING, PUBLIC_TEST, PUBLIC_TEST, PRIVATE_TEST, PRIVATE_TEST, PUBLIC_TEST])


def test_only_faces_of_the_split_without_a_duplicate_in_training_are_left():
    assert without_duplicate(IMAGES, SPLIT, PUBLIC_TEST).tolist() == [4, 7]
    assert without_duplicate(IMAGES, SPLIT, PRIVATE_TEST).tolist() == [6]


def test_a_duplicate_in_another_evaluation_split_is_no_reason_to_leave_a_face_out():
    images = IMAGES.copy()
    images[4] = images[6]
    assert 4 in without_duplicate(images, SPLIT, PUBLIC_TEST)


def test_a_split_that_is_nothing_but_duplicates_is_an_error():
    images = IMAGES.copy()
    images[SPLIT == PUBLIC_TEST] = images[0]
    with pytest.raises(ProtocolError, match="every image of PublicTest has a duplicate in Training"):
        without_duplicate(images, SPLIT, PUBLIC_TEST)


def of_classes(*groups: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Labels and codes of the official split, in the groups that are kept."""
    labels, split = official()
    place = {EMOTIONS.index(member): label for label, group in enumerate(groups) for member in group}
    kept = np.isin(labels, list(place))
    return np.array([place[label] for label in labels[kept]]), split[kept]


def test_a_subset_of_the_official_split_says_how_many_classes_it_has():
    names = ("neutral", "angry", "happy", "sad", "surprise")
    labels, split = of_classes(*((name,) for name in names))
    classes = {name: [name] for name in names}
    assert protocol(labels, split, classes) == "official FER2013 split, 5 of 7 classes"
    assert protocol(labels[1:], split[1:], classes) == "not the official FER2013 split, 5 of 7 classes"
    assert np.bincount(split).tolist() == [24176, 3037, 3006]
    with pytest.raises(ProtocolError, match="have changed places"):
        protocol(labels, swapped(split), classes)


def test_groups_are_named_with_their_members():
    classes = {"positive": ("happy",), "neutral": ("neutral",), "negative": ("angry", "disgust", "fear", "sad")}
    found = protocol(*of_classes(*classes.values()), classes)
    said = "positive: happy; neutral: neutral; negative: angry, disgust, fear, sad"
    assert found == f"official FER2013 split, 6 of 7 classes as 3 ({said})"


def test_names_of_ones_own_are_not_counted_among_the_seven():
    labels, split = official()
    assert protocol(labels % 2, split, {"bored": ["bored"], "happy": ["happy"]}) == (
        "not the official FER2013 split, 2 classes"
    )


def test_the_seven_in_another_order_are_all_of_them():
    assert protocol(*of_classes(*((name,) for name in EMOTIONS[::-1])), {n: [n] for n in EMOTIONS[::-1]}) == (
        "official FER2013 split"
    )
