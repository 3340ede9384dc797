"""Photographs on the page: who is in it, what each face shows, where the network looked."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from openfer.app import records
from openfer.app.page import results
from openfer.app.page.images import as_address, as_jpeg, marked
from openfer.app.page.inputs import UPLOAD, answered, kinds, uploads_alone
from openfer.app.page.limits import KEPT, Turn, Turns, Visitors, require_small
from openfer.app.page.store import Store
from openfer.faces.alignment import cut_out
from openfer.faces.order import left_to_right
from openfer.faces.pictures import read_picture
from openfer.faces.predictor import Expression, Predictor
from openfer.faces.saliency import heat_map, occlusion

LARGEST = 1600
"""Pixels of the longer side of a picture that is shown."""

EXAMPLES = {
    name: Path(__file__).parent / "examples" / f"{file}.jpg"
    for name, file in {"Eileen Collins": "eileen_collins", "Grace Hopper": "grace_hopper"}.items()
}
"""Portraits of NASA and the US Navy, in the public domain, by the name on their button."""


class Photo:
    """The photographs of the page."""

    def __init__(self, predictor: Predictor, store: Store, turns: Turns, visitors: Visitors) -> None:
        self.predictor, self.store, self.turns, self.visitors = predictor, store, turns, visitors
        self.unpacking = threading.Lock()  # which takes five times the memory of the picture

    def build(self) -> None:
        """Lay out the tab."""
        with gr.Row(elem_classes="work"):
            with gr.Column(elem_classes="input"):
                source = gr.File(
                    type="filepath", label="Photograph", file_types=kinds("image"), height=130, elem_id="photo"
                )
                with gr.Row(elem_classes="examples"):
                    buttons = [
                        gr.Button(f"Example: {name}", icon=path, size="sm", elem_classes="example")
                        for name, path in EXAMPLES.items()
                    ]
            with gr.Column(elem_classes="output"):
                shown = gr.HTML(results.EMPTY, elem_id="photo-result")
                where = gr.Button("Where did the network look?", visible=False, elem_id="where")
                heat = gr.HTML(results.EMPTY, elem_id="heat")
        crops = gr.State(time_to_live=KEPT)
        uploads_alone(source, self.store.folder)
        outputs, settings = [shown, where, heat, crops], {"api_visibility": "private", "concurrency_id": "photo"}
        source.change(answered(self._upload, len(outputs)), source, outputs, **settings)
        for button, path in zip(buttons, EXAMPLES.values(), strict=True):
            button.click(answered(self._example(path), len(outputs)), None, outputs, **settings)
        where.click(answered(self._look, 1), crops, heat, **settings)

    def judge(self, content: bytes, turn: Turn) -> tuple[np.ndarray, list[Expression]]:
        """Return a photograph and its faces, from left to right.

        Raises:
            Refused: no picture, or one that is too large.
        """
        require_small(content)
        with self.unpacking:
            turn.check()
            picture = read_picture(content, UPLOAD)
        return picture, left_to_right(self.predictor([picture])[0])

    def _upload(self, path: str | None, request: gr.Request) -> tuple[Any, ...]:
        if path is None:
            return results.EMPTY, gr.Button(visible=False), results.EMPTY, None
        return self._result(Path(path), request)

    def _example(self, path: Path) -> Any:
        def judge(request: gr.Request) -> tuple[Any, ...]:
            return self._result(path, request)

        return judge

    def _result(self, path: Path, request: gr.Request) -> tuple[Any, ...]:
        with self.turns.take(self.visitors.gone(request.session_hash)) as turn:
            picture, expressions = self.judge(path.read_bytes(), turn)
            crops = [cut_out(picture, found.face) for found in expressions[: results.MOST_CARDS]]
            html = self._html(picture, expressions)
        return html, gr.Button(visible=bool(expressions)), results.EMPTY, crops

    def _html(self, picture: np.ndarray, expressions: Sequence[Expression]) -> str:
        numbers = [str(number) for number in range(1, len(expressions) + 1)]
        drawn = marked(picture, expressions, numbers if len(numbers) > 1 else (), LARGEST)
        address = self.store.keep("faces.jpg", as_jpeg(drawn))
        shown = [results.picture(address, results.described("The photograph", expressions))]
        if expressions:
            rows = face_rows(expressions)
            short = [{key: value for key, value in row.items() if key not in HIDDEN} for row in rows]
            table = self.store.keep("faces.csv", results.as_csv(rows))
            shown += [results.cards(expressions, [f"Face {number}" for number in numbers])]
            shown += [results.table("Faces of the photograph", short), results.download(table, "faces.csv")]
        else:
            shown += [results.note("Faces that look at the camera, upright and large enough, are found best.")]
        return results.result(results.headline(expressions), *shown)

    def _look(self, crops: Sequence[np.ndarray] | None, request: gr.Request) -> str:
        if crops is None:
            return results.refusal("the picture is no longer kept; upload it again")
        shown = []
        with self.turns.take(self.visitors.gone(request.session_hash)) as turn:
            for number, crop in enumerate(crops, start=1):
                turn.check()
                seen = as_address(as_jpeg(heat_map(crop, occlusion(self.predictor.model, crop))))
                shown.append(results.picture(seen, f"Face {number}; bright: covering this changes the answer"))
        explained = results.note("Bright: covering this part changes the answer.")
        return results.result("Where the network looked", f'<div class="heat">{"".join(shown)}</div>', explained)


HIDDEN = ("left", "top", "width", "height", "confidence")
"""Columns of the file that the table on the page leaves out."""


def face_rows(expressions: Sequence[Expression]) -> list[dict[str, Any]]:
    """Return a row a face, as `openfer photo` writes them."""
    return [{"face": number} | records.row(records.record(one)) for number, one in enumerate(expressions, start=1)]
