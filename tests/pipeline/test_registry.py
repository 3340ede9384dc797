"""The registry: an exported model is registered where it has changed; what fails costs a warning."""

import time

import numpy as np
import pytest

from pipeline import registry
from tests.pipeline.database import rows
from tests.servers import tracking_server

EXAMPLE = np.zeros((2, 48, 48), np.uint8)


def export(folder, network: bytes = b"network", card: str = "card") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(network)
    (folder / "model.json").write_text("{}", encoding="utf-8")
    (folder / "README.md").write_text(card, encoding="utf-8")


def warnings(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "pipeline.registry"]


def test_only_what_changed_is_registered_again(tmp_path, caplog, capfd):
    folder, latest = tmp_path / "exported" / "all", []
    for content in ({}, {"card": "another figure"}, {"network": b"another network"}):
        export(folder, **content)
        registry.register(tmp_path, folder, "fer2013-all", EXAMPLE)
        latest += rows(tmp_path, "SELECT max(version) FROM model_versions WHERE name = 'fer2013-all'")
    assert latest == [(1,), (1,), (2,)]
    assert not warnings(caplog)
    assert capfd.readouterr() == ("", "")
    bundles = [path.parent for path in (tmp_path / "mlruns").rglob("model.onnx")]
    assert sorted((bundle / "model.onnx").read_bytes() for bundle in bundles) == [b"another network", b"network"]


def test_the_digest_covers_what_is_predicted_with_and_no_more(tmp_path):
    export(tmp_path)
    first = registry.digest(tmp_path)
    export(tmp_path, card="another figure")
    assert registry.digest(tmp_path) == first
    (tmp_path / "vocabulary.npy").write_bytes(b"words")
    assert registry.digest(tmp_path) != first


@pytest.mark.parametrize("mood", ["silent", "busy"])
def test_a_server_that_fails_costs_one_warning_and_seconds(mood, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(registry, "AT_MOST", 4)
    export(tmp_path / "all")
    with tracking_server(str(tmp_path)) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.url)
        server.mood, started = mood, time.monotonic()
        registry.register(tmp_path, tmp_path / "all", "fer2013-all", EXAMPLE)
        seconds = time.monotonic() - started  # the end of such a server takes longer
    assert seconds < 8
    (warning,) = warnings(caplog)
    assert "fer2013-all was not registered" in warning
    assert f"It lies in {tmp_path / 'all'}." in warning


def test_a_folder_that_is_missing_is_a_warning(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    registry.register(tmp_path, tmp_path / "all", "fer2013-all", EXAMPLE)
    assert len(warnings(caplog)) == 1
