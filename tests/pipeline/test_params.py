"""params.yaml is read strictly: what is missing, unknown, of another type or out of range is named."""

from dataclasses import dataclass

import pytest

from pipeline.params import ParamsError, flatten, keys, leaf, load

PARAMS = """
seed: 42
data:
  source: faces.csv
sift:
  words: 500
  share: 0.5
  kind: soft
  fast: true
  edges: [1, 2.5]
networks:
  cnn:
    width: 16
  vgg:
    width: 32
"""
PIPELINE = """
stages:
  words:
    cmd: words
    params: [seed, data.source, sift.words, sift.share, sift.kind, sift.fast, sift.edges]
  train:
    matrix: {network: [cnn, vgg]}
    params:
      - networks.${item.network}.width
  evaluate:
    cmd: evaluate
"""


@dataclass(frozen=True)
class Schema:
    seed: int = leaf("seed", at_least=0)
    words: int = leaf("sift.words", at_least=2, at_most=1000)
    share: float = leaf("sift.share", at_least=0, at_most=1)
    kind: str = leaf("sift.kind", choices=("soft", "hard"))
    fast: bool = leaf("sift.fast")
    edges: tuple[float, ...] = leaf("sift.edges", at_least=0, at_most=9)
    width: int = leaf("networks.{network}.width", at_least=1)


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS, encoding="utf-8")
    (tmp_path / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    return tmp_path


def read(project, old: str, new: str, schema: type = Schema):
    assert old in PARAMS
    (project / "params.yaml").write_text(PARAMS.replace(old, new), encoding="utf-8")
    return load(schema, network="cnn")


def test_every_leaf_comes_with_its_value():
    assert load(Schema, network="vgg") == Schema(42, 500, 0.5, "soft", True, (1.0, 2.5), 32)


def test_names_fill_the_braces_of_the_keys():
    assert keys(Schema, network="vgg")[-1] == "networks.vgg.width"
    assert load(Schema, network="cnn").width == 16
    assert load(Schema, network="vgg").width == 32


def test_a_missing_key_is_named_with_what_stands_there_instead(project):
    pipeline = (project / "dvc.yaml").read_text(encoding="utf-8")
    (project / "dvc.yaml").write_text(pipeline.replace("sift.words,", "sift.words, sift.word,"), encoding="utf-8")
    with pytest.raises(ParamsError, match=r"sift\.words is missing \(is sift\.word meant\?\)"):
        read(project, "words: 500", "word: 500")


def test_a_key_that_no_stage_declares_is_refused_with_what_may_be_meant(project):
    with pytest.raises(ParamsError, match=r"no stage reads sift\.shar \(is sift\.share meant\?\)"):
        read(project, "words: 500", "words: 500\n  shar: 0.5")


def test_a_whole_unknown_section_is_refused(project):
    with pytest.raises(ParamsError, match=r"no stage reads webcam\.port"):
        read(project, "seed: 42", "seed: 42\nwebcam:\n  port: 1")


def test_a_key_below_a_declared_leaf_is_refused(project):
    with pytest.raises(ParamsError, match=r"no stage reads sift\.words\.count"):
        read(project, "words: 500", "words:\n    count: 500")


def test_a_matrix_stage_declares_the_leaf_of_its_networks_but_no_other(project):
    assert read(project, "seed: 42", "seed: 43").width == 16
    with pytest.raises(ParamsError, match=r"no stage reads networks\.vvg\.width \(is networks\.vgg\.width meant\?\)"):
        read(project, "vgg:", "vvg:")
    with pytest.raises(ParamsError, match=r"no stage reads networks\.vgg\.depth"):
        read(project, "    width: 32", "    width: 32\n    depth: 3")


def test_a_dot_in_a_declared_key_stands_for_itself_only(project):
    with pytest.raises(ParamsError, match="no stage reads siftxwords"):
        read(project, "seed: 42", "seed: 42\nsiftxwords: 1")


def test_comments_and_order_change_nothing(project):
    before = load(Schema, network="cnn")
    assert read(project, "seed: 42", "# of every draw\nseed: 42  # any") == before
    assert read(project, "  words: 500\n  share: 0.5", "  share: 0.5\n  words: 500") == before


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: 42", "seed: 4.5", "seed must be of type int. Received: 4.5"),
        ("seed: 42", "seed: true", "seed must be of type int. Received: True"),
        ("seed: 42", "seed: '42'", "seed must be of type int. Received: '42'"),
        ("seed: 42", "seed:", "seed must be of type int. Received: None"),
        ("seed: 42", "seed: [1]", r"seed must be of type int. Received: \[1\]"),
        ("share: 0.5", "share: true", r"sift\.share must be of type float. Received: True"),
        ("share: 0.5", "share: half", r"sift\.share must be of type float. Received: 'half'"),
        ("fast: true", "fast: 1", r"sift\.fast must be of type bool. Received: 1"),
        ("kind: soft", "kind: 1", r"sift\.kind must be of type str. Received: 1"),
        ("edges: [1, 2.5]", "edges: 1", r"sift\.edges must be a list.*Received: 1"),
        ("edges: [1, 2.5]", "edges: []", r"sift\.edges must be a list.*Received: \[\]"),
        ("edges: [1, 2.5]", "edges: [1, true]", r"sift\.edges must be of type float. Received: True"),
    ],
)
def test_a_value_of_another_type_is_refused(project, old, new, message):
    with pytest.raises(ParamsError, match=message):
        read(project, old, new)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: 42", "seed: -1", "seed must be at least 0. Received: -1"),
        ("words: 500", "words: 1", r"sift\.words must be at least 2. Received: 1"),
        ("words: 500", "words: 1001", r"sift\.words must be at most 1000. Received: 1001"),
        ("share: 0.5", "share: 1.01", r"sift\.share must be at most 1. Received: 1.01"),
        ("share: 0.5", "share: .nan", r"sift\.share must be .*Received: nan"),
        ("kind: soft", "kind: loud", r"sift\.kind must be one of soft, hard. Received: 'loud'"),
        ("edges: [1, 2.5]", "edges: [1, 10]", r"sift\.edges must be at most 9. Received: 10.0"),
    ],
)
def test_a_value_out_of_range_is_refused(project, old, new, message):
    with pytest.raises(ParamsError, match=message):
        read(project, old, new)


@pytest.mark.parametrize("words", [2, 1000])
def test_the_limits_themselves_are_allowed(project, words):
    assert read(project, "words: 500", f"words: {words}").words == words


def test_a_whole_number_is_a_float_where_one_is_wanted(project):
    share = read(project, "share: 0.5", "share: 1").share
    assert (share, type(share)) == (1.0, float)


def test_a_float_in_the_notation_that_dvc_writes_is_read(project):
    assert read(project, "share: 0.5", "share: 1e-05").share == 1e-05


def test_numbers_may_be_choices(project):
    @dataclass(frozen=True)
    class Choice:
        words: int = leaf("sift.words", choices=(1, 2))

    with pytest.raises(ParamsError, match=r"one of 1, 2\. Received: 500"):
        read(project, "seed: 42", "seed: 42", Choice)


def test_an_empty_file_misses_every_key(project):
    (project / "params.yaml").write_text("# nothing yet\n", encoding="utf-8")
    with pytest.raises(ParamsError, match="seed is missing"):
        load(Schema, network="cnn")


def test_flatten_joins_the_names_of_the_sections():
    assert dict(flatten({"a": 1, "b": {"c": {"d": [2, 3]}}})) == {"a": 1, "b.c.d": [2, 3]}
