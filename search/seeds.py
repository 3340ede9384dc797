"""One training with several seeds: how far the accuracy of a network depends on chance.

    python -m search.seeds train@vgg --seeds 5

No seed is trained twice (several.py); the table goes to metrics/seeds/.
"""

from functools import partial

from pipeline import params
from search.several import PARAMS, Kept, command, job, run, write


def main(stage: str, count: int) -> None:
    """Train with `count` seeds, the first being that of the params, and write the table.

    Args:
        stage: as DVC calls it: "train@vgg", "crowd/dvc.yaml:train@vgg".
        count: of seeds, 2 or more.
    """
    module, arguments = command(stage)
    first = params.load("train", PARAMS[module]).seed
    seeds = range(first, first + count)
    makes = [partial(job, module, arguments, {"train.seed": seed}) for seed in seeds]
    trainings = [Kept({"seed": seed}, make, "public_accuracy") for seed, make in zip(seeds, makes, strict=True)]
    write(stage, "seeds", trainings, "PublicTest")


if __name__ == "__main__":
    run(main, "seeds", __doc__)
