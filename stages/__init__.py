"""The stages of the pipeline, one file a kind; dvc.yaml says what each reads and writes."""

import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fer.errors import Refused


def run(main: Callable[..., None], *arguments: Any) -> None:
    """Run a stage; an error that the user can mend ends it with one line and exit code 1."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        main(*arguments)
    except (Refused, FileNotFoundError) as error:
        sys.exit(f"{Path(sys.argv[0]).stem}: {error}")
