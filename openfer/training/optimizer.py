"""The optimizer and the loss that a recipe means."""

import keras

from openfer.training.settings import PlainRecipe, Recipe


def optimizer(recipe: Recipe | PlainRecipe, model: keras.Model, steps: int) -> keras.Optimizer:
    """Return the optimizer of a recipe, built for `model`.

    Args:
        recipe: how to train.
        model: whose weights are trained.
        steps: an epoch.
    """
    optimizer = _plain(recipe) if isinstance(recipe, PlainRecipe) else _averaging(recipe, model, steps)
    optimizer.build(model.trainable_variables)
    return optimizer


def loss(recipe: Recipe | PlainRecipe) -> keras.Loss:
    """Return cross-entropy against labels, or shares of people, that are smoothed."""
    return keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)


def _plain(recipe: PlainRecipe) -> keras.Optimizer:
    """Return Adam or SGD, whose rate falls exponentially or not at all."""
    schedule = keras.optimizers.schedules.ExponentialDecay(recipe.learning_rate, recipe.decay_steps, recipe.decay)
    if recipe.optimizer == "adam":
        return keras.optimizers.Adam(schedule, beta_1=recipe.momentum)
    return keras.optimizers.SGD(schedule, momentum=recipe.momentum)


def _averaging(recipe: Recipe, model: keras.Model, steps: int) -> keras.Optimizer:
    """Return SGD with its schedule, weight decay on kernels only and averaged weights."""
    warmup = round(recipe.warmup_epochs * steps)
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0,
        warmup_target=recipe.learning_rate,
        warmup_steps=warmup,
        decay_steps=max(1, recipe.epochs * steps - warmup),
    )
    optimizer = keras.optimizers.SGD(
        schedule,
        momentum=recipe.momentum,
        nesterov=True,
        weight_decay=recipe.weight_decay,
        use_ema=True,
        ema_momentum=recipe.ema,
    )
    spared = [variable for variable in model.trainable_variables if variable.name != "kernel"]
    optimizer.exclude_from_weight_decay(var_list=spared)
    return optimizer
