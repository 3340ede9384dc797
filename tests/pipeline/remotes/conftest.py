"""A small project whose remote lies on a server of this machine, and clones of it, as of a team."""

import importlib.util
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from sample.demo import clean_environment
from tests.imports import ROOT
from tests.pipeline.remotes.servers import SSHD, Server, s3_server, ssh_server

SIZE = 3_000_000

MAKE = f"""
import pathlib, random, sys
made, *history = map(pathlib.Path, sys.argv[1:])
seed = pathlib.Path("seed").read_text()
made.parent.mkdir(parents=True, exist_ok=True)
made.write_bytes(random.Random(made.name + seed).randbytes({SIZE}))
for path in history:
    path.write_text("epoch,loss\\n1," + seed)
with open("ran", "a") as file:
    print(made.name, file=file)
"""

# As in the project: what DVC keeps, some of it made by another pipeline; a training's history, which Git keeps; and a
# pipeline that nobody has run.
FILES = {
    "make.py": MAKE,
    ".gitignore": "ran\n",
    "dvc.yaml": """
stages:
  train:
    cmd: python make.py models/vgg.keras history.csv
    deps: [make.py, data/faces.npy]
    outs: [models/vgg.keras]
    plots: [history.csv: {cache: false, x: epoch, y: loss}]
""",
    "data/dvc.yaml": """
stages:
  ingest:
    cmd: python make.py data/faces.npy
    wdir: ..
    deps: [make.py, seed]
    outs: [data/faces.npy]
""",
    "crowd/dvc.yaml": """
stages:
  votes:
    cmd: python make.py data/votes.npy
    wdir: ..
    deps: [make.py]
    outs: [data/votes.npy]
""",
}


@dataclass(frozen=True)
class Checkout:
    """A checkout of the project on the machine of somebody of the team."""

    folder: Path
    environment: dict[str, str]

    def run(self, *words: object, **environment: str) -> subprocess.CompletedProcess:
        """Run a command to its end; what it said is in stdout."""
        command = [sys.executable, "-m", *map(str, words)] if words[0] in ("dvc", "pipeline.verify") else words
        return subprocess.run(
            list(map(str, command)),
            cwd=self.folder,
            env=self.environment | environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
        )

    def do(self, *words: object) -> str:
        """Run a command that must succeed; return what it said."""
        done = self.run(*words)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def start(self, *words: str) -> subprocess.Popen:
        command = [sys.executable, "-m", *words]
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return subprocess.Popen(command, cwd=self.folder, env=self.environment, text=True, **streams)

    def clone(self, name: str) -> "Checkout":
        """Return a fresh clone, which has what Git keeps and nothing else."""
        self.do("git", "clone", "--quiet", self.folder, self.folder.parent / name)
        return Checkout(self.folder.parent / name, self.environment)

    def reproduce(self, seed: int, *words: str) -> list[str]:
        """Run `dvc repro` with another seed; return what was made anew for it."""
        log = self.folder / "ran"
        log.unlink(missing_ok=True)
        (self.folder / "seed").write_text(str(seed), encoding="utf-8")
        self.do("dvc", "repro", *words)
        return log.read_text(encoding="utf-8").split() if log.exists() else []

    def read(self, path: str) -> bytes | None:
        """Return the content of a file, or None where there is none."""
        return (self.folder / path).read_bytes() if (self.folder / path).exists() else None


