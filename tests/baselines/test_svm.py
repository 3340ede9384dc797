"""The support vector machines: scikit-learn's answers from arrays alone."""

import numpy as np
import pytest
from sklearn.svm import SVC

from baselines.fit import ended
from baselines.settings import Svm
from baselines.svm import fit, load, save
from openfer.files import FileError

HOW = Svm(penalty=2.0, iterations=10000)


@pytest.fixture(scope="module")
def data():
    """Overlapping clouds of seven classes, features of very different scale, one that never varies."""
    rng = np.random.default_rng(4)
    labels = rng.integers(0, 7, 400).astype(np.uint8)
    features = rng.normal(0, 1, (400, 9)) + 0.6 * np.eye(7, 9)[labels]
    features[:, 1] *= 50
    features[:, 8] = 3
    return features.astype(np.float32), labels


@pytest.mark.parametrize("scaled", [False, True])
def test_decisions_and_answers_are_those_of_scikit_learn(data, tmp_path, scaled):
    features, labels = data
    save(tmp_path / "one.npz", fit(features[:300], labels[:300], HOW, scaled))
    machine = load(tmp_path / "one.npz")
    mean, deviation = (features[:300].mean(axis=0), features[:300].std(axis=0)) if scaled else (0, 1)
    seen = (features - mean) / np.where(np.asarray(deviation) > 0, deviation, 1)
    # It breaks ties by confidence, as the highest of the probabilities does.
    expected = SVC(C=HOW.penalty, gamma="auto", break_ties=True).fit(seen[:300], labels[:300])
    np.testing.assert_allclose(machine.decisions(features[300:]), expected.decision_function(seen[300:]), atol=1e-3)
    probabilities = machine.probabilities(features[300:])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_array_equal(probabilities.argmax(axis=1), expected.predict(seen[300:]))


def test_of_two_classes_the_answer_is_not_the_other_one(data):
    features, labels = (rows[data[1] < 2] for rows in data)
    machine = fit(features, labels, HOW, True, ("happy", "sad"))
    seen = (features - machine.mean) / machine.deviation
    expected = SVC(C=HOW.penalty, gamma="auto").fit(seen, labels).predict(seen)
    np.testing.assert_array_equal(machine.probabilities(features).argmax(axis=1), expected)
    assert (expected == labels).mean() > 0.8


def test_scaling_is_fitted_to_training_and_helps(data):
    features, labels = data
    right = [
        (fit(features[:300], labels[:300], HOW, scaled).probabilities(features[300:]).argmax(axis=1) == labels[300:])
        for scaled in (False, True)
    ]
    assert right[0].mean() + 0.1 < right[1].mean()
    machine = fit(features[:300], labels[:300], HOW, True)
    np.testing.assert_allclose(machine.mean, features[:300].mean(axis=0), rtol=1e-5)


def test_pairs_that_were_stopped_are_named(data):
    report = ended(fit(*data, Svm(penalty=1.0, iterations=3), False), 3)
    assert len(report["stopped"]) == report["pairs"] == 21
    assert report["stopped"][0] == "angry, disgust"
    assert ended(fit(*data, HOW, False), HOW.iterations)["stopped"] == []


def test_the_same_machine_is_the_same_bytes(data, tmp_path):
    for name in ("one.npz", "two.npz"):
        save(tmp_path / name, fit(*data, HOW, True))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_missing_or_damaged_file_is_one_line(tmp_path):
    with pytest.raises(FileError, match=r"one.npz is missing; "):
        load(tmp_path / "one.npz")
    (tmp_path / "one.npz").write_bytes(b"PK")
    with pytest.raises(FileError, match=r"one.npz is damaged \(.*\); "):
        load(tmp_path / "one.npz")
