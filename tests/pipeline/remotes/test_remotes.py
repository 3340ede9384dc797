"""What docs/team.md says of remotes over ssh and S3, between clones of a small project, faults included."""

import os
import re
import time

import pytest

from tests.pipeline.remotes.conftest import SIZE, Checkout
from tests.pipeline.remotes.servers import Line, new_key
from tests.pipeline.test_verify import flip

pytestmark = pytest.mark.slow

MODEL, FACES = "models/vgg.keras", "data/faces.npy"
PULL = ("dvc", "pull", "--with-deps", "dvc.yaml")


def test_a_fresh_clone_pulls_the_same_bytes_and_makes_nothing_anew(team):
    assert "2 files pushed" in team.first.do("dvc", "push")
    clone = team.first.clone("second")
    clone.do(*PULL)
    assert (clone.read(MODEL), clone.read(FACES)) == (team.first.read(MODEL), team.first.read(FACES))
    assert clone.reproduce(1) == []
    assert clone.do("pipeline.verify").endswith("0 damaged\n")


def test_a_pull_of_everything_is_an_error_where_a_pipeline_has_never_run(team):
    """So that the page names the pipeline."""
    team.first.do("dvc", "push")
    everything = team.first.clone("second").run("dvc", "pull")
    assert everything.returncode == 1
    assert "Checkout failed for following targets:\ndata/votes.npy\n" in everything.stdout


def test_a_flipped_bit_in_the_remote_is_refused_and_only_by_verify(team):
    team.first.do("dvc", "push")
    damaged = team.object(team.first, MODEL)
    flip(damaged)

    clone = team.first.clone("second")
    refused = clone.run(*PULL)
    assert (refused.returncode, clone.read(MODEL)) == (1, None)
    assert f"Checkout failed for following targets:\n{MODEL}\n" in refused.stdout
    assert clone.read(FACES) == team.first.read(FACES)

    missing = team.first.clone("missing")
    missing.do(*PULL, "--allow-missing")
    assert missing.read(MODEL) is None

    careless = team.first.clone("careless")
    careless.do("dvc", "remote", "modify", "team", "verify", "false")
    careless.do(*PULL)
    assert careless.read(MODEL) != team.first.read(MODEL)
    assert "up to date" in careless.do("dvc", "status", "--with-deps", "dvc.yaml")
    verify = careless.run("pipeline.verify")
    assert verify.returncode == 1
    assert f"{MODEL} .dvc/cache" in verify.stdout
    assert verify.stdout.endswith("1 damaged\n")

    assert "Everything is up to date." in team.first.do("dvc", "push")
    damaged.unlink()
    assert "1 file pushed" in team.first.do("dvc", "push")
    clone.do(*PULL)
    assert clone.read(MODEL) == team.first.read(MODEL)


