"""What the page turns away: addresses, paths, sizes, slow and vanishing visitors, twenty at once."""

import asyncio
import concurrent.futures
import io
import json
import os
import socket
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image

from openfer.app.page import limits
from openfer.app.page.guard import Guard
from openfer.app.page.store import Store
from tests.app.page.served import post
from tests.memory import PROC, peak
from tests.photos import astronaut


def joined(page, path: str) -> str:
    """What the page answers to one that names a file by its path or address, instead of bringing it."""
    with urllib.request.urlopen(f"{page.url}/config", timeout=20) as answer:
        config = json.load(answer)
    photo = next(one["id"] for one in config["components"] if one["props"].get("elem_id") == "photo")
    number = next(one["id"] for one in config["dependencies"] if one["targets"][0] == [photo, "change"])
    file = {"path": path, "meta": {"_type": "gradio.FileData"}}
    asked = {"data": [file], "fn_index": number, "session_hash": os.urandom(8).hex()}
    status, content = post(f"{page.url}/gradio_api/queue/join", json.dumps(asked).encode(), "application/json")
    assert status == 200, content
    address = f"{page.url}/gradio_api/queue/data?session_hash={asked['session_hash']}"
    with urllib.request.urlopen(address, timeout=20) as answer:
        return "".join(line.decode() for line in iter(answer.readline, b"") if b"process_" in line)


def test_the_page_opens_no_path_and_no_address_that_a_request_names(page, tmp_path):
    private = tmp_path / "private.png"
    Image.fromarray(astronaut()).save(private)
    for path in (
        str(private),
        f"{page.url}/theme.css",
        f"file://{private}",
        "/etc/passwd",
        "results/../../private.png",
    ):
        said = joined(page, path)
        assert '"success":false' in said and "headline" not in said, path


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    "path",
    [
        "results/../lock",
        "results/%2e%2e/lock",
        "results/..%2f..%2f..%2fetc%2fpasswd",
        "results/",
        "gradio_api/file=/etc/passwd",
        "gradio_api/proxy=http://127.0.0.1/",
        "gradio_api/vibe-code",
        "gradio_api/run-history/buckets",
        "monitoring",
        "docs",
    ],
)
def test_nothing_but_the_page_is_served(page, path):
    assert status(f"{page.url}/{path}") in (403, 404, 405)


def test_a_request_that_is_too_large_or_hides_its_size_is_answered_before_it_is_read(page):
    port = int(page.url.rsplit(":", 1)[1])
    for header, code in ((f"Content-Length: {2 * limits.MOST_BYTES}", b"413"), ("Transfer-Encoding: chunked", b"411")):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(f"POST /gradio_api/upload HTTP/1.1\r\nHost: x\r\n{header}\r\n\r\n".encode())
            assert client.recv(1000).split()[1] == code


def scope(path: str, size: int) -> dict:
    return {"type": "http", "method": "POST", "path": path, "headers": [(b"content-length", b"%d" % size)]}


async def answered(guard: Guard, asked: dict, receive) -> int:
    sent = []

    async def send(message: dict) -> None:
        sent.append(message)

    await guard(asked, receive, send)
    return sent[0]["status"]


async def reads_all(scope, receive, send) -> None:
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def body() -> dict:
    return {"type": "http.request", "body": b"1", "more_body": False}


def test_uploads_and_results_together_have_a_quota(monkeypatch):
    monkeypatch.setattr(limits, "QUOTA", 1000)
    with Store() as store:
        guard = Guard(reads_all, store)
        assert asyncio.run(answered(guard, scope("/api/photo", 600), body)) == 200
        store.keep("faces.jpg", bytes(600))
        assert asyncio.run(answered(guard, scope("/api/photo", 600), body)) == 507
        assert asyncio.run(answered(guard, scope("/gradio_api/queue/join", 600), body)) == 200
        guard.coming = 900  # others on their way
        assert asyncio.run(answered(guard, scope("/api/photo", 300), body)) == 507


@pytest.mark.parametrize("pause", [30, 0.03], ids=["silent", "slow"])
def test_an_upload_that_comes_too_slowly_is_cut_off(monkeypatch, pause):
    monkeypatch.setattr(limits, "SILENT_SECONDS", 0.2)
    monkeypatch.setattr(limits, "UPLOAD_SECONDS", 0.4)

    async def drips() -> dict:
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": b"1", "more_body": True}

    with Store() as store:
        started = time.monotonic()
        assert asyncio.run(answered(Guard(reads_all, store), scope("/api/photo", 600), drips)) == 408
        assert time.monotonic() - started < 3


def test_who_hangs_up_leaves_nothing_behind(page):
    port = int(page.url.rsplit(":", 1)[1])
    head = b"POST /api/photo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(head + bytes(1000))
        until = time.monotonic() + 10
        while not list(page.folder.rglob("api-*")) and time.monotonic() < until:
            time.sleep(0.05)
        assert list(page.folder.rglob("api-*"))
    until = time.monotonic() + 10
    while list(page.folder.rglob("api-*")) and time.monotonic() < until:
        time.sleep(0.05)
    assert not list(page.folder.rglob("api-*"))


@pytest.mark.slow
@pytest.mark.skipif(not PROC.exists(), reason="needs Linux's /proc")
def test_twenty_photographs_of_40_megapixels_at_once_take_at_most_one_and_a_half_gigabytes(page):
    content = io.BytesIO()
    large = np.zeros((5000, 8000, 4), np.uint8)
    large[:480, :640, :3], large[..., 3] = astronaut(), 200
    Image.fromarray(large).save(content, "PNG", compress_level=1)
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: post(f"{page.url}/api/photo", content.getvalue())[0], range(20)))
    assert set(answers) == {200, 503}, page.log.read_text()[-3000:]
    assert answers.count(200) >= limits.AT_ONCE + limits.WAITING
    assert peak(page.process.pid) <= 1.5e9
    assert not list(page.folder.rglob("api-*"))
