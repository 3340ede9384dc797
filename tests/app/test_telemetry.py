"""Pictures stay here: no library reports to its maker, neither in the program nor where `openfer` is imported."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from PIL import Image

from tests.imports import ROOT
from tests.photos import astronaut

LIBRARY = """
import numpy, openfer
from openfer.export.model_folder import ExportedModel
assert ExportedModel.load(openfer.MODEL).predict(numpy.zeros((2, 48, 48), numpy.uint8)).shape == (2, 7)
"""
HERE = re.compile(r'sa_family=AF_(UNIX|NETLINK)|inet_addr\("127\.|inet_pton\(AF_INET6, "::1"|sa_family=AF_UNSPEC')
CALLS = "trace=connect,sendto,sendmsg,sendmmsg"


def leaves(line: str) -> bool:
    """Whether a system call goes to another machine; a look-up of a name does, whoever passes it on."""
    return "htons(53)" in line or ("sa_family" in line and not HERE.search(line))


def run(home, *command: str) -> None:
    """Run a command as somebody whose home is an empty folder and who has switched nothing off."""
    kept = {key: value for key, value in os.environ.items() if "TELEMETRY" not in key}
    environment = kept | {"HOME": str(home), "PYTHONPATH": str(ROOT)}
    environment.pop("XDG_CACHE_HOME", None)
    subprocess.run(command, cwd=home, env=environment, check=True, capture_output=True)


def may_trace() -> bool:
    strace = shutil.which("strace")
    return bool(strace) and subprocess.run([strace, "-o", os.devnull, "true"], capture_output=True).returncode == 0


def test_a_program_that_imports_the_library_leaves_no_id_of_the_machine(tmp_path):
    run(tmp_path, sys.executable, "-c", LIBRARY)
    assert not list(tmp_path.rglob("*Microsoft*"))


@pytest.mark.skipif(not may_trace(), reason="needs strace, and the right to use it")
def test_the_program_speaks_to_no_other_machine(tmp_path):
    Image.fromarray(astronaut()).save(tmp_path / "portrait.png")
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "-qq", "-e", CALLS, "-e", "signal=none", "-o", str(trace)]
    run(tmp_path, *strace, sys.executable, "-m", "openfer", "photo", "portrait.png")
    assert (tmp_path / "expressions" / "faces.jsonl").is_file()
    assert not [line for line in trace.read_text().splitlines() if leaves(line)]
    assert not list(tmp_path.rglob("*Microsoft*"))


def test_gradio_counts_nobody():
    pytest.importorskip("openfer.app.page.server", reason="needs requirements-app.txt")
    from gradio import analytics

    assert not analytics.analytics_enabled()
