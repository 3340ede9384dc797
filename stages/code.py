"""Write what the code does, without comments, docstrings and messages: openfer/, pipeline/, … → data/code/.

    python -m stages.code

The other stages depend on these files, so that a comment makes none of them run again.
"""

import shutil
from pathlib import Path

from openfer.errors import Refused
from openfer.files import save_text
from pipeline import paths
from pipeline.code import FOLDERS, sources
from stages import run


def main() -> None:
    """Write every source anew."""
    try:
        written = dict(sources(Path(), FOLDERS))
    except SyntaxError as error:
        raise Refused(f"{error.filename}, line {error.lineno}: {error.msg}") from None
    shutil.rmtree(paths.CODE, ignore_errors=True)  # a file that is gone must not stay there
    for path, text in written.items():
        save_text(paths.CODE / path, text)
    print(f"{len(written)} files of {', '.join(FOLDERS)}")


if __name__ == "__main__":
    run(main)
