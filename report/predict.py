"""Predict PrivateTest with the trained networks, as stages/predict.py does PublicTest.

python -m report.predict
python -m report.predict cnn vgg
"""

from functools import partial

from openfer.emotions import PRIVATE_TEST
from openfer.evaluation.ensemble import MODELS
from pipeline import paths
from stages import run_for_names
from stages.predict import main

if __name__ == "__main__":
    run_for_names(partial(main, PRIVATE_TEST, paths.PRIVATE_TEST), MODELS, __doc__)
