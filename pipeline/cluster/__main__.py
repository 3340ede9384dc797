"""`dvc repro` with trainings side by side on a cluster of Ray, or here where RAY_ADDRESS names none (docs/cluster.md).

python -m pipeline.cluster
python -m pipeline.cluster crowd/dvc.yaml
"""

import argparse
import logging
import signal
import sys
from typing import Any

from openfer.errors import Refused
from pipeline.cluster.repro import main

ENDINGS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
"""What ends this: Ctrl-C, `kill`, its terminal when it is closed."""


def run() -> None:
    """Read the command line and run; an error that the user can mend is one line."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.cluster", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="*", default=["dvc.yaml"], help="stages or dvc.yaml files (default: dvc.yaml)")
    parser.add_argument("--jobs", type=_count, help="trainings at once (default: as many as the cluster has room for)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    for ending in ENDINGS:
        if signal.getsignal(ending) is not signal.SIG_IGN:  # as under nohup
            signal.signal(ending, _interrupt)
    try:
        main(arguments.targets, arguments.jobs)
    except (Refused, OSError) as error:
        sys.exit(f"cluster: {error}")
    except KeyboardInterrupt:
        sys.exit("cluster: ended; the same command goes on where it was")


def _interrupt(*_: Any) -> None:
    for ending in ENDINGS:  # those that run are ended in peace
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a number from 1 on. Received: {text}")
    return int(text)


if __name__ == "__main__":
    run()
