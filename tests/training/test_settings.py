"""What hybrids do otherwise takes the place of what the sections say, and of nothing else."""

import dataclasses

import pytest

from pipeline import params


@pytest.mark.parametrize(
    ("section", "otherwise"),
    [
        ("train", {"label_smoothing", "ema", "keep"}),
        ("networks.cnn", {"crop", "contrast", "block_dropout", "dropout"}),
        ("networks.vgg", {"crop", "contrast", "block_dropout", "dropout"}),
    ],
)
def test_hybrids_have_their_own_values_and_all_others_of_the_section(section, otherwise):
    hybrids, plain = dataclasses.asdict(params.load("hybrids")), params.load(section)
    found, before = dataclasses.asdict(params.load("hybrids").of(plain)), dataclasses.asdict(plain)
    assert otherwise == {name for name in found if found[name] != before[name]}
    assert all(found[name] == hybrids[name] for name in otherwise)


def test_no_value_of_hybrids_is_without_a_section():
    named = set(dataclasses.asdict(params.load("hybrids")))
    assert named <= {*dataclasses.asdict(params.load("train")), *dataclasses.asdict(params.load("networks.cnn"))}
