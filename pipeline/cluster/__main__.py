"""Pipelines and seeds on a cluster of Ray, or here where RAY_ADDRESS names none (docs/cluster.md).

python -m pipeline.cluster repro                     # dvc repro, with trainings side by side
python -m pipeline.cluster repro crowd/dvc.yaml
python -m pipeline.cluster seeds train@vgg --seeds 5
"""

import argparse
import logging
import os
import signal
import sys
from typing import Any

from openfer.errors import Refused


def main() -> None:
    """Read the command line and run; an error that the user can mend is one line."""
    parser = argparse.ArgumentParser(
        prog="python -m pipeline.cluster", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    repro = commands.add_parser("repro", help="bring stages up to date; those that do not wait for each other at once")
    repro.add_argument("targets", nargs="*", default=["dvc.yaml"], help="stages or dvc.yaml files (default: dvc.yaml)")
    repro.add_argument("--jobs", type=_count, help="trainings at once (default: as many as the cluster has room for)")
    seeds = commands.add_parser("seeds", help="train a stage with several seeds; mean and spread of the accuracy")
    seeds.add_argument("stage", help="a training, as DVC calls it: train@vgg")
    seeds.add_argument("--seeds", type=_several, default=5, help="how many (default: 5)")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if arguments.command == "repro":
            from pipeline.cluster.repro import main as run

            run(arguments.targets, arguments.jobs)
        else:
            from pipeline.cluster.seeds import main as run

            run(arguments.stage, arguments.seeds)
    except (Refused, OSError) as error:
        sys.exit(f"{arguments.command}: {error}")
    except KeyboardInterrupt:
        sys.stderr.write(f"{arguments.command}: ended; what runs again goes on where it was\n")
        sys.stderr.flush()
        os._exit(1)  # there may be threads that wait for a cluster


def _interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a number from 1 on. Received: {text}")
    return int(text)


def _several(text: str) -> int:
    if _count(text) < 2:
        raise argparse.ArgumentTypeError(f"must be 2 or more, for there to be a spread. Received: {text}")
    return int(text)


if __name__ == "__main__":
    main()
