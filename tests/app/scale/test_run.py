"""Files read on Ray: the rows of the local engine, once each, whatever is killed meanwhile."""

import csv
import json
import os
import signal

import numpy as np
import psutil
import pytest

from openfer.app.cli import main
from tests.app.scale.conftest import wait_for
from tests.films import write_film
from tests.imports import ROOT
from tests.photos import astronaut
from tests.servers import object_store

fs = pytest.importorskip("pyarrow.fs", reason="needs requirements-ray.txt")
pq = pytest.importorskip("pyarrow.parquet", reason="needs requirements-ray.txt")


def rows(table) -> list[dict[str, str]]:
    """Rows of Parquet as those of a CSV."""
    return [{key: "" if value is None else str(value) for key, value in row.items()} for row in table.to_pylist()]


def read_csv(path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def parts(out) -> set:
    return set((out / "rows").glob("part-*.parquet"))


def readers(head) -> list[psutil.Process]:
    """Processes that are reading pictures."""
    inside = psutil.Process(head.process.pid).children(recursive=True)
    found = []
    for process in inside:
        try:
            if "Worker.read" in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_killed_workers_and_drivers_lose_no_picture_and_read_none_twice(head, many, model, tmp_path):
    local = head.run("-m", "openfer", "photo", many, "--model", model, "--valence", "--out", tmp_path / "local")
    assert local[0] == 1
    out = tmp_path / "ray"
    words = ["-m", "openfer", "photo", many, "--model", model, "--valence", "--engine", "ray", "--out", out]
    words += ["--shard", 4]
    driver = head.start(*words)
    found: list[psutil.Process] = []
    wait_for(lambda: parts(out) and (found.extend(readers(head)) or found), 120)
    os.kill(found[0].pid, signal.SIGKILL)
    before = len(parts(out))
    wait_for(lambda: len(parts(out)) > before + 1, 120)
    driver.kill()
    driver.communicate()
    there = {path: path.stat().st_mtime_ns for path in parts(out)}
    assert 3 <= len(there) < 10

    code, said, errors = head.run(*words)
    assert (code, errors) == (1, "")
    assert said == f"37 pictures, 36 faces (0 unsure), 3 skipped; results in {out}/rows\n"
    assert {path: path.stat().st_mtime_ns for path in there} == there
    assert rows(pq.read_table(out / "rows")) == read_csv(tmp_path / "local" / "faces.csv")

    damaged = min(parts(out))
    damaged.write_bytes(damaged.read_bytes()[:-9])
    code, said, errors = head.run(*words)
    assert (code, said, errors.count("\n")) == (2, "", 1)
    assert errors.startswith(f"photo: {damaged} is damaged (")
    assert errors.endswith("): delete it, the same command reads its files again\n")
    damaged.unlink()
    assert head.run(*words)[0] == 1
    assert rows(pq.read_table(out / "rows")) == read_csv(tmp_path / "local" / "faces.csv")

    before = json.loads((out / "run.json").read_text())
    assert set(before) >= {"ONNX Runtime", "OpenCV"}
    refusal = head.run(*words, "--crop")
    assert refusal == (2, "", f"photo: {out} holds a run with another crop: False, now True; choose another --out\n")


def test_films_whole_or_cut_have_the_rows_and_people_of_the_local_engine(head, model, tmp_path):
    films = tmp_path / "films"
    films.mkdir()
    write_film(films / "a.mp4", [astronaut()] * 3 + [np.zeros_like(astronaut())])
    (films / "b.mp4").write_bytes(b"no film")
    write_film(films / "c.mp4", [astronaut()] * 2)
    keys = {"g": "5", "keyint_min": "5", "sc_threshold": "0"}
    write_film(films / "long.mp4", [astronaut()[::2, ::2]] * 30, options=keys)
    common = ["video", str(films), "--model", str(model), "--every", "0.2", "--out"]
    assert main([*common, str(tmp_path / "local")]) == 1
    out, words = tmp_path / "ray", ["-m", "openfer", *common, tmp_path / "ray", "--engine", "ray", "--cut", 0.02]
    code, said, errors = head.run(*words)
    assert (code, said.partition(",")[0], errors) == (1, "3 films", "")
    assert rows(pq.read_table(out / "people.parquet")) == read_csv(tmp_path / "local" / "people.csv")
    there = {path.name: path.read_bytes() for path in [*parts(out), out / "people.parquet"]}
    (out / "people.parquet").unlink()  # as a driver leaves it that dies at the end
    (out / "rows" / "part-000002.parquet").unlink()
    assert head.run(*words) == (1, said, "")
    assert {path.name: path.read_bytes() for path in [*parts(out), out / "people.parquet"]} == there
    found = rows(pq.read_table(out / "rows"))
    errors = {row.pop("file"): row["error"] for row in found if row["error"]}
    assert list(errors) == [str(films / "b.mp4")]
    read = [row for row in found if "file" in row]
    assert [row.pop("error") for row in read] == [""] * len(read)
    assert read == read_csv(tmp_path / "local" / "frames.csv")
    assert len(read) == 18


DEADLY = """
import os, sys, ray
from openfer.app.scale import pool
from openfer.app.scale.tables import table_of
from openfer.app.scale.pool import NoWorker, Piece, Pool

class Job:
    columns = ("file", "error")

class Deadly:
    def __init__(self, job, software): pass
    def home(self): return ray.get_runtime_context().get_node_id()
    def ready(self): return ""
    def read(self, files, task):
        for file, _ in files:
            if file == "deadly": os._exit(1)
            if file == "wrong": raise ValueError("of no use")
        return table_of([{"file": file} for file, _ in files], Job.columns)

pool.Worker = Deadly
ray.init(log_to_driver=False, logging_level="ERROR")
names = ["a", "deadly", "wrong", "b"]
found = [(piece.start, row) for piece, table in Pool(Job(), 2)([Piece(0, 0, [(name, "") for name in names])])
         for row in table.to_pylist()]
print([(row["file"], (row["error"] or "").partition(":")[0]) for _, row in sorted(found, key=lambda one: one[0])])
try:
    pool.DEADLINE = 2
    holders = [ray.remote(num_cpus=1)(Deadly).remote(None, {}) for _ in range(2)]
    ray.get([one.ready.remote() for one in holders])
    list(Pool(Job(), 1)([Piece(0, 0, [("a", "")])]))
except NoWorker as error:
    print(error)
"""


@pytest.mark.ray
def test_a_file_that_kills_its_reader_is_named_and_without_a_worker_there_is_an_end(head, tmp_path):
    script = tmp_path / "deadly.py"
    script.write_text(DEADLY)
    code, said, errors = head.run(script, PYTHONPATH=str(ROOT))
    assert code == 0, errors
    done, end = (line for line in said.splitlines() if line.startswith(("[(", "no worker")))
    names = ["a", "deadly", "wrong", "b"]
    ends = {"deadly": "2 workers died of it", "wrong": "of no use"}
    assert done == str([(name, ends.get(name, "")) for name in names])
    assert end.startswith("no worker for 2 s")


HOSTS = """
import sys, threading, time, ray
from ray.cluster_utils import Cluster
from openfer.app.scale import pool
from openfer.app.scale.tables import table_of
from openfer.app.scale.pool import Piece, Pool

cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
lost, blind, _ = (cluster.add_node(num_cpus=1) for _ in range(3))
ray.init(cluster.address, log_to_driver=False, logging_level="ERROR")

class Job:
    columns, blind = ("file", "error"), blind.node_id

class Slow:
    def __init__(self, job, software): self.job = ray.cloudpickle.loads(job)
    def home(self): return ray.get_runtime_context().get_node_id()
    def ready(self): return "it sees nothing" if self.home() == self.job.blind else ""
    def read(self, files, task):
        time.sleep(0.2)
        return table_of([{"file": f"{file} {self.home()}"} for file, _ in files], Job.columns)

pool.Worker = Slow
read, pieces = [], [Piece(0, number, [(str(number), "")]) for number in range(40)]
for piece, table in Pool(Job(), 3)(pieces):
    read += table.to_pylist()
    if lost and sum(lost.node_id in row["file"] for row in read) == 3:
        threading.Thread(target=cluster.remove_node, args=(lost, False)).start()
        lost = None
print("files", sorted(int(row["file"].split()[0]) for row in read), {row["error"] for row in read})
print("hosts", len({row["file"].split()[1] for row in read}))
"""


@pytest.mark.ray
def test_a_host_that_is_killed_while_it_reads_loses_no_file_and_one_that_sees_none_is_left_out(head, tmp_path):
    script = tmp_path / "hosts.py"
    script.write_text(HOSTS)
    code, said, errors = head.run(script, PYTHONPATH=str(ROOT), RAY_ADDRESS="", RAY_AUTH_MODE="disabled")
    assert code == 0, errors
    told = [line for line in said.splitlines() if line.startswith(("files", "hosts"))]
    assert told == [f"files {list(range(40))} {{None}}", "hosts 2"]
    assert errors.count(": left out: it sees nothing\n") == 1


@pytest.fixture
def store(tmp_path):
    """An object store on this machine, and what its users set."""
    pytest.importorskip("nanio", reason="needs requirements-dev.txt")
    with object_store(tmp_path / "store") as (port, user):
        yield user | {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        }


def test_an_object_store_is_read_and_written_on_this_machine_alone(head, store, many, model, tmp_path, monkeypatch):
    """Without an address Ray starts here; what it starts has the keys of this environment."""
    for name, value in store.items():
        monkeypatch.setenv(name, value)
    place = fs_of(store)
    names = sorted(path.name for path in many.iterdir() if path.exists())[10:18]
    for name in names:
        with place.open_output_stream(f"bucket/in put/{name}") as file:
            file.write((many / name).read_bytes())
    with place.open_output_stream("bucket/in put/.hidden") as file:
        file.write(b"hidden")
    words = ["-m", "openfer", "photo", "--model", model, "--engine", "ray", "--workers", 2, "--shard", 3]
    alone = store | {"RAY_ADDRESS": ""}
    code, said, errors = head.run(*words, "s3://bucket/in put", "--out", "s3://bucket/out", **alone)
    assert (code, errors) == (1, "")
    assert said.endswith("results in s3://bucket/out/rows\n")
    there = [info.path for info in place.get_file_info(fs.FileSelector("bucket/out/rows"))]
    assert sorted(path.rpartition("/")[2] for path in there) == [f"part-00000{part}.parquet" for part in range(3)]
    found = rows(pq.read_table("bucket/out/rows", filesystem=place))
    assert (
        main(["photo", *(str(many / name) for name in names), "--model", str(model), "--out", str(tmp_path / "o")]) == 1
    )
    wanted = read_csv(tmp_path / "o" / "faces.csv")
    assert found == [row | {"file": row["file"].replace(str(many), "s3://bucket/in put")} for row in wanted]

    write_film(tmp_path / "a.mp4", [astronaut()] * 3)
    for name, content in {"a.mp4": (tmp_path / "a.mp4").read_bytes(), "notes.txt": b"no film"}.items():
        with place.open_output_stream(f"bucket/films/{name}") as file:
            file.write(content)
    video = ["-m", "openfer", "video", "--model", model, "--engine", "ray", "--workers", 1]
    code, said, errors = head.run(*video, "s3://bucket/films", "--out", "s3://bucket/seen", **alone)
    assert (code, said.partition(",")[0], errors) == (0, "1 film", "")
    frames = rows(pq.read_table("bucket/seen/rows", filesystem=place))
    assert [(row["file"], row["frame"]) for row in frames] == [("s3://bucket/films/a.mp4", str(n)) for n in range(3)]

    wrong = alone | {"AWS_REQUEST_CHECKSUM_CALCULATION": "when_supported"}
    code, _, errors = head.run(*words, "s3://bucket/in put", "--out", "s3://bucket/wrapped", **wrong)
    assert (code, errors.count("\n")) == (2, 1)
    assert "s3://bucket/wrapped/files.parquet is damaged by the store" in errors

    code, _, errors = head.run(*words, "s3://nowhere/x", "--out", "s3://bucket/other", **alone)
    assert (code, errors.count("\n")) == (2, 1)
    assert errors.startswith("photo: s3://nowhere/x: ")


def fs_of(environment: dict[str, str]):
    return fs.S3FileSystem(
        access_key=environment["AWS_ACCESS_KEY_ID"],
        secret_key=environment["AWS_SECRET_ACCESS_KEY"],
        endpoint_override=environment["AWS_ENDPOINT_URL"],
        region="us-east-1",
    )
