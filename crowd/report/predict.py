"""Predict PrivateTest with the networks of the crowd, as crowd/predict.py does PublicTest.

python -m crowd.report.predict
"""

from functools import partial

from crowd.predict import main
from openfer.emotions import PRIVATE_TEST
from pipeline import paths
from stages import run

if __name__ == "__main__":
    run(partial(main, PRIVATE_TEST, paths.PRIVATE_CROWD))
