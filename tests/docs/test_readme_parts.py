"""What `make readme` writes: the table from the evaluations of both splits, and copies of pictures that DVC keeps."""

import pytest

from docs import readme
from openfer.files import save_json
from pipeline import paths


def evaluation(accuracy: float) -> dict:
    scores = {"accuracy": accuracy, "low": accuracy - 0.01, "high": accuracy + 0.01, "macro_f1": 0.6}
    scores |= {"without_duplicates": {"accuracy": accuracy - 0.1}}
    return {"protocol": "official FER2013 split", "epochs": {"cnn": 60, "vgg": 50}, "systems": {"vgg": scores}}


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(readme, "documents", dict)
    return tmp_path


@pytest.mark.parametrize("folder", [paths.METRICS, readme.GPU])
def test_the_table_is_that_of_both_evaluations(project, folder):
    save_json(folder / "evaluation.json", evaluation(0.7))
    save_json(folder / "private_test" / "evaluation.json", evaluation(0.75))
    tests = {"vgg-all": {"p_holm": 0.25}, "all": {"p_holm": 0.125}}
    save_json(folder / "private_test" / "comparisons.json", {"ensemble_against_best_member": tests})
    text = readme.results(folder)
    assert "| VGG   |     70.00% |        75.00% [74.0%–76.0%] |             65.00% |    0.600 |" in text
    assert "Epochs of training: 50, 60. Protocol: official FER2013 split." in text
    assert text.endswith("Holm's correction for 2 tests): 0.125.")


def test_pictures_that_are_there_are_copied_and_the_others_stay(project, capsys):
    first, *others = readme.PICTURES
    first.parent.mkdir(parents=True)
    first.write_bytes(b"new")
    stays = readme.PICTURES[others[0]]
    stays.parent.mkdir(parents=True)
    stays.write_bytes(b"old")
    readme.main()
    assert readme.PICTURES[first].read_bytes() == b"new"
    assert stays.read_bytes() == b"old"
    assert capsys.readouterr().out.count("stays as it is") == len(others)


def test_pictures_of_private_test_and_learning_curves_are_what_the_readme_shows():
    copies = {str(copy): str(picture) for picture, copy in readme.PICTURES.items()}
    assert copies == {
        "docs/pictures/confusion.png": "metrics/private_test/figures/confusion/all.png",
        "docs/pictures/reliability.png": "metrics/private_test/figures/reliability.png",
        "docs/pictures/learning_curves.png": "metrics/figures/learning_curves.png",
    }
