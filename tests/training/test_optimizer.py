"""What a recipe means, number by number: each promise of it is computed again by hand."""

import keras
import numpy as np
import pytest

from openfer.training.optimizer import loss, optimizer
from openfer.training.settings import PlainRecipe
from tests.training.small import recipe

STEPS, WARMUP, EPOCHS = 4, 2, 5
"""An epoch; warm-up; epochs of the recipe."""

RATE = 0.1


@pytest.fixture
def model() -> keras.Model:
    """A layer of every kind of weight: kernel, bias, gamma and beta."""
    built = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.BatchNormalization()])
    for variable in built.trainable_variables:
        variable.assign(np.full(variable.shape, 2.0))
    return built


def optimizer_of(model: keras.Model, **changes: object) -> keras.Optimizer:
    """Return what is tested: at a constant rate where nothing else is wanted."""
    plain = {"warmup_epochs": 0.0, "epochs": 10**6, "learning_rate": RATE, "weight_decay": 0.0, "momentum": 0.0}
    return optimizer(recipe(**(plain | changes)), model, STEPS)


def values(model: keras.Model) -> dict[str, float]:
    """Return the one value that all entries of each weight have."""
    found = {variable.name: np.unique(variable.numpy()) for variable in model.trainable_variables}
    return {name: value.item() for name, value in found.items()}


def step(model: keras.Model, method: keras.Optimizer, gradient: float) -> None:
    """Take a step with the same gradient for every weight."""
    method.apply([np.full(variable.shape, gradient, np.float32) for variable in model.trainable_variables])


def test_momentum_is_nesterovs(model):
    method, weight, velocity = optimizer_of(model, momentum=0.9), 2.0, 0.0
    for gradient in (1.0, 0.5, -0.25):
        step(model, method, gradient)
        velocity = 0.9 * velocity - RATE * gradient
        weight += 0.9 * velocity - RATE * gradient
        assert values(model)["kernel"] == pytest.approx(weight, rel=1e-5)


def test_weight_decay_takes_its_share_of_a_kernel_times_the_rate(model):
    method = optimizer_of(model, weight_decay=0.2)
    for count in (1, 2):
        step(model, method, 0.0)
        assert values(model)["kernel"] == pytest.approx(2 * (1 - 0.2 * RATE) ** count, rel=1e-5)


def test_weight_decay_leaves_biases_and_batch_normalisation_alone(model):
    step(model, optimizer_of(model, weight_decay=0.2), 0.0)
    spared = {name: value for name, value in values(model).items() if name != "kernel"}
    assert spared == {"bias": 2, "gamma": 2, "beta": 2}


def test_the_weights_are_averaged_over_the_steps(model):
    method = optimizer_of(model, ema=0.75)
    seen, average = [], None
    for gradient in (1.0, 2.0, -3.0):
        step(model, method, gradient)
        seen.append(values(model)["kernel"])
        average = seen[-1] if average is None else 0.75 * average + 0.25 * seen[-1]
    method.finalize_variable_values(model.trainable_variables)
    assert values(model)["kernel"] == pytest.approx(average, rel=1e-5)


def test_the_rate_climbs_evenly_to_its_peak_and_falls_along_a_cosine_to_0(model):
    method = optimizer_of(model, warmup_epochs=WARMUP, epochs=EPOCHS)
    rates = []
    for _ in range(EPOCHS * STEPS + 1):
        rates.append(float(method.learning_rate))
        step(model, method, 0.0)
    climb = RATE * np.arange(WARMUP * STEPS) / (WARMUP * STEPS)
    fall = RATE * (1 + np.cos(np.linspace(0, np.pi, (EPOCHS - WARMUP) * STEPS + 1))) / 2
    np.testing.assert_allclose(rates, [*climb, *fall], atol=1e-7)
    assert rates[-1] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
def test_the_loss_is_cross_entropy_against_smoothed_labels(smoothing):
    predicted = np.array([[0.4, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05]], np.float32)
    target = np.eye(7, dtype=np.float32)[[1]]
    smoothed = (1 - smoothing) * target + smoothing / 7
    expected = -(smoothed * np.log(predicted)).sum()
    assert float(loss(recipe(label_smoothing=smoothing))(target, predicted)) == pytest.approx(expected, rel=1e-5)


# --- the recipes of others ---

PLAIN = {
    "seed": 3,
    "backend": "tensorflow",
    "epochs": 3,
    "batch_size": 16,
    "optimizer": "momentum",
    "learning_rate": RATE,
    "momentum": 0.5,
    "decay": 1.0,
    "decay_steps": 2,
    "keep": "last",
    "precision": "float32",
}


def plain(model: keras.Model, **changes: object) -> keras.Optimizer:
    return optimizer(PlainRecipe(**(PLAIN | changes)), model, STEPS)


def test_plain_momentum_is_not_nesterovs_and_its_rate_falls_continuously(model):
    method, weight, velocity = plain(model, decay=0.25), 2.0, 0.0
    for count, gradient in enumerate((1.0, 0.5, -0.25)):
        step(model, method, gradient)
        velocity = 0.5 * velocity - RATE * 0.25 ** (count / 2) * gradient
        weight += velocity
        assert values(model)["kernel"] == pytest.approx(weight, rel=1e-5)


def test_plain_adam_is_adam_at_a_constant_rate(model):
    method, weight, first, second = plain(model, optimizer="adam", momentum=0.9), 2.0, 0.0, 0.0
    for count, gradient in enumerate((1.0, 0.5, -0.25), start=1):
        step(model, method, gradient)
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        weight -= RATE * (first / (1 - 0.9**count)) / (np.sqrt(second / (1 - 0.999**count)) + 1e-7)
        assert values(model)["kernel"] == pytest.approx(weight, rel=1e-4)


@pytest.mark.parametrize("kind", ["adam", "momentum"])
def test_plain_weights_are_neither_averaged_nor_decayed(model, kind):
    method = plain(model, optimizer=kind)
    step(model, method, 1.0)
    before = values(model)
    method.finalize_variable_values(model.trainable_variables)
    assert values(model) == before
    assert (method.use_ema, method.weight_decay) == (False, None)