@dataclass(frozen=True)
class Team:
    """Where the first of a team works, the server that all use, and where there the objects of the remote lie."""

    first: Checkout
    server: Server
    name: str

    @property
    def store(self) -> Path:
        """Return where the remote's objects lie as files."""
        return self.server.folder / self.name / "files" / "md5"

    def object(self, checkout: Checkout, path: str) -> Path:
        """Return where an output lies in the remote, or would."""
        locked = "".join(lock.read_text(encoding="utf-8") for lock in checkout.folder.rglob("dvc.lock"))
        md5 = re.search(rf"path: {path}\n +hash: md5\n +md5: (\w+)", locked)[1]
        return self.store / md5[:2] / md5[2:]

    def reach(self, checkout: Checkout, port: int) -> None:
        """Have a checkout find the server at another port."""
        named = ("endpointurl", f"http://127.0.0.1:{port}")
        name, value = ("url", self.server.url(self.name, port)) if self.server.kind == "ssh" else named
        checkout.do("dvc", "remote", "modify", "--local", "team", name, value)


@pytest.fixture(scope="module")
def servers(tmp_path_factory) -> Iterator[dict[str, Server]]:
    """Those that can be started here."""
    started = {}
    with ExitStack() as stack:
        if SSHD and importlib.util.find_spec("dvc_ssh"):
            started["ssh"] = stack.enter_context(ssh_server(tmp_path_factory.mktemp("ssh")))
        if importlib.util.find_spec("nanio") and importlib.util.find_spec("dvc_s3"):
            started["s3"] = stack.enter_context(s3_server(tmp_path_factory.mktemp("s3")))
        yield started


NEEDED = {"ssh": "sshd (apt-get install openssh-server) and requirements-remotes.txt"}
NEEDED["s3"] = "requirements-remotes.txt and requirements-dev.txt"


def environment(folder: Path) -> dict[str, str]:
    """Return that of somebody who has set nothing; DVC's notes on remotes lie in the folder, too."""
    kept = {name: value for name, value in clean_environment().items() if not name.startswith(("AWS_", "GIT_"))}
    notes = {"HOME": str(folder), "DVC_SITE_CACHE_DIR": str(folder / "notes"), "PYTHONPATH": str(ROOT)}
    who = {
        f"GIT_{role}_{what}": "someone@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    return kept | notes | who


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The project with all that its stages make, and no remote."""
    folder = tmp_path_factory.mktemp("made")
    checkout = Checkout(folder / "project", environment(folder))
    for name, text in FILES.items():
        (checkout.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout.folder / name).write_text(text, encoding="utf-8")
    checkout.do("git", "init", "--quiet", "--initial-branch", "main")
    checkout.do("dvc", "init", "--quiet")
    assert checkout.reproduce(1) == ["faces.npy", "vgg.keras"]
    checkout.do("git", "add", "--all")
    checkout.do("git", "commit", "--quiet", "--message", "The project")
    return checkout.folder


@pytest.fixture
def first(made, tmp_path) -> Checkout:
    """The project on the first laptop."""
    return Checkout(shutil.copytree(made, tmp_path / "first", symlinks=True), environment(tmp_path))


@pytest.fixture(params=["ssh", "s3"])
def team(request, servers, first, tmp_path) -> Team:
    """The first's remote, set up by the commands of the page and committed."""
    if request.param not in servers:
        pytest.skip(f"needs {NEEDED[request.param]}")
    server, name = servers[request.param], tmp_path.name
    block = page_on(server)
    exported = dict(re.findall(r"^export (\w+)=(\w+)", block, re.MULTILINE))
    team = Team(Checkout(first.folder, first.environment | server.environment | exported), server, name)
    for line in re.findall(r"^dvc remote .*", block, re.MULTILINE):
        words = re.sub(r"(ssh|s3)://\S+", server.url(name), line.split(" #")[0])
        team.first.do(*re.sub(r"https://\S+", f"http://127.0.0.1:{server.port}", words).split())
    team.first.do("git", "commit", "--all", "--quiet", "--message", "The remote of the team")
    return team


def page_on(server: Server) -> str:
    """Return the commands of docs/team.md that set up a remote on a server."""
    page = (ROOT / "docs" / "team.md").read_text(encoding="utf-8")
    (block,) = [one for one in re.findall(r"```bash\n(.*?)```", page, re.DOTALL) if f"team {server.kind}://" in one]
    return block
