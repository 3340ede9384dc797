"""Turns, time and sizes: what one visitor may take."""

import io
import threading
import time

import pytest
from PIL import Image

from openfer.app.page import limits
from openfer.app.page.inputs import answered, reason
from openfer.app.page.limits import Busy, Gone, TookTooLong, Turns, Visitors, require_small
from openfer.errors import Refused


def test_two_work_and_the_others_wait_or_are_sent_away(monkeypatch):
    monkeypatch.setattr(limits, "WAITING", 1)
    turns, done, most, at_once = Turns(), threading.Event(), [], []

    def work() -> None:
        with turns.take():
            at_once.append(1)
            most.append(len(at_once))
            done.wait(5)
            at_once.pop()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 5
    while turns.places._value and time.monotonic() < until:
        time.sleep(0.01)
    with pytest.raises(Busy, match="try again"), turns.take():
        pass
    done.set()
    for thread in threads:
        thread.join(5)
    assert max(most) == limits.AT_ONCE and len(most) == 3


def test_who_waits_too_long_is_told_to_come_back():
    turns = Turns()
    with turns.take(), turns.take(), pytest.raises(Busy, match="busy"), turns.take(patience=0.05):
        pass


def test_work_ends_when_its_time_is_over_or_nobody_waits_for_it(monkeypatch):
    visitors = Visitors()
    with Turns().take(visitors.gone("a")) as turn:
        turn.check()
        visitors.leave("a")
        with pytest.raises(Gone):
            turn.check()
    monkeypatch.setattr(limits, "SECONDS", -1)
    with pytest.raises(TookTooLong, match="longer than"), Turns().take():
        pass


@pytest.mark.parametrize("size", ["8000 5001", "20000 20000"])
def test_a_photograph_of_more_than_forty_megapixels_is_refused_before_it_is_unpacked(size):
    with pytest.raises(Refused, match="40 megapixels; make it smaller"):
        require_small(f"P5 {size} 255\n".encode())


def test_forty_megapixels_pass_and_what_is_no_picture_is_left_to_who_reads_it():
    require_small(b"P5 8000 5000 255\n")
    require_small(b"not a picture")


def test_a_photograph_of_an_iphone_that_is_too_large_is_refused_too():
    pillow_heif = pytest.importorskip("pillow_heif")
    content = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (8000, 5008))).save(content, quality=10)
    with pytest.raises(Refused, match="5,008 pixels, more than 40 megapixels"):
        require_small(content.getvalue())


def test_a_refusal_becomes_a_line_without_a_path_and_without_markup():
    def work() -> None:
        raise Refused("/tmp/a: b/<b>.mp4: not a video")

    line, rest = answered(work, 2)()
    assert 'role="alert"' in line and "<b>" not in line and rest is None
    assert reason(Refused("/tmp/x.mp4: not a video")) == "the file cannot be read: not a video"
    assert reason(Refused("too many: wait")) == "too many: wait"
