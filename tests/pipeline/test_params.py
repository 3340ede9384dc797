"""params.yaml is read strictly: what is missing, unknown, of another type or out of range is named."""

import shutil

import pytest
import yaml

from openfer.descriptors.settings import Grid, Vocabulary
from openfer.training.settings import Recipe
from pipeline.params import PARAMS, SCHEMAS, ParamsError, changed, dotted, flatten, load
from tests.imports import ROOT


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    return tmp_path


def read(project, old: str, new: str, section: str = "train"):
    text = (project / "params.yaml").read_text(encoding="utf-8")
    assert text.count(old) >= 1
    (project / "params.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    return load(section)


def test_a_section_comes_as_its_dataclass():
    assert isinstance(load("train"), Recipe)
    assert load("sift.vocabulary") == Vocabulary(words=128, sample=300000, seed=42)
    assert load("dsift") == Grid(step=8, sizes=(2.7, 5.3), sigma=0.55, normalisation="rootsift")


def test_sections_have_a_value_for_every_leaf_of_the_file(project):
    from pipeline.params import PARAMS, read_yaml

    sections = ("data", "sift", "dsift", "train", "augmentation", "networks", "hybrids", "fusion", "export")
    leaves = dict(flatten(read_yaml(PARAMS)))
    found = dotted({section: load(section) for section in sections})
    assert found.keys() == leaves.keys()
    assert found["train.epochs"] == leaves["train.epochs"]


@pytest.mark.parametrize("path", SCHEMAS, ids=str)
def test_no_two_leaves_are_one(path):
    """DVC would set all that share an anchor when it is asked to set one."""
    events = yaml.parse((ROOT / path).read_text(encoding="utf-8"))
    assert not [event for event in events if isinstance(event, yaml.AliasEvent)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  epochs: 60", "  epoch: 60", r"params\.yaml: train\.epochs is missing \(is train\.epoch meant\?\)"),
        ("  epochs: 60", "  epochs: 60\n  epoch: 1", r"unknown key train\.epoch"),
        ("dsift:", "webcam:\n  port: 1\ndsift:", "unknown key webcam"),
        ("  vgg:", "  vvg:", r"networks\.vgg is missing"),
        ("    words: 128", "    words:\n      count: 128", r"sift\.vocabulary\.words: .* integer"),
    ],
)
def test_a_key_that_is_missing_or_unknown_is_named_in_whatever_section(project, old, new, message):
    with pytest.raises(ParamsError, match=message):
        read(project, old, new, section="export")


@pytest.mark.parametrize(
    ("old", "new", "key", "received"),
    [
        ("epochs: 60", "epochs: 4.5", "train.epochs", "4.5"),
        ("epochs: 60", "epochs: true", "train.epochs", "True"),
        ("epochs: 60", "epochs: '42'", "train.epochs", "'42'"),
        ("epochs: 60", "epochs:", "train.epochs", "None"),
        ("epochs: 60", "epochs: [1]", "train.epochs", r"\[1\]"),
        ("epochs: 60", "epochs: 0", "train.epochs", "0"),
        ("ema: 0.98", "ema: half", "train.ema", "'half'"),
        ("ema: 0.98", "ema: true", "train.ema", "True"),
        ("ema: 0.98", "ema: 1", "train.ema", "1"),
        ("ema: 0.98", "ema: .nan", "train.ema", "nan"),
        ("ema: 0.98", "ema: .inf", "train.ema", "inf"),
        ("crop: 40", "crop: 47", "networks.cnn.crop", "47"),
        ("crop: 40", "crop: 50", "networks.cnn.crop", "50"),
        ("contrast: local", "contrast: none", "networks.cnn.contrast", "'none'"),
        ("keep: last", "keep: first", "train.keep", "'first'"),
        ("precision: auto", "precision: half", "train.precision", "'half'"),
        ("backend: tensorflow", "backend: theano", "train.backend", "'theano'"),
        ("split: official", "split: 1", "data.split", "1"),
        ("words: 128", "words: 1", "sift.vocabulary.words", "1"),
        ("step: 8", "step: 49", "dsift.step", "49"),
        ("    - 2.7\n    - 5.3", "    []", "dsift.sizes", r"\[\]"),
        ("    - 2.7", "    - true", "dsift.sizes.0", "True"),
        ("sizes:\n    - 2.7\n    - 5.3", "sizes: 3", "dsift.sizes", "3"),
        ("sigma: 0.55", "sigma: 0.4", "dsift.sigma", "0.4"),
        ("rotation: 10", "rotation: -1", "augmentation.rotation", "-1"),
        ("dropout: 0.3", "dropout: 0.96", "networks.cnn.dropout", "0.96"),
        ("ema: 0.998", "ema: 1", "hybrids.ema", "1"),
        ("units: 128", "units: 0", "fusion.sift.units", "0"),
        ("sure_accuracy: 0.8", "sure_accuracy: 1.1", "export.sure_accuracy", "1.1"),
    ],
)
def test_a_value_of_another_type_or_out_of_range_is_one_line_with_key_and_value(project, old, new, key, received):
    with pytest.raises(ParamsError, match=rf"^params\.yaml: {key}: .*\. Received: {received}$") as error:
        read(project, old, new)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("weight_decay: 0.005", "weight_decay: 1e-05", 1e-5),
        ("weight_decay: 0.005", "weight_decay: 5e-3", 5e-3),
        ("weight_decay: 0.005", "weight_decay: 1", 1.0),
    ],
)
def test_numbers_are_those_of_yaml_1_2_which_dvc_writes(project, old, new, expected):
    decay = read(project, old, new).weight_decay
    assert (decay, type(decay)) == (expected, float)


