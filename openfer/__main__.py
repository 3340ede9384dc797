"""`python -m openfer`: the same program as the command `openfer`."""

from openfer.app.cli import run

run()
