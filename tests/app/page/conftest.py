"""A served page and a browser, one of each for a file of tests."""

import pytest

from tests.app.page.browser import CHROMIUM, chromium
from tests.app.page.served import served

pytest.importorskip("gradio", reason="needs requirements-app.txt")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page with the shipped model."""
    with served(tmp_path_factory.mktemp("page")) as running:
        yield running


@pytest.fixture(scope="module")
def browser():
    """A Chromium without a camera."""
    if not CHROMIUM:
        pytest.skip("needs Debian's package chromium")
    with chromium() as running:
        yield running
