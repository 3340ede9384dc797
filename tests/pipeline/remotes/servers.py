"""Servers on this machine that hold a remote of DVC, over ssh and S3, and a line to them that breaks."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import free_port, object_store, running

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")

SSHD_CONFIG = """ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PasswordAuthentication no
StrictModes no
UsePAM no
PidFile none
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True)
class Server:
    """One that runs.

    Attributes:
        kind: "ssh" or "s3".
        port: where it listens.
        folder: where its objects lie as files.
        environment: what a user of it sets. Of ssh that is a home with the key.
    """

    kind: str
    port: int
    folder: Path
    environment: dict[str, str]

    def url(self, name: str, port: int | None = None) -> str:
        """Return the address of a remote as DVC takes it."""
        if self.kind == "s3":
            return f"s3://bucket/{name}"
        return f"ssh://{getpass.getuser()}@127.0.0.1:{port or self.port}{self.folder}/{name}"


def new_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)


@contextmanager
def ssh_server(folder: Path) -> Iterator[Server]:
    """Debian's openssh-server with keys of its own; who starts it may log in."""
    home, store, port = folder / "home", folder / "store", free_port()
    new_key(folder / "host")
    new_key(home / ".ssh" / "id_ed25519")
    shutil.copy(home / ".ssh" / "id_ed25519.pub", folder / "user.pub")
    (folder / "config").write_text(SSHD_CONFIG.format(port=port, folder=folder), encoding="utf-8")
    store.mkdir()
    if os.getuid() == 0:  # where root starts sshd it wants this folder, which Debian makes when the machine starts
        Path("/run/sshd").mkdir(exist_ok=True)
    with running([str(SSHD), "-D", "-e", "-f", str(folder / "config")], port):
        yield Server("ssh", port, store, {"HOME": str(home)})


@contextmanager
def s3_server(folder: Path) -> Iterator[Server]:
    """An object is a file below its folder."""
    with object_store(folder / "data") as (port, user):
        yield Server("s3", port, folder / "data" / "bucket", user | {"HOME": str(folder)})


class Line:
    """A port in front of a server that carries some bytes to it and then nothing more, in neither direction.

    Attributes:
        port: to connect to.
        silent: is set as soon as nothing more is carried.
    """

    def __init__(self, server: Server, carried: int) -> None:
        self.server, self.left, self.silent = server.port, carried, threading.Event()
        self.open: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # of a listener that is closed
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server))
                self.open += [client, server]
                threading.Thread(target=self._carry, args=(client, server, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, client, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):  # of a side that has hung up
            while data := source.recv(1 << 16):
                self.left -= len(data) if counted else 0
                if self.left < 0:
                    self.silent.set()
                if self.silent.is_set():
                    return
                target.sendall(data)
            if not self.silent.is_set():
                target.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        """Hang up on both sides; nobody can connect from now on."""
        for end in [self.listener, *self.open]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
