"""Servers that tests start."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from sample.demo import clean_environment


def answers(url: str) -> bool:
    """Tell whether a server answers there already."""
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False


def free_port() -> int:
    """Return a port of this machine on which nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Tracking(ThreadingHTTPServer):
    """As much of an MLflow server as a training needs, and one that can be made to fail.

    Attributes:
        mood: how it answers: "well", "silent" (never), "slow" (a byte every three seconds) or "busy" (503, come back in
            two minutes).
        unanswered: a call, as "runs/create", that is carried out the next time and closed without an answer.
        asked: how many requests came in.
        runs: by id, as MLflow's API gives them.
        metrics: (run, name, step) of all that was logged, in order.
    """

    daemon_threads = True

    def __init__(self, folder: str) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.folder, self.mood, self.unanswered, self.asked = folder, "well", "", 0
        self.runs, self.metrics = {}, []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that has hung up."""

    def experiments_get_by_name(self, wanted: dict) -> dict:
        return {"experiment": {"experiment_id": "1", "name": wanted["experiment_name"]}}

    def runs_search(self, wanted: dict) -> dict:
        return {"runs": [run for run in self.runs.values() if self._matches(run, wanted["filter"])]}

    def _matches(self, run: dict, text: str) -> bool:
        if run["info"]["run_id"] in text:
            return True
        (training,) = [tag["value"] for tag in run["data"]["tags"] if tag["key"] == "training_id"]
        return training in text and not ("status != 'FINISHED'" in text and run["info"]["status"] == "FINISHED")

    def runs_create(self, wanted: dict) -> dict:
        key = f"{len(self.runs):032x}"
        info = {"run_id": key, "status": "RUNNING", "artifact_uri": f"{self.folder}/{key}", "experiment_id": "1"}
        self.runs[key] = {"info": info, "data": {"tags": wanted.get("tags", []), "metrics": []}}
        return {"run": self.runs[key]}

    def runs_get(self, wanted: dict) -> dict:
        return {"run": self.runs[wanted["run_id"]]}

    def runs_update(self, wanted: dict) -> dict:
        self.runs[wanted["run_id"]]["info"]["status"] = wanted["status"]
        return {"run_info": self.runs[wanted["run_id"]]["info"]}

    def runs_log_batch(self, wanted: dict) -> dict:
        new = wanted.get("metrics", [])
        self.metrics += [(wanted["run_id"], metric["key"], int(metric["step"])) for metric in new]
        self.runs[wanted["run_id"]]["data"]["metrics"] += new
        return {}

    def metrics_get_history(self, wanted: dict) -> dict:
        every = self.runs[wanted["run_id"]]["data"]["metrics"]
        return {"metrics": [metric for metric in every if metric["key"] == wanted["metric_key"]]}


class _Answer(BaseHTTPRequestHandler):
    """One request to a `Tracking`."""

    def log_message(self, *_: object) -> None:
        """Write nothing to the terminal."""

    def do_GET(self) -> None:
        address = urllib.parse.urlsplit(self.path)
        self._answer(address.path, dict(urllib.parse.parse_qsl(address.query)))

    def do_POST(self) -> None:
        self._answer(self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, path: str, wanted: dict) -> None:
        server, mood = self.server, self.server.mood
        server.asked += 1
        if mood == "silent":
            time.sleep(60)
        elif mood == "slow":
            for byte in b"HTTP/1.1 200 OK\r\n":
                self.wfile.write(bytes([byte]))
                time.sleep(3)
        elif mood == "busy":
            self._send(503, b"", {"Retry-After": "120"})
        else:
            call = path.removeprefix("/api/2.0/mlflow/")
            done = getattr(server, call.replace("/", "_").replace("-", "_"))(wanted)
            if call == server.unanswered:
                server.unanswered = ""
            else:
                self._send(200, json.dumps(done).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, content: bytes, headers: dict) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def tracking_server(folder: str) -> Iterator[Tracking]:
    """Run a `Tracking` on a free port; artifacts go to `folder`."""
    server = Tracking(folder)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def served_model(name: str, store: str, folder: Path) -> Iterator[str]:
    """Run `mlflow models serve` of a registered model on a free port, and yield the address of the server.

    Args:
        name: in the registry.
        store: address of the tracking store.
        folder: where the server runs.
    """
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "--model-uri", f"models:/{name}/latest"]
    command += ["--env-manager", "local", "--port", str(port)]
    server = subprocess.Popen(
        command, cwd=folder, env=clean_environment() | {"MLFLOW_TRACKING_URI": store}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until = time.monotonic() + 90
        while not answers(f"http://127.0.0.1:{port}/ping"):
            assert time.monotonic() < until and server.poll() is None
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait()


@contextmanager
def running(command: list[str], port: int, **environment: str) -> Iterator[None]:
    """Have a server run, from when it answers at its port."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=os.environ | environment, **quiet)
    try:
        end = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert process.poll() is None, f"{command[0]} ended"
            assert time.monotonic() < end, f"{command[0]} does not answer"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def object_store(folder: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Run a small S3 server with one bucket; yield its port and what its users set.

    Args:
        folder: an object is a file below it, and the bucket the folder "bucket".
    """
    (folder / "bucket").mkdir(parents=True)
    port = free_port()
    command = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(port)]
    keys = {"NANIO_ACCESS_KEY": "key", "NANIO_SECRET_KEY": "secret-secret"}
    user = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret-secret"}
    user |= {"AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
    with running([*command, "--data-dir", str(folder)], port, **keys):
        yield port, user


def invoke(server: str, content: Any) -> tuple[int, Any]:
    """Send JSON to a served model; return the status and the JSON that comes back."""
    request = urllib.request.Request(
        f"{server}/invocations", json.dumps(content).encode(), {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
