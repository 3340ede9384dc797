"""The page and the served model under load: requests a second, how long one takes, and whether memory grows.

    python -m benchmarks.bench_load [--requests 1000] [--model-requests 400]

Both are served on this machine and are sent NASA's astronaut, a JPEG of 640 × 480: one request at a time, 50 at once,
and to the page one at a time beside clients that send a byte a second and others that hang up in the middle. Who is
refused because too many wait comes again after the pause that the answer names; how long a request takes is counted
from its first try. The client takes processor time of the same machine. Memory is that of a server and of all that it
has started, what they share counted once, at each tenth of the way.
"""

import argparse
import base64
import contextlib
import http.client
import io
import itertools
import json
import socket
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from benchmarks.bench_scale import memory
from benchmarks.telling import tell
from openfer import MODEL
from pipeline import registry
from tests.app.page.served import served
from tests.photos import astronaut
from tests.servers import served_model

AT_ONCE = 50

SLOW, VANISHING = 50, 10
"""Clients that are in the way: so many all the time, and so many a second."""

LIMIT = 120
"""Seconds that a client waits for an answer."""


@dataclass
class Request:
    """What is sent again and again.

    Attributes:
        url: of the server.
        path: on it.
        kind: content type.
        content: of the request.
        process: number of the server's process.
    """

    url: str
    path: str
    kind: str
    content: bytes
    process: int


@dataclass
class Load:
    """What came of many requests.

    Attributes:
        seconds: of each that was answered.
        refused: how often one was told to come back.
        failed: what else was answered, or happened.
        memory: MiB at each tenth of the way.
    """

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    failed: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def main(requests: int, model_requests: int) -> None:
    """Print the figures of both servers."""
    photo = io.BytesIO()
    Image.fromarray(astronaut()).save(photo, "JPEG", quality=90)
    with tempfile.TemporaryDirectory() as name:
        with served(Path(name) / "page") as page:
            request = Request(page.url, "/api/photo", "image/jpeg", photo.getvalue(), page.process.pid)
            compare("page", request, requests)
            with bad_clients(request):
                beside = f"{SLOW} slow clients and {VANISHING} a second that vanish"
                report(f"page, one at a time beside {beside}", request, requests // 10, 1)
        content = json.dumps({"inputs": [base64.b64encode(photo.getvalue()).decode()]}).encode()
        with model(Path(name)) as (url, process):
            compare("served model", Request(url, "/invocations", "application/json", content, process), model_requests)


@contextlib.contextmanager
def model(folder: Path) -> Iterator[tuple[str, int]]:
    """Serve the model of the package by MLflow; yield its address and process."""
    registry.register(folder, MODEL, "shipped", np.zeros((1, 48, 48), np.uint8))
    before = set(psutil.Process().children())
    with served_model("shipped", f"sqlite:///{folder / 'mlflow.db'}", folder) as url:
        (started,) = set(psutil.Process().children()) - before
        yield url, started.pid


def compare(name: str, request: Request, count: int) -> None:
    """Print what comes of requests one at a time, and of many at once."""
    send(request, 10, 1)  # the first ones load what the others use
    report(f"{name}, one at a time", request, count, 1)
    report(f"{name}, {AT_ONCE} at once", request, count, AT_ONCE)


def report(name: str, request: Request, count: int, at_once: int) -> None:
    """Send requests and print what came of them."""
    started = time.perf_counter()
    load = send(request, count, at_once)
    rate = len(load.seconds) / (time.perf_counter() - started)
    half, most = np.percentile(load.seconds, [50, 95]) * 1000 if load.seconds else (0, 0)
    answered = f"{len(load.seconds):,} of {count:,} answered, {rate:.1f}/s, p50 {half:.0f} ms, p95 {most:.0f} ms"
    tell(f"{name}: {answered}, refused for now {load.refused:,} times, failed {len(load.failed):,}")
    for reason in sorted(set(load.failed)):
        tell(f"    {load.failed.count(reason):,} × {reason}")
    if load.memory:
        grown = load.memory[-1] / load.memory[0] - 1
        tell(f"    MiB at each tenth: {' '.join(f'{one:.0f}' for one in load.memory)} ({grown:+.1%})")


def send(request: Request, count: int, at_once: int) -> Load:
    """Send so many requests, so many at once, each client over a connection of its own."""
    load, numbers = Load(), itertools.count()
    address = urllib.parse.urlsplit(request.url)

    def client(_: int) -> None:
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=LIMIT)
        with contextlib.closing(connection):
            while (number := next(numbers)) < count:
                ask(connection, request, load)
                if (number + 1) % max(1, count // 10) == 0:
                    load.memory.append(memory(request.process))

    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(client, range(at_once)))
    return load


def ask(connection: http.client.HTTPConnection, request: Request, load: Load) -> None:
    """Send a request until it is answered or fails, and note what came of it."""
    started = time.perf_counter()
    while True:
        try:
            connection.request("POST", request.path, request.content, {"Content-Type": request.kind})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            load.failed.append(type(error).__name__)
            return
        pause = answer.getheader("Retry-After")
        if answer.status == 503 and pause:
            load.refused += 1
            time.sleep(float(pause))
        elif answer.status == 200 and b'"happy"' in content:
            load.seconds.append(time.perf_counter() - started)
            return
        else:
            load.failed.append(f"status {answer.status}")
            return


@contextlib.contextmanager
def bad_clients(request: Request) -> Iterator[None]:
    """Have clients send a byte a second each, and others hang up in the middle of the same upload."""
    address, ended = urllib.parse.urlsplit(request.url), threading.Event()
    head = f"POST {request.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(request.content)}\r\n\r\n".encode()

    def connected() -> socket.socket:
        client = socket.create_connection((address.hostname, address.port), timeout=LIMIT)
        client.sendall(head)
        return client

    def work() -> None:
        with contextlib.ExitStack() as clients:
            slow = [clients.enter_context(connected()) for _ in range(SLOW)]
            for number in itertools.count():
                if ended.wait(1 / VANISHING):
                    return
                with contextlib.suppress(OSError), connected() as client:  # the server may hang up first
                    client.sendall(request.content[:1000])
                for client in slow[number % VANISHING :: VANISHING]:
                    with contextlib.suppress(OSError):  # cut off by now
                        client.sendall(b"a")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(LIMIT)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--requests", type=int, default=1000, help="to the page, each way (%(default)s)")
    parser.add_argument("--model-requests", type=int, default=400, help="to the served model, each way (%(default)s)")
    options = parser.parse_args()
    main(options.requests, options.model_requests)
