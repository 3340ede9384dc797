"""The optimizer and the loss that a recipe means."""

import keras

from openfer.training.settings import Recipe


def optimizer(recipe: Recipe, model: keras.Model, steps: int) -> keras.Optimizer:
    """Return SGD with its schedule, weight decay on kernels only and averaged weights, built for `model`.

    Args:
        recipe: how to train.
        model: whose weights are trained.
        steps: an epoch.
    """
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
    optimizer.build(model.trainable_variables)
    return optimizer


def loss(recipe: Recipe) -> keras.Loss:
    """Return cross-entropy against labels, or shares of people, that are smoothed."""
    return keras.losses.CategoricalCrossentropy(label_smoothing=recipe.label_smoothing)
