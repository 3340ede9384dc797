"""Score the published systems on PrivateTest, as baselines/evaluate.py does on PublicTest.

python -m baselines.report.evaluate
python -m baselines.report.evaluate blog shallow
"""

from collections.abc import Sequence

from baselines import SYSTEMS
from baselines.evaluate import evaluate
from openfer.emotions import PRIVATE_TEST
from pipeline import paths
from stages import run_for_names


def main(names: Sequence[str] = tuple(SYSTEMS)) -> None:
    """Evaluate PrivateTest."""
    evaluate(PRIVATE_TEST, paths.PRIVATE_BASELINES, names, {})


if __name__ == "__main__":
    run_for_names(main, tuple(SYSTEMS), __doc__)
