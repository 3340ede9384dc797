"""The stages of the pipeline, one file a kind; dvc.yaml says what each reads and writes."""

import argparse
import difflib
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from openfer.errors import INTERRUPTED, Refused
from pipeline import process


def run(main: Callable[..., None], *arguments: Any) -> None:
    """Run a stage; an error that the user can mend ends it with one line and exit code 1."""
    process.end_with_parent()
    for stream in (sys.stdout, sys.stderr):  # "×" on a terminal that knows no more than ASCII
        stream.reconfigure(errors="backslashreplace")
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        main(*arguments)
    except (Refused, OSError) as error:
        sys.exit(f"{Path(sys.argv[0]).stem}: {error}")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def run_for_model(main: Callable[[str, str | None], None], description: str) -> None:
    """Run a stage for the model that the command line names: its network and, for a hybrid, sift or dsift."""
    parser = _parser(description)
    parser.add_argument("network", choices=["cnn", "vgg", "resnet"])
    parser.add_argument("descriptor", nargs="?", choices=["sift", "dsift"])
    arguments = parser.parse_args()
    run(main, arguments.network, arguments.descriptor)


def run_for_network(main: Callable[[str], None], names: Sequence[str], description: str) -> None:
    """Run a stage for the one network that the command line names."""
    parser = _parser(description)
    parser.add_argument("network", choices=names)
    run(main, parser.parse_args().network)


def run_for_system(main: Callable[[str], None], names: Sequence[str], description: str) -> None:
    """Run a stage for the one system that the command line names; there are too many to list them all as choices."""
    parser = _parser(description)
    parser.add_argument("system", metavar="SYSTEM", help=f"one of {', '.join(names)}")
    name = parser.parse_args().system
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        sys.exit(
            f"{Path(sys.argv[0]).stem}: SYSTEM must be one of {', '.join(names)}. Received: {name}"
            + (f" (is {near[0]} meant?)" if near else "")
        )
    run(main, name)


def run_for_names(main: Callable[[Sequence[str]], None], names: Sequence[str], description: str) -> None:
    """Run a stage for the models or ensembles that the command line names, or for all."""
    parser = _parser(description)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(names)}; none: all")
    given = parser.parse_args().names
    for name in given:  # not by choices: Python 3.11 takes an empty list for a choice
        if name not in names:
            parser.error(f"NAME must be one of {', '.join(names)}. Received: {name}")
    run(main, given or tuple(names))


def _parser(description: str) -> argparse.ArgumentParser:
    return argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
