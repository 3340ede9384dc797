"""The page under load: fifty at once, slow and vanishing clients, memory over many photographs."""

import concurrent.futures
import contextlib
import http.client
import io
import json
import os
import socket
import time
import urllib.parse

import psutil
import pytest
from PIL import Image

from openfer.app.page import limits
from tests.app.page.served import Served, post
from tests.photos import astronaut

MANY = 50
HEAD = "POST /api/photo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n"


@pytest.fixture(scope="module")
def photo() -> bytes:
    content = io.BytesIO()
    Image.fromarray(astronaut()).save(content, "JPEG", quality=90)
    return content.getvalue()


def connect(page: Served, said: bytes) -> socket.socket:
    address = urllib.parse.urlsplit(page.url)
    client = socket.create_connection((address.hostname, address.port), timeout=10)
    client.sendall(said)
    return client


def answered(page: Served, content: bytes) -> http.client.HTTPResponse:
    address = urllib.parse.urlsplit(page.url)
    with contextlib.closing(http.client.HTTPConnection(address.hostname, address.port, timeout=90)) as connection:
        connection.request("POST", "/api/photo", content)
        answer = connection.getresponse()
        answer.content = json.loads(answer.read())
        return answer


def held(page: Served) -> tuple[int, list[str]]:
    """Return how many files and connections the page has open, and the uploads that lie in its folder."""
    folders = [name for _, names, _ in os.walk(page.folder) for name in names]  # os.walk minds none that vanishes
    return psutil.Process(page.process.pid).num_fds(), sorted(name for name in folders if name.startswith("api-"))


def held_again(page: Served, before: tuple[int, list[str]], seconds: float) -> bool:
    """Whether the page has let go of what clients had of it."""
    until = time.monotonic() + seconds
    while (now := held(page))[0] > before[0] or now[1]:
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def test_fifty_at_once_are_answered_or_told_when_to_come_back(page, photo):
    assert answered(page, photo).status == 200
    before = held(page)
    with concurrent.futures.ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(lambda _: answered(page, photo), range(MANY)))
    served = [answer.content["faces"][0]["emotion"] for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status == 503]
    assert set(served) == {"happy"} and len(served) >= limits.AT_ONCE + limits.WAITING
    assert len(served) + len(refused) == MANY
    for answer in refused:
        assert answer.getheader("Retry-After") == str(limits.RETRY)
        assert answer.content == {"error": "too many visitors at the moment; try again in a minute"}
    assert held_again(page, before, 5)


def test_slow_clients_keep_nobody_waiting(page, photo):
    head = HEAD.format(len(photo)).encode()
    alone = min(seconds(page, photo) for _ in range(3))
    with contextlib.ExitStack() as clients:
        slow = [clients.enter_context(connect(page, head)) for _ in range(MANY)]
        slow += [clients.enter_context(connect(page, b"GET / HTTP/1.1\r\n")) for _ in range(MANY)]
        beside = []
        for _ in range(5):
            for client in slow:
                client.sendall(b"a")
            beside.append(seconds(page, photo))
        assert min(beside) < max(5 * alone, 2)
        assert not any(gone(client) for client in slow)


def seconds(page: Served, photo: bytes) -> float:
    """How long an answer takes."""
    started = time.monotonic()
    assert post(f"{page.url}/api/photo", photo)[0] == 200
    return time.monotonic() - started


def gone(client: socket.socket) -> bool:
    """Whether the server has said anything, or ended the connection."""
    client.setblocking(False)
    try:
        client.recv(1)
    except BlockingIOError:
        return False
    except ConnectionError:
        pass
    return True


def test_clients_that_vanish_in_upload_or_answer_leave_nothing_behind(page, photo):
    assert answered(page, photo).status == 200
    before = held(page)
    head = HEAD.format(len(photo)).encode()
    for _ in range(MANY):
        connect(page, head + photo[:1000]).close()
        with connect(page, head + photo) as client:  # reset, as of a phone that has lost its network
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert held_again(page, before, 20)
    assert answered(page, photo).status == 200
    assert psutil.Process(page.process.pid).num_threads() < 80
    assert "Traceback" not in page.log.read_text()


@pytest.mark.slow
def test_memory_does_not_grow_over_many_photographs(page, photo):
    def work(count: int) -> float:
        with concurrent.futures.ThreadPoolExecutor(limits.AT_ONCE) as pool:
            assert {answer.status for answer in pool.map(lambda _: answered(page, photo), range(count))} == {200}
        return psutil.Process(page.process.pid).memory_info().rss

    work(100)
    before = work(100)
    assert work(400) < 1.05 * before + 10e6
