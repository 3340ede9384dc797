"""The camera of the browser: live, and a clear line where a browser gives none."""

import numpy as np
import pytest

from openfer.emotions import EMOTIONS
from tests.app.page.browser import CHROMIUM, chromium, film_for_camera, tab
from tests.photos import astronaut

pytestmark = pytest.mark.skipif(not CHROMIUM, reason="needs Debian's package chromium")


def test_a_camera_is_judged_live_and_stores_nothing(page, tmp_path):
    film = film_for_camera(tmp_path / "face.mjpeg", [np.roll(astronaut()[::2, ::2], shift, axis=1) for shift in (0, 2)])
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    settings = {"permissions": ["camera"], "viewport": {"width": 390, "height": 844}}
    film_flag = f"--use-file-for-fake-video-capture={film}"
    with chromium(*flags, film_flag) as browser, tab(browser, page.url, **settings) as opened:
        opened.get_by_role("tab", name="Camera").click()
        assert not opened.locator(".no-camera").is_visible()
        opened.get_by_text("Click to Access Webcam").click()
        before = set(page.folder.rglob("*"))
        opened.get_by_text("Record").click()
        opened.locator("#camera-result .bars").wait_for()
        opened.wait_for_function("document.querySelector('#camera-result img').alt.includes('happy')")
        names = opened.locator("#camera-result .bars li span:first-child").all_inner_texts()
        assert set(names) >= set(EMOTIONS)
        opened.wait_for_timeout(1000)
        pending = "one => { for (; one; one = one.parentElement) if (getComputedStyle(one).opacity < 1) return true; }"
        assert not any(opened.locator("#camera-result .headline").evaluate(pending) for _ in range(10))
        assert opened.locator("#camera-result img").get_attribute("src").startswith("data:image/jpeg")
        assert set(page.folder.rglob("*")) == before


def test_where_a_browser_gives_no_camera_the_page_says_why(page):
    address = page.url.replace("127.0.0.1", "other.example")
    with chromium("--host-resolver-rules=MAP other.example 127.0.0.1") as browser, tab(browser, address) as opened:
        opened.get_by_role("tab", name="Camera").click()
        opened.locator(".no-camera").get_by_text("https").wait_for()
        assert "no_webcam_support" not in opened.locator("body").inner_text()
