"""The released networks are evaluated on a file of the user's own: nothing is trained, and what differs is said."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import yaml

from openfer import files
from openfer.emotions import EMOTIONS, SPLITS
from openfer.errors import Refused
from openfer.evaluation.ensemble import MODELS
from pipeline import paths, process, verify
from report import released
from sample.demo import clean_environment, prepare
from tests.networks.small import SIZES

FACES = 4
"""Of each emotion in each split."""

SETTINGS = {"dsift": {"step": 24, "sizes": [2.7], "sigma": 0.55, "normalisation": "l2"}}
"""Those of the trainings, in dvc.lock; the user's params.yaml has others."""

VALUES = 2 * 2 * 128
"""Of a face's descriptor: 2 × 2 points."""


def write_csv(path: Path, images: np.ndarray, labels: np.ndarray, split: np.ndarray) -> None:
    rows = zip(labels, images.reshape(len(images), -1), split, strict=True)
    lines = [f"{label},{' '.join(map(str, pixels))},{SPLITS[code]}" for label, pixels, code in rows]
    path.write_text("\n".join(["emotion,pixels,Usage", *lines, ""]), encoding="utf-8")


def release(folder: Path, content: bytes) -> str:
    """Put a file into released/ and return its MD5."""
    files.save_bytes(folder / "new", content)
    md5 = files.digest(folder / "new", "md5")
    kept = verify.object_path(folder / verify.RELEASED, md5)
    kept.parent.mkdir(parents=True, exist_ok=True)
    (folder / "new").rename(kept)
    return md5


def write_lock(outputs: dict[Path, str]) -> None:
    outs = [{"path": str(path), "md5": md5} for path, md5 in outputs.items()]
    stages = {"all": {"outs": outs}, "dsift": {"params": {"params.yaml": SETTINGS}}}
    Path("dvc.lock").write_text(yaml.safe_dump({"stages": stages}), encoding="utf-8")


def network(descriptor_size: int) -> bytes:
    """Return a tiny network of random weights, as it is released."""
    from openfer.networks.build import build
    from openfer.networks.settings import Fusion
    from openfer.networks.storage import save_network

    fusion = [Fusion(units=8, input_dropout=0, dropout=0, branch_dropout=0)] if descriptor_size else []
    save_network(Path("network.keras"), build("cnn", descriptor_size, SIZES, *fusion))
    return Path("network.keras").read_bytes()


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """A project with two released networks, and what the program printed about a file with one other pixel."""
    folder, back = tmp_path_factory.mktemp("project"), Path.cwd()
    os.chdir(folder)
    prepare(Path(), {"data.split": "random", "dsift.step": 12})
    rng = np.random.default_rng(0)
    labels, split = (grid.ravel().astype(np.uint8) for grid in np.indices((len(EMOTIONS), len(SPLITS) * FACES)))
    images, split = rng.integers(0, 256, (len(labels), 48, 48), np.uint8), split // FACES
    for path, array in ((paths.IMAGES, images), (paths.LABELS, labels), (paths.SPLIT, split)):
        files.save_array(path, array)
    trained = {path: files.digest(path, "md5") for path in (paths.IMAGES, paths.LABELS, paths.SPLIT)}
    networks = {paths.model_path("cnn"): network(0), paths.model_path("cnn-dsift"): network(VALUES)}
    outputs = {path: release(Path(), content) for path, content in networks.items()}
    write_lock(trained | outputs | {paths.model_path("vgg"): "0" * 32, paths.SIFT_VOCABULARY: "1" * 32})
    for model in MODELS:
        row = {"epoch": 1, "train_accuracy": 0.2, "public_accuracy": 0.1}
        files.save_csv(paths.history_path(model), [row, row | {"epoch": 2}])
    for target, systems in ((paths.METRICS, ("cnn", "cnn-dsift", "cnn+dsift")), (paths.PRIVATE_TEST, ("cnn",))):
        figures = {"systems": {system: {"accuracy": 0.5} for system in systems}}
        files.save_json(paths.evaluation_path(target), figures)
    images[0, 0, 0] ^= 1
    write_csv(Path("faces.csv"), images, labels, split)
    before = contents()
    command = [sys.executable, "-m", "report.released", "faces.csv"]
    done = subprocess.run(command, env=clean_environment(), capture_output=True, text=True, check=False)
    yield SimpleNamespace(before=before, after=contents(), code=done.returncode, printed=done.stdout, told=done.stderr)
    os.chdir(back)


def contents() -> dict[Path, bytes]:
    """The files of the project but for the folder of its own."""
    found = (path for path in Path().rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path: path.read_bytes() for path in found if path.parts[0] != ".released"}


