"""Predict PrivateTest with the trained networks, as stages/predict.py does PublicTest.

python -m report.predict
python -m report.predict cnn vgg
"""

import sys

from openfer.emotions import PRIVATE_TEST
from openfer.evaluation.ensemble import MODELS
from pipeline import paths
from stages import run
from stages.predict import main

if __name__ == "__main__":
    run(main, PRIVATE_TEST, paths.PRIVATE_TEST, sys.argv[1:] or tuple(MODELS))
