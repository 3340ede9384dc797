"""Nothing is left behind: swept while it runs, deleted at the end, and after a kill at the next start."""

import os
import tempfile
import time

import pytest
from starlette.testclient import TestClient

from openfer.app.page import api
from openfer.app.page.limits import KEPT, SILENT_SECONDS, Turns
from openfer.app.page.store import PREFIX, Store, delete_leftovers


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_what_is_old_is_deleted_and_what_is_new_kept(temporary):
    with Store() as store:
        old, _ = store.place("old.jpg")
        new, _ = store.place("new.jpg")
        cut_off, moved = store.folder / "tmpabc", store.folder / "sha" / "photo.jpg"
        moved.parent.mkdir()
        for path in (old, new, cut_off, moved):
            path.write_bytes(b"a face")
        os.utime(old, (0, time.time() - KEPT - 1))
        os.utime(old.parent, (0, time.time() - KEPT - 1))
        for path in (cut_off, moved):
            os.utime(path, (0, time.time() - 2 * SILENT_SECONDS - 1))
        store.sweep(time.time())
        assert (old.exists(), cut_off.exists(), new.exists(), moved.exists()) == (False, False, True, True)
        store.sweep(time.time() + KEPT + 1)
        store.sweep(time.time() + KEPT + 1)
        assert sorted(path.name for path in store.folder.iterdir()) == ["lock", "results"]
        assert store.used() == 0
    assert not list(temporary.iterdir())


def test_folders_of_killed_processes_are_deleted_and_those_in_use_and_of_others_kept(temporary):
    killed, foreign = temporary / f"{PREFIX}killed", temporary / "holiday"
    for folder in (killed, foreign):
        folder.mkdir()
        (folder / "lock").touch()
        (folder / "face.jpg").touch()
    with Store() as store:
        delete_leftovers()
        assert (killed.exists(), foreign.exists(), store.results.is_dir()) == (False, True, True)


def test_the_file_of_a_request_that_waits_for_its_turn_is_not_taken_for_one_that_was_cut_off(temporary):
    with Store() as store:

        def work(path, turn):
            store.sweep(time.time() + 2 * SILENT_SECONDS + 1)
            return {"content": path.read_text()}

        client = TestClient(api._Answer(work, store, Turns()), raise_server_exceptions=False)
        answer = client.post("/", content=b"a face")
        assert (answer.status_code, answer.json() if answer.is_success else "") == (200, {"content": "a face"})
        assert sorted(path.name for path in store.folder.iterdir()) == ["lock", "results"]
