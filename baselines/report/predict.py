"""Predict PrivateTest with one of the published systems, as baselines/predict.py does PublicTest.

python -m baselines.report.predict blog
"""

from functools import partial

from baselines import SYSTEMS
from baselines.predict import main
from openfer.emotions import PRIVATE_TEST
from pipeline import paths
from stages import run_for_system

if __name__ == "__main__":
    run_for_system(partial(main, PRIVATE_TEST, paths.PRIVATE_BASELINES), tuple(SYSTEMS), __doc__)
