"""The camera of the browser, live."""

import time
from typing import Any

import gradio as gr
import numpy as np

from openfer.app.page import results
from openfer.app.page.images import as_address, as_jpeg, marked
from openfer.app.page.inputs import uploads_alone
from openfer.app.page.limits import Busy, Turns
from openfer.app.page.store import Store
from openfer.drawing.annotation import overlay
from openfer.faces.detectors import YuNet
from openfer.faces.predictor import Predictor
from openfer.faces.tracker import Tracker

NO_CAMERA = (
    "This browser gives the page no camera. Browsers give it to pages of this machine (http://127.0.0.1) and to pages "
    "over https alone: start the page with --certificate and --key, and open its https address."
)

LARGEST = 640
"""Pixels of the longer side of a frame that is shown."""

LEAST = 40
"""Pixels of the smallest face before a camera: larger ones are found faster."""

PATIENCE = 1.0
"""Seconds that a frame waits for its turn; one that has to wait longer is left out."""


def build(predictor: Predictor, store: Store, turns: Turns) -> None:
    """Lay out the tab."""
    gr.HTML(f'<p class="no-camera" role="alert">{NO_CAMERA}</p>')
    with gr.Row(elem_classes="work camera"):
        with gr.Column(elem_classes="input"):
            source = gr.Image(
                label="Camera", sources=["webcam"], streaming=True, type="numpy", elem_id="camera", buttons=[]
            )
        with gr.Column(elem_classes="output"):
            shown = gr.HTML(results.EMPTY, elem_id="camera-result")
    judge = Live(large_faces(predictor), turns)
    known = gr.State()
    uploads_alone(source, store.folder)
    source.stream(
        judge, [source, known], [shown, known], stream_every=0.1, time_limit=600, concurrency_limit=4,
        api_visibility="private", show_progress="hidden",
    )  # fmt: skip


class Live:
    """Says what frames of a camera show."""

    def __init__(self, predictor: Predictor, turns: Turns) -> None:
        self.predictor, self.turns = predictor, turns

    def __call__(self, frame: np.ndarray | None, tracker: Tracker | None) -> tuple[Any, Tracker]:
        """Return a frame's result and who was in it."""
        tracker = tracker or Tracker(smoothing=0.5)
        if frame is None:
            return results.EMPTY, tracker
        try:
            with self.turns.take(patience=PATIENCE):
                found = [one for _, one in tracker.update(self.predictor([frame])[0], time.monotonic())]
        except Busy:
            return gr.skip(), tracker
        largest = max(found, key=lambda one: one.face.box[2], default=None)
        address = as_address(as_jpeg(marked(frame, found, (), LARGEST, overlay)))
        shown = [results.picture(address, results.described("The camera's picture", found))]
        shown += [results.bars(largest, "The largest face")] if largest else []
        return results.result(results.headline(found), *shown), tracker


def large_faces(predictor: Predictor) -> Predictor:
    """Return a predictor for faces as they are before a camera: large, so that one look is enough."""
    if isinstance(predictor.detector, YuNet):
        return Predictor(predictor.model, YuNet(smallest=LEAST), predictor.crops, predictor.prior)
    return predictor