def test_it_ends_with_the_published_figures_and_those_here_side_by_side(evaluated):
    assert evaluated.code == 0, evaluated.told
    cells = r"\| +50\.00% \| +\d+\.\d\d% \| +[+-]\d+\.\d\d "
    for name in ("CNN", "DSIFT-CNN", "CNN \\+ DSIFT-CNN"):
        unknown = cells if name == "CNN" else r"\| +– \| +\d+\.\d\d% \| +– "
        assert re.search(rf"^\| {name} +{cells}{unknown}\|$", evaluated.printed, re.MULTILINE), evaluated.printed
    assert "SIFT-VGG |" not in evaluated.printed


def test_it_says_which_file_it_is_and_what_differs(evaluated):
    md5 = files.digest(Path("faces.csv"), "md5")
    assert f"faces.csv (MD5 {md5}), none of the published files" in evaluated.printed
    assert re.search(r"images\.npy: MD5 \w{32}, differs from that of the trainings, MD5 \w{32}\n", evaluated.printed)
    assert re.search(r"labels\.npy: MD5 \w{32}, as in the trainings\n", evaluated.printed)
    assert re.search(r"split\.npy: MD5 \w{32}, as in the trainings\n", evaluated.printed)


def test_it_says_what_is_left_out(evaluated):
    words = "the visual words that it was trained with are not released"
    assert [line for line in evaluated.printed.splitlines() if line.startswith("left out")] == [
        f"left out: SIFT-CNN; {words}",
        "left out: VGG; the network that dvc.lock names is not released",
        f"left out: SIFT-VGG; {words}",
        "left out: DSIFT-VGG; the network that dvc.lock names is not released",
        "left out: ResNet; the network that dvc.lock names is not released",
    ]


def test_it_trains_nothing_and_changes_nothing_of_the_project(evaluated):
    assert evaluated.after == evaluated.before
    made = {path.name for path in Path(".released").iterdir()}
    assert not made & {"mlflow.db", "mlruns", ".checkpoints", "exported", "dvc.lock"}
    assert "stages.train" not in evaluated.printed


def test_faces_are_described_as_they_were_for_the_trainings(evaluated):
    described = files.load_array(Path(".released") / paths.descriptor_path("dsift"), np.float16, (None, 2, VALUES))
    assert len(described) == len(EMOTIONS) * len(SPLITS) * FACES


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    named = {paths.model_path(model): release(Path(), model.encode()) for model in MODELS}
    write_lock(named)
    paths.history_path("cnn").parent.mkdir(parents=True)
    return named


def test_with_the_visual_words_all_are_there(project, capsys):
    assert released.fetch(project) == ["cnn", "cnn-dsift", "vgg", "vgg-dsift", "resnet"]
    project[paths.SIFT_VOCABULARY] = release(Path(), b"words")
    assert released.fetch(project) == list(MODELS)
    assert (Path(".released") / paths.SIFT_VOCABULARY).read_bytes() == b"words"
    assert (Path(".released") / paths.model_path("vgg-sift")).read_bytes() == b"vgg-sift"


def test_only_what_the_networks_need_is_run():
    stages = [stage for stage, _ in released.stages_of(["cnn"])]
    assert stages == ["stages.ingest", "stages.predict", "stages.evaluate", "report.predict", "report.evaluate"]
    stages = [stage for stage, _ in released.stages_of(list(MODELS))]
    assert stages[1:4] == ["stages.sift_keypoints", "stages.sift_histograms", "stages.dsift"]
    assert not {"stages.train", "stages.sift_vocabulary", "stages.export"} & set(stages)


def test_a_damaged_network_is_one_line_with_the_way_back(project):
    kept = verify.object_path(verify.RELEASED, project[paths.model_path("vgg")])
    kept.write_bytes(b"other")
    with pytest.raises(Refused) as caught:
        released.fetch(project)
    assert str(caught.value) == (
        f"{kept}, which is models/vgg.keras, is damaged: `git checkout -- {kept}` brings it back"
    )


def test_where_nothing_is_released_there_is_one_line(project):
    write_lock(dict.fromkeys(project, "0" * 32))
    with pytest.raises(Refused, match=r"^released/ holds no network that dvc\.lock names: `git checkout"):
        released.main(Path("faces.csv"))


def test_the_first_stage_that_fails_ends_it(project, monkeypatch):
    called = []

    def fail(command: list[str], **_: object) -> SimpleNamespace:
        called.append(command[2])
        return SimpleNamespace(returncode=3)

    monkeypatch.setattr(released.subprocess, "run", fail)
    with pytest.raises(SystemExit) as caught:
        released.main(Path("nowhere.csv"))
    assert (caught.value.code, called) == (3, ["stages.ingest"])


def test_two_at_once_are_refused(project):
    with (
        process.alone(released.FOLDER, "the first"),
        pytest.raises(process.BusyError, match=r"report\.released is at work"),
    ):
        released.main(Path("faces.csv"))
