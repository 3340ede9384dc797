"""How to train: the leaves of params.yaml under `train`, and the optimizer and the loss that they mean."""

from dataclasses import dataclass

import keras

from pipeline.params import leaf


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes:
        epochs: passes over Training.
        batch_size: faces a step; the faces of an epoch that do not fill a batch are left out of that epoch.
        learning_rate: peak rate of SGD with Nesterov momentum, reached after the warm-up, then a cosine to 0.
        warmup_epochs: epochs of linear warm-up.
        momentum: of SGD.
        weight_decay: share of every kernel that is taken away a step, times the rate; biases and batch
            normalisation are left alone.
        label_smoothing: share of the target that is spread evenly over the seven classes.
        ema: decay a step of the moving average of the weights, which is what is measured and kept.
        class_weighting: exponent of the inverse frequency of a class by which its faces are weighted: 0 for equal
            faces, 1 for equal classes.
        patience: epochs without a better accuracy on PublicTest after which the training stops; 0 for never.
        precision: dtype policy of Keras for the arithmetic of the training; weights are float32 in any case.
    """

    epochs: int = leaf("train.epochs", at_least=1)
    batch_size: int = leaf("train.batch_size", at_least=2)
    learning_rate: float = leaf("train.learning_rate", at_least=0)
    warmup_epochs: float = leaf("train.warmup_epochs", at_least=0)
    momentum: float = leaf("train.momentum", at_least=0, at_most=1)
    weight_decay: float = leaf("train.weight_decay", at_least=0)
    label_smoothing: float = leaf("train.label_smoothing", at_least=0, at_most=1)
    ema: float = leaf("train.ema", at_least=0, at_most=0.9999)
    class_weighting: float = leaf("train.class_weighting", at_least=0, at_most=1)
    patience: int = leaf("train.patience", at_least=0)
    precision: str = leaf("train.precision", choices=("float32", "mixed_bfloat16"))

    def optimizer(self, model: keras.Model, steps: int) -> keras.Optimizer:
        """Return SGD with its schedule, weight decay on kernels only and averaged weights, built for `model`.

        Args:
            model: whose weights are trained.
            steps: an epoch.
        """
        warmup = round(self.warmup_epochs * steps)
        schedule = keras.optimizers.schedules.CosineDecay(
            initial_learning_rate=0.0,
            warmup_target=self.learning_rate,
            warmup_steps=warmup,
            decay_steps=max(1, self.epochs * steps - warmup),
        )
        optimizer = keras.optimizers.SGD(
            schedule,
            momentum=self.momentum,
            nesterov=True,
            weight_decay=self.weight_decay,
            use_ema=True,
            ema_momentum=self.ema,
        )
        spared = [variable for variable in model.trainable_variables if variable.name != "kernel"]
        optimizer.exclude_from_weight_decay(var_list=spared)
        optimizer.build(model.trainable_variables)
        return optimizer

    def loss(self) -> keras.Loss:
        """Return cross-entropy against smoothed labels."""
        return keras.losses.CategoricalCrossentropy(label_smoothing=self.label_smoothing)
