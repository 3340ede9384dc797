"""The card of an exported model states its figures, how sure it is, and what it is not for."""

import re

import pytest

from openfer.emotions import EMOTIONS
from openfer.export.model_card import model_card
from tests.export.models import facts_of

FACTS = facts_of(temperature=0.912, unsure_below=0.634)


def evaluation(accuracy: float) -> dict:
    row = {"precision": 0.11, "recall": accuracy, "f1": 0.33, "count": 1234}
    scores = {"accuracy": accuracy, "low": accuracy - 0.02, "high": accuracy + 0.02, "macro_f1": accuracy - 0.1}
    scores |= {"without_duplicates": {"accuracy": accuracy - 0.05}, "classes": dict.fromkeys(EMOTIONS, row)}
    data = {"source": "fer2013.csv", "sha256": "5f", "md5": "f842", "recognised_as": "Kaggle's fer2013.csv"}
    return {"protocol": "official FER2013 split", "data": data, "systems": {"vgg": scores}}


PUBLIC, PRIVATE = evaluation(0.71), evaluation(0.81)
THRESHOLD = {"accuracy": 0.62, "sure_share": 0.555, "sure_accuracy": 0.777}


def cells(card: str, start: str) -> list[str]:
    """The cells of the row that begins so."""
    (line,) = [line for line in card.splitlines() if line.startswith(f"| {start} ")]
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_card_of_the_export_has_the_figures_of_public_test_and_nothing_of_private_test():
    card = model_card(FACTS, PUBLIC)
    assert cells(card, "accuracy, ten crops of each face")[1:] == ["71.00%"]
    assert cells(card, "its 95 % interval")[1:] == ["69.0%–73.0%"]
    assert cells(card, "accuracy without duplicates")[1:] == ["66.00%"]
    assert cells(card, "macro-F1")[1:] == ["0.610"]
    assert "Of each emotion on PublicTest" in card
    assert "PrivateTest" not in card


def test_a_card_of_the_report_has_both_splits_beside_each_other_and_the_emotions_of_private_test():
    card = model_card(FACTS, PUBLIC, PRIVATE, THRESHOLD)
    assert cells(card, "accuracy, ten crops of each face")[1:] == ["71.00%", "81.00%"]
    assert "Of each emotion on PrivateTest" in card
    assert cells(card, "happy") == ["happy", "0.11", "0.81", "0.33", "1,234"]


def test_the_share_at_the_threshold_is_that_of_both_splits():
    card = model_card(FACTS, PUBLIC, PRIVATE, THRESHOLD)
    assert cells(card, "PublicTest")[1:] == ["70.0%", "82.0%", "61.0%"]
    assert cells(card, "PrivateTest")[1:] == ["55.5%", "77.7%", "62.0%"]
    prose = " ".join(card.split())
    assert "fitted on the PublicTest faces without a duplicate in Training" in prose
    assert "scaled by the temperature 0.91. A face is called unsure below a probability of 0.63" in prose


def test_where_no_face_is_sure_there_is_no_share_of_those_that_are_right():
    card = model_card(FACTS | {"public_test": {"accuracy": 0.6, "sure_share": 0.0, "sure_accuracy": 0.0}}, PUBLIC)
    assert cells(card, "PublicTest")[1:] == ["0.0%", "–", "60.0%"]


def test_the_card_names_networks_protocol_and_the_file_that_the_figures_come_from():
    card = model_card(FACTS, PUBLIC)
    assert card.startswith("# VGG\n")
    assert "models/vgg.keras" in card
    assert "- **Data**: fer2013.csv (MD5 f842), Kaggle's fer2013.csv.\n" in card
    assert "- **Protocol**: official FER2013 split.\n" in card
    assert "should not decide anything about anybody" in card


def test_every_table_is_aligned_and_has_a_line_before_and_after_it():
    for table in re.findall(r"\n\n(\|.*?\|)\n\n", model_card(FACTS, PUBLIC, PRIVATE, THRESHOLD), re.DOTALL):
        lines = table.split("\n")
        assert len({len(line) for line in lines}) == 1
        assert re.fullmatch(r"\| -+ \|( -+: \|)+", lines[1])
    assert len(re.findall(r"^\| -+ \|", model_card(FACTS, PUBLIC), re.MULTILINE)) == 3


def test_a_card_without_the_figures_of_its_model_is_no_card():
    with pytest.raises(KeyError):
        model_card(facts_of("cnn"), PUBLIC)


def test_a_card_names_what_the_model_tells_apart():
    assert "which of seven posed expressions each face resembles most: angry, disgust, fear" in model_card(
        FACTS, PUBLIC
    )
    card = model_card(FACTS | {"emotions": ["positive", "neutral", "negative"]}, PUBLIC)
    assert "which of three posed expressions each face resembles most: positive, neutral, negative.\n" in card
