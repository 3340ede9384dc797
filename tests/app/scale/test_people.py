"""Who is in films, counted out of the rows of their frames, without Ray."""

import numpy as np
import pytest

pytest.importorskip("pyarrow", reason="needs requirements-ray.txt")
pytest.importorskip("av", reason="needs the extra video")

from openfer.app import records, video
from openfer.app.people import People, columns
from openfer.app.scale.people import Seen
from openfer.app.scale.tables import from_parquet, parquet, table_of
from openfer.emotions import EMOTIONS
from openfer.faces.alignment import Face
from openfer.faces.predictor import Expression

COLUMNS = (*video.FRAME, *records.columns("negative"), "error")


def frame(random: np.random.Generator, *people: int) -> list[tuple[int, Expression]]:
    shares = random.dirichlet(np.full(7, 0.3), len(people))
    face = Face((1.0, 2.0, 30.0, 40.0), 0.9)
    return [(person, Expression(face, share, 0.5, 40.0)) for person, share in zip(people, shares, strict=True)]


@pytest.mark.parametrize("surprise", [None, "negative"])
def test_they_are_those_of_people_csv(surprise):
    """Of two films; person 2 comes before person 1, and a film that could not be read has nobody."""
    random, rows, wanted = np.random.default_rng(1), [], []
    for file, crowd in {"=a.mp4": [(2,), (2, 1), (), (1, 11)] * 5, "b.mp4": [(), ()], "c.mp4": [(1,)]}.items():
        people = People()
        for number, present in enumerate(crowd):
            found, seconds = frame(random, *present), number / 30
            people.add(seconds, found)
            rows += video.rows_of({"file": file, **video.record(number, seconds, found, surprise)})
        for row in people.summary(surprise) or [{"frames": 0}]:
            wanted.append(dict.fromkeys(columns(surprise)) | {"file": rows[-1]["file"]} | row)
    rows += [{"file": "c.mp4", "error": "it may be cut off"}, {"file": "d.mp4", "error": "not a video"}]
    seen = Seen(EMOTIONS, surprise)
    seen.add(table_of(rows[:20], COLUMNS).slice(0, 0))
    seen.add(table_of(rows, COLUMNS).select(seen.needed))
    assert from_parquet(parquet(seen.table())).to_pylist() == wanted
    assert [row["person"] for row in wanted] == [1, 2, 11, None, 1]
    assert seen.table().column_names == ["file", *columns(surprise)]
