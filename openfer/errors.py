"""How the program and the stages end early: the base of every error that a user can mend, and what several share.

A stage prints the message of such an error as one line and ends with exit code 1.
"""

INTERRUPTED = 130
"""The exit code after Ctrl-C, as shells have it."""


class Refused(ValueError):
    """Input, parameters or results that the pipeline refuses; the message says what, where and what to do."""


class DevicesError(Refused):
    """The devices that were asked for cannot train one network together."""


def one_line(error: BaseException) -> str:
    """Return what an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


WAY_BACK = "`dvc checkout` or `dvc repro` brings it back, `make verify` says what else is damaged"
"""What a user does about a file of the pipeline that is gone or damaged."""
