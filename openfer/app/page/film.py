"""Films on the page: everybody in it, marked, over time, and as a table."""

import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr

from openfer.app import video
from openfer.app.frames import Video, Writer
from openfer.app.page import results
from openfer.app.page.images import shrunk, shrunk_size
from openfer.app.page.inputs import answered, kinds, uploads_alone
from openfer.app.page.limits import SECONDS, Gone, TookTooLong, Turn, Turns, Visitors
from openfer.app.page.store import Store
from openfer.app.people import People
from openfer.app.timeline import timeline
from openfer.faces.predictor import Predictor
from openfer.files import save_figure

LARGEST = 1280
"""Pixels of the longer side of the film that is shown."""


class Film:
    """The films of the page."""

    def __init__(self, predictor: Predictor, store: Store, turns: Turns, visitors: Visitors) -> None:
        self.predictor, self.store, self.turns, self.visitors = predictor, store, turns, visitors

    def build(self) -> None:
        """Lay out the tab."""
        with gr.Row(elem_classes="work"):
            with gr.Column(elem_classes="input"):
                label = f"Film, judged for at most {SECONDS} seconds"
                source = gr.File(type="filepath", label=label, file_types=kinds("video"), height=130, elem_id="video")
            with gr.Column(elem_classes="output"):
                shown = gr.HTML(results.EMPTY, elem_id="video-result")
        uploads_alone(source, self.store.folder)
        source.change(answered(self._upload, 1), source, shown, api_visibility="private")

    def _upload(self, path: str | None, request: gr.Request, progress: gr.Progress = gr.Progress()) -> str:  # noqa: B008
        if path is None:
            return results.EMPTY
        with self.turns.take(self.visitors.gone(request.session_hash)) as turn:
            film = Video(Path(path))
            target, address = self.store.place("faces.mp4")
            frames = progress.tqdm(film, total=film.count or None, unit="frames")
            people, stopped = self._marked(film, frames, target, turn)
            return self._html(people, address, stopped)

    def judge(self, path: Path, turn: Turn) -> dict[str, Any]:
        """Return what a film shows: its people."""
        film, people = Video(path), People(self.predictor.model.emotions)
        with contextlib.closing(film):
            for _, seconds, _, found in video.judged(film, self.predictor, video.tracker_of(film.rate)):
                people.add(seconds, found)
                turn.check()
        return {"people": people.summary()}

    def _marked(self, film: Video, frames: Iterable[Any], target: Path, turn: Turn) -> tuple[People, bool]:
        """Write the marked film; return its people, and whether it was stopped before its end."""
        size = shrunk_size(film.size, LARGEST)
        people = People(self.predictor.model.emotions)
        writer = Writer(target, film.rate, size, sound=film.path)
        gone = False
        try:
            for _, seconds, drawn, found in video.judged(frames, self.predictor, video.tracker_of(film.rate)):
                people.add(seconds, found)
                writer.write(shrunk(drawn, LARGEST), seconds)
                turn.check()  # after what was written, too, so that no film takes longer by being repeated
        except TookTooLong:
            return people, True
        except Gone:
            gone = True
            raise
        finally:
            writer.close()
            film.close()
            if gone:
                target.unlink(missing_ok=True)
        return people, False

    def _html(self, people: People, address: str, stopped: bool) -> str:
        rows = people_rows(people)
        plot, plotted = self.store.place("timeline.png")
        save_figure(plot, timeline(people))
        title, text = headline(rows), film_text(rows)
        shown = [f'<video class="marked" controls playsinline src="{address}" aria-label="{text}"></video>']
        if stopped:
            reached = f"Stopped at {people.seconds[-1]:.0f} seconds of the film, after {SECONDS} seconds of work"
            shown += [results.note(f"{reached}; openfer video has no limit.")]
        if rows:
            table = self.store.keep("people.csv", results.as_csv(rows))
            shown += [results.table("People of the film", rows), results.download(table, "people.csv")]
            shown += [results.picture(plotted, f"The emotion of each person over time. {text}")]
        return results.result(title, *shown)


def people_rows(people: People) -> list[dict[str, Any]]:
    """Return a row a person."""
    return [
        {
            "person": one["person"],
            "from (s)": f"{one['first_seconds']:.1f}",
            "to (s)": f"{one['last_seconds']:.1f}",
            "frames": one["frames"],
            "most often": one["emotion"],
            "unsure": one["unsure"],
            **{emotion: one[emotion] for emotion in people.emotions},
        }
        for one in people.summary()
    ]


def headline(rows: list[dict[str, Any]]) -> str:
    """Return what a film shows in one line."""
    if not rows:
        return "No face was found"
    if len(rows) == 1:
        return f"One person, most often {rows[0]['most often']}"
    return f"{len(rows)} people"


def film_text(rows: list[dict[str, Any]]) -> str:
    """Return the text that stands for a marked film."""
    people = [f"person {row['person']}: most often {row['most often']}" for row in rows]
    return f"The film with its faces marked. {'; '.join(people) or 'No face was found'}."
