"""The base of every error that a user can mend: a stage prints its message as one line and ends with exit code 1."""


class Refused(ValueError):
    """Input, parameters or results that the pipeline refuses; the message says what, where and what to do."""
