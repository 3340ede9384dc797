"""Connections that say nothing, take nothing, or are too many, in a server of uvicorn of the test's own."""

import contextlib
import socket
import threading
import time

import pytest
import uvicorn

from openfer.app.page import limits
from openfer.app.page.connections import Connection
from openfer.app.page.guard import Guard
from openfer.app.page.store import Store

LARGE = 2**25
"""Bytes of an answer: more than the system keeps for who does not take it."""


async def answer(scope, receive, send) -> None:
    """Read all; answer LARGE bytes at "/static/large", a byte elsewhere."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.disconnect":
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(LARGE >> 14 if scope["path"] == "/static/large" else 0):
        await send({"type": "http.response.body", "body": bytes(2**14), "more_body": True})
    await send({"type": "http.response.body", "body": b"a"})


@pytest.fixture
def server(monkeypatch):
    """A server that waits for half a second in place of 15."""
    monkeypatch.setattr(limits, "SILENT_SECONDS", 0.5)
    with Store() as store, socket.create_server(("127.0.0.1", 0), backlog=128) as taken:
        config = uvicorn.Config(
            Guard(answer, store), http=Connection, lifespan="off", log_level="error", timeout_graceful_shutdown=1
        )
        running = uvicorn.Server(config)
        running.address = taken.getsockname()
        thread = threading.Thread(target=running.run, args=([taken],), daemon=True)
        thread.start()
        try:
            until = time.monotonic() + 10
            while not running.started and time.monotonic() < until:
                time.sleep(0.01)
            yield running
        finally:
            running.should_exit = True
            thread.join(10)
            assert not thread.is_alive()


def connect(server: uvicorn.Server, said: bytes = b"", room: int = 0) -> socket.socket:
    client = socket.socket()
    client.settimeout(10)
    if room:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    client.connect(server.address)
    client.sendall(said)
    return client


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def forgotten(server: uvicorn.Server, seconds: float = 5) -> bool:
    """Whether the server has no connection any more."""
    until = time.monotonic() + seconds
    while server.server_state.connections and time.monotonic() < until:
        time.sleep(0.02)
    return not server.server_state.connections


def cut_off(client: socket.socket) -> float:
    """Seconds until the connection is ended by the server, to which a byte of a head is said again and again."""
    started = time.monotonic()
    client.settimeout(0.05)
    while time.monotonic() - started < 5:
        try:
            client.sendall(b"a")
            if not client.recv(1000):
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break
    return time.monotonic() - started


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nSlow: "], ids=["silent", "half a head"])
def test_a_connection_without_a_request_is_cut_off(server, said):
    with connect(server, said) as client:
        time.sleep(0.1)
        assert client.fileno() and len(server.server_state.connections) == 1
        assert forgotten(server, 3)
        with contextlib.suppress(ConnectionError):
            assert client.recv(100) == b""


def test_a_head_a_byte_at_a_time_is_cut_off_also_after_a_request_that_was_answered(server):
    with connect(server, get("/") + b"G") as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 200")
        assert cut_off(client) < 3
    with connect(server, b"GET / HTTP/1.1\r\nSlow: ") as client:
        assert cut_off(client) < 3


def test_an_answer_that_nobody_takes_is_cut_off(server):
    with connect(server, get("/static/large"), room=4096):
        time.sleep(0.2)
        assert server.server_state.connections
        assert forgotten(server)


def test_the_end_of_an_answer_that_nobody_takes_is_cut_off(server, monkeypatch):
    async def until_something_is_left(scope, receive, send) -> None:
        await receive()
        (connection,) = server.server_state.connections
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        while not connection.transport.get_write_buffer_size():
            await send({"type": "http.response.body", "body": bytes(2**14), "more_body": True})
        await send({"type": "http.response.body", "body": b"a"})
        assert not connection.flow.write_paused

    monkeypatch.setattr(server.config.loaded_app, "app", until_something_is_left)
    with connect(server, get("/"), room=4096):
        time.sleep(0.2)
        assert server.server_state.connections
        assert forgotten(server)


def test_an_answer_that_is_taken_slowly_comes_whole(server):
    with connect(server, get("/static/large")) as client:
        started, taken = time.monotonic(), 0
        while taken < LARGE:
            piece = client.recv(2**20)
            assert piece, f"{taken} of {LARGE} bytes"
            taken += len(piece)
            time.sleep(0.06)
        assert time.monotonic() - started > 2 * limits.SILENT_SECONDS


def test_requests_one_after_the_other_over_a_longer_time_share_a_connection(server):
    with connect(server) as client:
        for _ in range(6):
            client.sendall(get("/"))
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            time.sleep(0.3)


def test_an_upload_a_byte_at_a_time_is_told_and_cut_off(server, monkeypatch):
    monkeypatch.setattr(limits, "UPLOAD_SECONDS", 1)
    with connect(server, b"POST /api/photo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n") as client:
        started, said = time.monotonic(), b""
        client.settimeout(0.1)
        while not said and time.monotonic() - started < 5:
            client.sendall(b"a")
            with contextlib.suppress(TimeoutError):
                said = client.recv(1000)
        assert said.startswith(b"HTTP/1.1 408") and b"too slowly" in said
        assert 0.9 < time.monotonic() - started < 4
    assert forgotten(server)


def test_too_many_connections_are_ended_at_once_and_others_are_served_again_when_they_are_gone(server, monkeypatch):
    monkeypatch.setattr(limits, "SILENT_SECONDS", 2)
    monkeypatch.setattr(limits, "CONNECTIONS", 5)
    monkeypatch.setattr(limits, "TOLD", 0)
    with contextlib.ExitStack() as clients:
        for _ in range(30):
            clients.enter_context(connect(server))
        until = time.monotonic() + 1
        while len(server.server_state.connections) != 5 and time.monotonic() < until:
            time.sleep(0.02)
        assert len(server.server_state.connections) == 5
        assert forgotten(server)
        with connect(server, get("/")) as client:
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
