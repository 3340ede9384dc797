"""Chromium for tests, with a time limit on all that it does: none of its processes outlives the block or the limit."""

import contextlib
import ctypes
import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic", "--disable-extensions",
    "--mute-audio",
)  # fmt: skip

LAUNCH, ACTION, NAVIGATION = 30_000, 15_000, 20_000
"""Milliseconds."""

LIFE, CLOSING = 600, 10
"""Seconds that a browser may live, and that it may take to end."""


@contextlib.contextmanager
def chromium(*flags: str) -> Iterator[Any]:
    """Run a browser of Playwright; everything that it starts is killed at the end, or after `LIFE` seconds."""
    from playwright.sync_api import sync_playwright

    _without_priority()
    before = set(psutil.Process().children(recursive=True))

    def kill() -> None:
        for process in set(psutil.Process().children(recursive=True)) - before:
            if any(name in process.name() for name in ("node", "chrom")):
                with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
                    os.kill(process.pid, signal.SIGKILL)

    with _after(LIFE, kill), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags], timeout=LAUNCH)
        try:
            yield browser
        finally:
            with _after(CLOSING, kill), contextlib.suppress(Exception):  # killed: nothing is left to close
                browser.close()


@contextlib.contextmanager
def tab(browser: Any, url: str, **settings: Any) -> Iterator[Any]:
    """Open the page in a context of its own."""
    context = browser.new_context(ignore_https_errors=True, **settings)
    context.set_default_timeout(ACTION)
    context.set_default_navigation_timeout(NAVIGATION)
    try:
        page = context.new_page()
        page.goto(url)
        page.get_by_text("An expression is not a feeling").wait_for()
        yield page
    finally:
        context.close()


def _without_priority() -> None:
    """Give up, for what is started from here on, the right of root to run before all others.

    As root, Chromium takes a higher priority than everything else, and real time for sound.
    """
    with contextlib.suppress(OSError, AttributeError):  # not Linux
        ctypes.CDLL(None).prctl(24, 23, 0, 0, 0)  # PR_CAPBSET_DROP, CAP_SYS_NICE


@contextlib.contextmanager
def _after(seconds: float, work: Any) -> Iterator[None]:
    """Do something where the block has not ended after a time."""
    timer = threading.Timer(seconds, work)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def film_for_camera(path: Path, pictures: list[Any]) -> Path:
    """Write what a fake camera films: motion JPEG, one picture after the other."""
    import cv2

    path.write_bytes(b"".join(cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes() for picture in pictures))
    return path
