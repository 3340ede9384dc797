"""What comes from the browser: uploads alone, and a line on the page for all that is refused."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from openfer.app.page.results import refusal
from openfer.errors import Refused

UPLOAD = "the file"
"""What an upload is called where its name would stand."""


def kinds(offered: str) -> list[str]:
    """Return what an input takes: files of any name, for the content decides; `offered` is what the browser offers.

    gradio refuses by the name (.mts, .3gp, .dng) and answers with a list of Python.
    """
    return [offered, "file"]


def uploads_alone(source: gr.components.Component, folder: Path) -> None:
    """Make an input take uploads alone: gradio fetches what a request names by its address, however large it is.

    Args:
        source: the input.
        folder: where uploads are.
    """
    original = source.async_move_resource_to_block_cache

    async def checked(path: str | Path | None) -> str | None:
        if path is not None and not Path(path).resolve().is_relative_to(folder.resolve()):
            raise gr.Error("only uploads are taken, no addresses", print_exception=False)
        return await original(path)

    source.async_move_resource_to_block_cache = checked


def answered(work: Callable[..., Any], outputs: int) -> Callable[..., Any]:
    """Show what is refused in the place of the result, in one line without the path that the server gave the upload.

    Args:
        work: makes the result; its first output is HTML.
        outputs: how many it has; the others are emptied.
    """

    @functools.wraps(work)  # gradio looks at the signature
    def wrapped(*arguments: Any, **more: Any) -> Any:
        try:
            return work(*arguments, **more)
        except Refused as error:
            line = refusal(reason(error))
            return line if outputs == 1 else (line, *[None] * (outputs - 1))

    return wrapped


def reason(error: Refused) -> str:
    """Return why something was refused, without the path before it."""
    before, _, after = str(error).partition(": ")
    return f"the file cannot be read: {after}" if before == UPLOAD or "/" in before else str(error)
