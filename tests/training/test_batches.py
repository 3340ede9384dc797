"""Batches: every face once an epoch, augmented, with the right descriptor, weighted by its class."""

import dataclasses

import numpy as np
import pytest

from openfer.networks.inputs import DESCRIPTOR
from openfer.training.batches import Batches, face_weights
from tests.training.small import GENTLE, STILL, faces, recipe


def test_a_mirrored_picture_has_the_descriptor_of_the_mirror_image():
    dataset = faces(64, descriptor_size=5)
    dataset.descriptors[:, 0], dataset.descriptors[:, 1] = 0, 1
    inputs, *_ = Batches(dataset, recipe(batch_size=64), STILL, seed=0)[0]
    mirrored = inputs["transform"][:, 0] < 0
    np.testing.assert_array_equal(inputs[DESCRIPTOR][:, 0], mirrored.astype(np.float32))
    assert 0 < mirrored.sum() < len(mirrored)


def test_every_face_is_seen_once_an_epoch_in_another_order_each_time():
    batches = Batches(faces(64), recipe(), GENTLE, seed=0)
    first = batches.order.copy()
    batches.start(epoch=2)
    assert sorted(first) == list(range(64)) == sorted(batches.order)
    assert (first != batches.order).any()


def test_augmentation_fades_over_the_last_epochs_and_the_next_training_starts_anew():
    wide = dataclasses.replace(STILL, rotation=40, erase=1, fade=0.5)
    batches = Batches(faces(64), recipe(epochs=4), wide, seed=0)
    erased = []
    for epoch in (1, 2, 3, 4, 1):
        batches.start(epoch)
        boxes = np.concatenate([batches[index][0]["box"] for index in range(len(batches))])
        erased.append(np.mean(boxes[:, 1] > boxes[:, 0]))
    assert erased[0] == erased[1] == erased[4] == 1
    assert 0.25 < erased[2] < 0.75
    assert erased[3] == 0


def test_a_batch_holds_the_labels_and_weights_of_its_faces():
    dataset = faces(64)
    batches = Batches(dataset, recipe(class_weighting=1.0), GENTLE, seed=0)
    _, targets, weights = batches[1]
    rows = batches.order[16:32]
    np.testing.assert_array_equal(targets.argmax(axis=1), dataset.labels[rows])
    np.testing.assert_array_equal(weights, face_weights(dataset.labels, 1.0)[rows])


@pytest.mark.parametrize(("exponent", "ratio"), [(0, 1), (0.5, 2), (1, 4)])
def test_a_class_four_times_as_rare_weighs_four_to_the_exponent(exponent, ratio):
    labels = np.array([3] * 8 + [1] * 2)
    weights = face_weights(labels, exponent)
    assert weights.mean() == pytest.approx(1)
    assert weights[-1] / weights[0] == pytest.approx(ratio)
    assert weights.dtype == np.float32
