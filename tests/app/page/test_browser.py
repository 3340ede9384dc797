"""The page in a real Chromium: photographs, films and refusals, on a phone and on a desk, light and dark."""

import csv
import io
import shutil
import time
import urllib.request

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

from openfer.app.frames import Writer
from openfer.emotions import EMOTIONS
from tests.app.page.browser import tab
from tests.photos import astronaut, grace_hopper

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A photograph of two faces, one of four, one without, what is no picture, and a film."""
    folder = tmp_path_factory.mktemp("files")
    pale = (0.25 * grace_hopper()[:480] + 80).astype(np.uint8)  # a face of hardly any contrast is unsure to any model
    both = np.hstack([pale, astronaut()])
    cv2.imwrite(str(folder / "both.jpg"), both[..., ::-1])
    cv2.imwrite(str(folder / "group.jpg"), np.hstack([both, both])[..., ::-1])
    cv2.imwrite(str(folder / "wall.png"), np.full((200, 300, 3), 90, np.uint8))
    (folder / "notes.png").write_text("not a picture")
    writer = Writer(folder / "film.mp4", 10, (640, 480))
    for _ in range(5):
        writer.write(astronaut())
    writer.close()
    return folder


def bring(opened, where: str, path) -> None:
    opened.locator(f"{where} input[type=file]").set_input_files(path)


def faults(opened) -> list[str]:
    """What axe-core finds that is serious or critical."""
    opened.wait_for_timeout(400)  # colours fade in
    found = Axe().run(opened).response["violations"]
    return [
        f"{one['id']}: {node['html'][:200]} {node['failureSummary'][:200]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def in_view(opened, what: str) -> bool:
    """Whether an element is wholly on the screen as it is."""
    box, height = opened.locator(what).first.bounding_box(), opened.viewport_size["height"]
    return opened.evaluate("scrollY") == 0 and box["y"] >= 0 and box["y"] + box["height"] <= height


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_an_example_and_a_photograph_are_answered_for_eyes_ears_and_keyboards(page, browser, files, size, scheme):
    with tab(browser, page.url, viewport=size, color_scheme=scheme) as opened:
        opened.get_by_role("button", name="Example: Eileen Collins").wait_for()
        icons = "[...document.querySelectorAll('.example img')].filter(one => one.naturalWidth).length"
        opened.wait_for_function(f"{icons} === 2")
        assert not list(page.folder.rglob("grace_hopper.jpg"))  # where it would be swept as visitors' pictures are
        assert faults(opened) == []
        opened.get_by_role("button", name="Example: Eileen Collins").click()
        opened.locator(".headline", has_text="Happy").wait_for()
        bring(opened, "#photo", files / "both.jpg")
        opened.locator(".headline", has_text="1: unsure, most like").wait_for()
        opened.locator("#photo-result img").wait_for()
        opened.wait_for_function("document.querySelector('#photo-result img').complete")
        assert in_view(opened, "#photo-result .headline") and in_view(opened, "#photo-result img")
        opened.locator("#where").click()
        opened.locator("#heat img").nth(1).wait_for()
        assert faults(opened) == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= size["width"]


def test_the_result_says_unsure_has_a_text_for_its_picture_and_a_table_to_save(page, browser, files):
    with tab(browser, page.url, viewport=PHONE) as opened:
        bring(opened, "#photo", files / "both.jpg")
        opened.locator("#photo-result .result").wait_for()
        text = opened.locator("#photo-result img").get_attribute("alt")
        assert text.startswith("The photograph with 2 faces marked. face 1: unsure, most like ")
        assert "face 2: happy" in text
        assert opened.locator("#photo-result section").count() == 2
        with opened.expect_download() as saved:
            opened.get_by_role("link", name="Save the table").click()
        assert saved.value.suggested_filename == "faces.csv"
        rows = list(csv.DictReader(saved.value.path().open()))
        assert [row["unsure"] for row in rows] == ["True", "False"]
        assert set(EMOTIONS) | {"face", "left", "top"} <= rows[0].keys()
        assert "Must be on Spaces" not in opened.content() and not opened.get_by_label("Share").count()


def test_a_refusal_is_one_line_that_stays_and_names_no_path(page, browser, files):
    with tab(browser, page.url, viewport=PHONE) as opened:
        bring(opened, "#photo", files / "notes.png")
        line = opened.locator("#photo-result [role=alert]")
        line.wait_for()
        opened.wait_for_timeout(1500)
        assert line.inner_text() == "The file cannot be read: not a picture in a known format"
        assert opened.locator("[role=alert]:visible").count() == 1
        assert in_view(opened, "#photo-result [role=alert]")
        assert faults(opened) == []
        opened.get_by_role("button", name="Example: Grace Hopper").click()
        opened.locator(".headline").wait_for()
        assert not opened.locator("[role=alert]:visible").count()


def test_files_are_judged_by_what_is_in_them_and_not_by_their_names(page, browser, files, tmp_path):
    film = shutil.copy(files / "film.mp4", tmp_path / "00001.mts")
    raw = tmp_path / "raw.dng"
    raw.write_bytes(b"II*\0" + bytes(4000))
    with tab(browser, page.url, viewport=PHONE) as opened:
        assert opened.locator("#photo input[type=file]").get_attribute("accept").startswith("image/*")
        bring(opened, "#photo", raw)
        opened.locator("#photo-result [role=alert]", has_text="not a picture in a known format").wait_for()
        assert opened.locator("[role=alert]:visible").count() == 1
        opened.get_by_role("tab", name="Film").click()
        bring(opened, "#video", film)
        opened.locator(".headline", has_text="One person, most often happy").wait_for()
    assert "Traceback" not in page.log.read_text()


def test_of_a_group_the_headline_is_short_and_the_page_says_whose_labels_it_learned(page, browser, files):
    with tab(browser, page.url, viewport=PHONE) as opened:
        bring(opened, "#photo", files / "group.jpg")
        opened.locator(".headline", has_text="4 faces, 2 of them unsure: ").wait_for()
        opened.locator("#photo-result img").wait_for()
        assert in_view(opened, "#photo-result .headline") and in_view(opened, "#photo-result img")
        opened.get_by_text("as most of ten people named").wait_for()


def test_an_upload_that_the_server_turns_away_is_a_line_that_stays(page, browser, files):
    with tab(browser, page.url, viewport=PHONE) as opened:
        full = "the machine keeps as many uploads as it can"
        opened.route("**/gradio_api/upload**", lambda route: route.fulfill(status=507, body=full))
        bring(opened, "#photo", files / "wall.png")
        opened.locator("#alert").get_by_text(full).wait_for()
        opened.wait_for_timeout(1500)
        assert opened.locator("[role=alert]:visible").count() == 1


def test_a_picture_without_a_face_says_so(page, browser, files):
    with tab(browser, page.url, viewport=PHONE) as opened:
        bring(opened, "#photo", files / "wall.png")
        opened.locator(".headline", has_text="No face was found").wait_for()
        assert not opened.locator("#where").is_visible()


def test_a_film_comes_back_playable_with_its_people_as_a_table(page, browser, files):
    with tab(browser, page.url, viewport=DESK) as opened:
        opened.get_by_role("tab", name="Film").click()
        bring(opened, "#video", files / "film.mp4")
        opened.locator(".headline", has_text="One person, most often happy").wait_for()
        opened.wait_for_function("document.querySelector('#video-result video').readyState >= 2")
        assert opened.evaluate("document.querySelector('#video-result video').error") is None
        assert opened.locator("#video-result table tbody tr").count() == 1
        assert "person 1: most often happy" in opened.locator("#video-result img").get_attribute("alt")
        address = opened.get_by_role("link", name="Save the table").get_attribute("href")
        assert faults(opened) == []
    with urllib.request.urlopen(f"{page.url}/{address}", timeout=10) as table:
        (row,) = csv.DictReader(io.TextIOWrapper(table))
    assert row["most often"] == "happy" and float(row["happy"]) == 1.0


def test_nobody_works_on_the_film_of_who_has_left_and_nothing_stays_of_it(page, browser, tmp_path):
    writer = Writer(tmp_path / "long.mp4", 10, (640, 480))
    for _ in range(400):
        writer.write(astronaut())
    writer.close()
    before = films(page)
    with tab(browser, page.url, viewport=DESK) as opened:
        opened.get_by_role("tab", name="Film").click()
        bring(opened, "#video", tmp_path / "long.mp4")
        assert soon(lambda: films(page) > before)
    assert soon(lambda: films(page) == before)


def films(page) -> set:
    """The films that are there or being written."""
    return {path for path in page.folder.rglob("*faces*") if path.suffix in (".webm", ".mp4")}


def soon(true) -> bool:
    """Whether something becomes true within ten seconds."""
    until = time.monotonic() + 10
    while not true() and time.monotonic() < until:
        time.sleep(0.1)
    return true()


def test_the_focus_can_be_seen_on_all_that_the_keyboard_reaches(page, browser):
    with tab(browser, page.url, viewport=DESK) as opened:
        opened.get_by_role("button", name="Example: Eileen Collins").wait_for()
        reached = []
        for _ in range(6):
            opened.keyboard.press("Tab")
            style = "getComputedStyle(document.activeElement)"
            reached.append(opened.evaluate(f"document.activeElement.innerText + ' ' + {style}.outlineStyle"))
        assert all(one.endswith(" solid") for one in reached), reached
        assert any("Example" in one for one in reached)