def test_a_push_that_is_killed_is_repeated_and_then_whole(team):
    line = Line(team.server, 4 * SIZE // 3)
    team.reach(team.first, line.port)
    push = team.first.start("dvc", "push", "--jobs", "1")
    assert line.silent.wait(60)
    push.kill()
    push.wait()
    line.cut()
    objects = [path for path in (team.object(team.first, MODEL), team.object(team.first, FACES)) if path.exists()]
    assert [path.stat().st_size for path in objects] == [SIZE]
    if team.server.kind == "ssh":
        assert list(team.store.rglob(".*.tmp"))

    clone = team.first.clone("second")
    assert clone.run(*PULL).returncode == 1
    team.reach(team.first, team.server.port)
    assert "1 file pushed" in team.first.do("dvc", "push")
    clone.do(*PULL)
    assert (clone.read(MODEL), clone.read(FACES)) == (team.first.read(MODEL), team.first.read(FACES))


def test_a_push_whose_line_is_cut_is_an_error_and_can_be_repeated(team):
    line = Line(team.server, SIZE // 2)
    team.reach(team.first, line.port)
    push = team.first.start("dvc", "push")
    assert line.silent.wait(60)
    line.cut()
    said, _ = push.communicate(timeout=60)
    assert push.returncode == 1
    assert "failed to push data to the cloud" in said
    team.reach(team.first, team.server.port)
    team.first.do("dvc", "push")
    team.first.clone("second").do(*PULL)


@pytest.mark.parametrize(("command", "code"), [(PULL, 1), (("dvc", "push"), 255)], ids=["pull", "push"])
def test_a_remote_that_is_down_is_an_error_within_seconds(team, command, code):
    checkout = team.first if command != PULL else team.first.clone("second")
    line = Line(team.server, 0)
    line.cut()
    team.reach(checkout, line.port)
    began = time.monotonic()
    done = checkout.run(*command)
    assert time.monotonic() - began < 10
    assert done.returncode == code
    assert f"{line.port}" in done.stdout
    assert "Traceback" not in done.stdout


def test_a_remote_that_says_nothing_is_given_up(team):
    """By the page's timeout over ssh, and over S3 by one that is shorter than the page's."""
    line = Line(team.server, 0)
    team.reach(team.first, line.port)
    if team.server.kind == "s3":
        team.first.do("dvc", "remote", "modify", "team", "read_timeout", "2")
    began = time.monotonic()
    done = team.first.run("dvc", "push")
    line.cut()
    assert time.monotonic() - began < 40
    assert done.returncode == 255
    assert {"ssh": "unexpected error - : :", "s3": "Read timeout"}[team.server.kind] in done.stdout


def test_wrong_credentials_are_an_error_and_leave_the_remote_alone(team, tmp_path):
    if team.server.kind == "ssh":
        new_key(tmp_path / "stranger" / ".ssh" / "id_ed25519")
    wrong = {"HOME": str(tmp_path / "stranger"), "AWS_SECRET_ACCESS_KEY": "wrong"}
    done = team.first.run("dvc", "push", **wrong)
    assert done.returncode == 255
    refusals = {"ssh": "Permission denied|Too many authentication failures", "s3": "Forbidden|signature"}
    assert re.search(refusals[team.server.kind], done.stdout)
    assert not team.store.exists()
    team.first.do("dvc", "push")
    clone = team.first.clone("second")
    assert clone.run(*PULL, **wrong).returncode == 1
    assert clone.read(MODEL) is None


def test_two_people_push_at_once(team):
    second = team.first.clone("second")
    for checkout, seed in ((team.first, 2), (second, 3)):
        assert checkout.reproduce(seed) == ["faces.npy", "vgg.keras"]
    third = second.clone("third")
    assert third.reproduce(2) == ["faces.npy", "vgg.keras"]
    pushes = [one.start("dvc", "push", "--run-cache") for one in (team.first, second, third)]
    assert [(push.communicate(timeout=120), push.returncode)[1] for push in pushes] == [0, 0, 0]
    for checkout in (team.first, second):
        checkout.do("git", "add", "--all")
        checkout.do("git", "commit", "--quiet", "--message", "Mine")
        clone = checkout.clone(f"{checkout.folder.name}-clone")
        clone.do(*PULL)
        assert clone.read(MODEL) == checkout.read(MODEL)


def test_the_run_cache_brings_what_dvc_keeps_and_not_what_has_a_history_in_git(team):
    """An entry for a training comes, too, but not the history, without which DVC does not take it."""
    team.first.do("dvc", "push")
    assert team.first.reproduce(2) == ["faces.npy", "vgg.keras"]
    team.first.do("dvc", "push", "--run-cache")
    team.first.do("git", "checkout", "--quiet", ".")

    clone = team.first.clone("second")
    clone.do(*PULL, "--run-cache")
    assert clone.reproduce(2, "--pull") == ["vgg.keras"]
    without = team.first.clone("third")
    without.do(*PULL, "--run-cache")
    assert without.reproduce(2) == ["faces.npy", "vgg.keras"]


def test_an_experiment_brings_a_training_with_its_history(team, tmp_path):
    team.first.do("git", "init", "--quiet", "--bare", "--initial-branch", "main", tmp_path / "hub")
    team.first.do("git", "remote", "add", "origin", tmp_path / "hub")
    team.first.do("git", "push", "--quiet", "origin", "main")
    clone = Checkout(tmp_path / "hub", team.first.environment).clone("second")

    (team.first.folder / "seed").write_text("2", encoding="utf-8")
    team.first.do("dvc", "exp", "run", "--name", "two")
    team.first.do("dvc", "exp", "push", "origin", "two")
    clone.do("dvc", "exp", "pull", "origin", "two")
    clone.do("dvc", "exp", "branch", "two", "two")
    clone.do("git", "checkout", "--quiet", "two")
    clone.do(*PULL)
    assert clone.reproduce(2) == []
    for path in (MODEL, FACES, "history.csv"):
        assert clone.read(path) == team.first.read(path)


def test_a_cache_that_clones_of_one_machine_share_brings_a_training(first, tmp_path):
    clones = [first.clone("second"), first.clone("third")]
    for clone in clones:
        clone.do("dvc", "cache", "dir", "--local", tmp_path / "cache")
        clone.do("dvc", "config", "--local", "cache.shared", "group")
    assert clones[0].reproduce(2) == ["faces.npy", "vgg.keras"]
    assert clones[1].reproduce(2) == []
    assert clones[1].read("history.csv") == clones[0].read("history.csv")


@pytest.mark.parametrize("words", [(), ("--run-cache",)])
def test_a_push_of_models_leaves_faces_at_home(team, words):
    team.first.do("dvc", "push", *words, "--remote", "team", MODEL)
    assert team.object(team.first, MODEL).read_bytes() == team.first.read(MODEL)
    sizes = [path.stat().st_size for path in team.store.rglob("*") if path.is_file()]
    assert [size for size in sizes if size >= SIZE] == [SIZE]
    assert not team.object(team.first, FACES).exists()


@pytest.mark.parametrize("team", ["ssh"], indirect=True)
def test_a_server_with_another_key_is_not_noticed(team):
    """As the page warns: OpenSSH would refuse it, by the same file."""
    home = team.first.folder.parent / "wary"
    new_key(home / "other")
    (home / ".ssh").mkdir()
    key = (home / "other.pub").read_text(encoding="utf-8")
    (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{team.server.port} {key}", encoding="utf-8")
    os.link(f"{team.server.environment['HOME']}/.ssh/id_ed25519", home / ".ssh" / "id_ed25519")
    user = ["-p", str(team.server.port), "-o", f"UserKnownHostsFile={home}/.ssh/known_hosts", "-o", "BatchMode=yes"]
    refused = team.first.run("ssh", *user, "-i", home / ".ssh" / "id_ed25519", "127.0.0.1", "true")
    assert refused.returncode == 255
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in refused.stdout
    assert team.first.run("dvc", "push", HOME=str(home)).returncode == 0
