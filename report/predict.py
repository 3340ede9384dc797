"""Predict PrivateTest with the six trained networks, as stages/predict.py does PublicTest.

python -m report.predict
"""

from openfer.emotions import PRIVATE_TEST
from pipeline import paths
from stages import run
from stages.predict import main

if __name__ == "__main__":
    run(main, PRIVATE_TEST, paths.PRIVATE_TEST)
