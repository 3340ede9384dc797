"""From a section of baselines/params.yaml to what the training loop takes."""

from baselines.settings import Common, Published
from openfer.training.settings import PlainRecipe, Ranges, UnmirroredRanges


def recipe(common: Common, how: Published) -> PlainRecipe:
    """Return how a network is trained."""
    return PlainRecipe(
        seed=common.seed,
        backend=common.backend,
        epochs=how.epochs,
        batch_size=how.batch_size,
        optimizer=how.optimizer,
        learning_rate=how.learning_rate,
        momentum=how.momentum,
        decay=how.decay,
        decay_steps=how.decay_steps,
        keep=how.keep,
        precision=common.precision,
    )


def ranges(how: Published) -> Ranges:
    """Return how far its views may be from the picture: what the authors varied, the same in all epochs."""
    views, kind = how.views, Ranges if how.views.mirror else UnmirroredRanges
    moved = {"rotation": views.rotation, "scale": views.scale, "shift": views.shift}
    return kind(**moved, gain=0.0, gamma=0.0, light=0.0, blur=0.0, erase=0.0, fade=0.0)
