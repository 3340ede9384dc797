"""Hold answers against what most people see on PrivateTest, as crowd/evaluate.py does on PublicTest.

python -m crowd.report.evaluate
"""

from functools import partial

from crowd.evaluate import main
from openfer.emotions import PRIVATE_TEST
from pipeline import paths
from stages import run

if __name__ == "__main__":
    run(partial(main, PRIVATE_TEST, paths.PRIVATE_CROWD, paths.PRIVATE_TEST))