def test_yes_and_on_are_texts_as_in_yaml_1_2(project):
    assert read(project, "source: data/fer2013.csv", "source: on", "data").source == "on"


def test_comments_and_order_change_nothing(project):
    before = load("sift.histograms")
    text = "  histograms:\n    # neighbours first\n    neighbours: 4\n    levels: [1, 2, 4]\n"
    content = (project / "params.yaml").read_text(encoding="utf-8")
    start, end = content.index("  histograms:"), content.index("dsift:")
    (project / "params.yaml").write_text(content[:start] + text + content[end:], encoding="utf-8")
    assert load("sift.histograms") == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("data: [1\n", "params.yaml is no YAML"),
        ("data: 1\ndata: 2\n", "params.yaml is no YAML: .*duplicate key"),
        ("", "is missing"),
        ("- 1\n", "the file: input should be an object"),
        ("data: 2020-01-01\n", "params.yaml: "),
    ],
)
def test_a_file_that_is_no_yaml_or_holds_something_else_is_one_line(project, content, message):
    (project / "params.yaml").write_text(content, encoding="utf-8")
    with pytest.raises(ParamsError, match=message) as error:
        load("train")
    assert "\n" not in str(error.value)


def test_a_missing_file_says_how_it_comes_back(project):
    (project / "params.yaml").unlink()
    with pytest.raises(ParamsError, match=r"params\.yaml is missing: `git checkout params.yaml` brings it back"):
        load("train")


def test_values_of_a_trial_are_seen_in_its_block_alone_and_the_file_stays_as_it_is(project):
    before = load("train"), (project / "params.yaml").read_bytes()
    with changed(PARAMS, {"train.momentum": 0.5, "networks.vgg.width": 7}):
        assert load("train").momentum == 0.5
        assert load("networks.vgg").width == 7
        assert load("networks.cnn").width == 32
    assert (load("train"), (project / "params.yaml").read_bytes()) == before


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("train.momentun", 0.5, r"params\.yaml has no train\.momentun \(is train\.momentum meant\?\)"),
        ("train", 0.5, r"params\.yaml has no train"),
        ("train.momentum.now", 0.5, r"params\.yaml has no train\.momentum\.now"),
        ("train.momentum", 2.0, r"train\.momentum: .*less than or equal to 1. Received: 2\.0"),
    ],
)
def test_values_of_a_trial_are_checked_as_if_they_stood_in_the_file(key, value, message):
    with changed(PARAMS, {key: value}), pytest.raises(ParamsError, match=message):
        load("train")
