"""The libraries that results depend on are those of versions.yaml, and another version is adopted on purpose."""

import re
import shutil
import subprocess
import sys

import pytest

from pipeline import versions
from pipeline.params import ParamsError, read_yaml
from pipeline.versions import DISTRIBUTIONS, EXTRA, VERSIONS, VersionError, installed, require
from sample.demo import clean_environment
from tests.imports import ROOT


def test_the_installed_libraries_are_those_that_the_results_come_from():
    """Fails after an upgrade: see versions.yaml for what to do."""
    declared, here = read_yaml(ROOT / VERSIONS), installed()
    assert declared.keys() == here.keys()
    assert declared == here | {name: declared[name] for name in EXTRA if here[name] == "none"}


def test_requirements_pin_the_versions_that_the_results_come_from():
    for name, packages in DISTRIBUTIONS.items():
        file = ROOT / ("requirements-baselines.txt" if name in EXTRA else "requirements.txt")
        pins = dict(re.findall(r"^([\w-]+)==(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE))
        assert read_yaml(ROOT / VERSIONS)[name] in [pins.get(package) for package in packages], name


def test_the_declared_versions_pass():
    require(list(DISTRIBUTIONS), installed())


def test_another_version_is_one_line_with_both_and_the_ways_out():
    here = installed()
    declared = here | {"keras": "3.0.0", "numpy": "1.0.0", "tensorflow": "2.0.0"}
    with pytest.raises(VersionError) as caught:
        require(["keras", "numpy", "opencv"], declared)
    assert str(caught.value) == (
        f"installed is keras {here['keras']} instead of 3.0.0, numpy {here['numpy']} instead of 1.0.0 "
        "of versions.yaml: `pip install -r requirements.txt`, or adopt it by `python -m pipeline.versions` and then "
        "`dvc repro` (all anew) or `dvc commit --force` (results stay)"
    )


def test_what_not_everybody_has_comes_by_requirements_of_its_own():
    declared = installed() | {"dlib": "1.0"}
    with pytest.raises(VersionError, match=r"instead of 1\.0 .*`pip install -r requirements-baselines\.txt`"):
        require(["numpy", "dlib"], declared)
    require(["numpy"], declared)


@pytest.mark.parametrize("declared", [{}, {"keras": None}, {"keras": 3.1}])
def test_a_library_without_a_version_does_not_pass(declared):
    with pytest.raises(VersionError, match="keras"):
        require(["keras"], declared)


def test_a_library_that_is_not_installed_has_no_version(monkeypatch):
    monkeypatch.setitem(DISTRIBUTIONS, "keras", ("no-such-library",))
    assert installed()["keras"] == "none"
    monkeypatch.setitem(DISTRIBUTIONS, "keras", ("no-such-library", "numpy"))  # one of two names
    assert installed()["keras"] == installed()["numpy"]


def test_without_the_file_there_is_one_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParamsError, match=r"versions\.yaml is missing"):
        require(["keras"])


def test_the_installed_versions_are_written_and_the_comments_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = (ROOT / VERSIONS).read_text(encoding="utf-8")
    VERSIONS.write_text(text.replace("numpy: ", "numpy: 0."), encoding="utf-8")
    versions.main()
    assert VERSIONS.read_text(encoding="utf-8") == text
    monkeypatch.setattr(versions, "installed", lambda: {"numpy": "3.0"})
    versions.main()
    require(["numpy"])  # a text, no number


def test_the_version_of_what_is_not_installed_here_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / VERSIONS, tmp_path)
    monkeypatch.setitem(DISTRIBUTIONS, "dlib", ("no-such-library",))
    versions.main()
    assert read_yaml(VERSIONS)["dlib"] == read_yaml(ROOT / VERSIONS)["dlib"] != "none"


PIPELINE = """
stages:
  train:
    cmd: echo trained >> runs && echo weights > network
    params: [versions.yaml: [numpy]]
    outs: [network]
"""


def test_dvc_adopts_another_version_and_trains_nothing(tmp_path):
    def run(*command: str) -> str:
        environment = clean_environment() | {"PYTHONPATH": str(ROOT)}
        command = (sys.executable, "-m", *command)
        return subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True).stdout

    shutil.copy(ROOT / VERSIONS, tmp_path)
    old = (tmp_path / VERSIONS).read_text(encoding="utf-8").replace("numpy: ", "numpy: 0.")
    (tmp_path / VERSIONS).write_text(old, encoding="utf-8")
    (tmp_path / "dvc.yaml").write_text(PIPELINE, encoding="utf-8")
    run("dvc", "init", "--no-scm", "-q")
    run("dvc", "repro", "-q")
    run("pipeline.versions")
    assert "numpy" in run("dvc", "status")
    run("dvc", "commit", "--force", "-q")
    assert "up to date" in run("dvc", "status")
    run("dvc", "repro", "-q")
    assert (tmp_path / "runs").read_text(encoding="utf-8") == "trained\n"
