"""A page for photographs, videos and the browser's camera; on this machine only, unless the user says otherwise."""

import argparse
import concurrent.futures
import contextlib
import contextvars
import functools
import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import cv2
import gradio as gr
import numpy as np
from PIL import Image
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from openfer.app import video
from openfer.app.frames import Video, Writer
from openfer.app.people import People
from openfer.app.timeline import timeline
from openfer.drawing.annotation import annotated, overlay
from openfer.emotions import EMOTIONS
from openfer.errors import Refused
from openfer.faces.alignment import cut_out
from openfer.faces.detectors import YuNet
from openfer.faces.pictures import MOST_PIXELS, read_picture
from openfer.faces.predictor import Expression, Predictor
from openfer.faces.saliency import heat_map, occlusion
from openfer.faces.tracker import Tracker

MOST_BYTES = 50 * 2**20
"""Of an upload. A request may have half as much again: the camera's pictures come as text."""

SECONDS = 60
"""Time that one request may take."""

WAITING = 8
"""Requests that may wait at once, a minute each at most; others are told to come back."""

SWEPT, KEPT = 60, (WAITING + 2) * SECONDS
"""Uploads and results are looked for every so many seconds, and deleted when they are older than so many."""

LARGEST = 4096
"""Pixels of the longer side of a picture that is shown."""

ABOUT = f"""
# What does this face show?

It finds faces and says which of seven posed expressions each resembles most, as people labelled the pictures of the
data set FER2013. **An expression is not a feeling**: nobody's mood, honesty or character can be read here, and nothing
should be decided about anybody by it. People agree with such labels in about two of three faces.

Pictures and videos stay on the machine that serves this page; they are deleted after {KEPT // 60} minutes and used for
nothing else.
"""


def main(options: argparse.Namespace, predictor: Predictor) -> int:
    """Serve the page until Ctrl-C.

    Args:
        options: "host", "port" as openfer/app/cli.py defines them.
        predictor: finds and judges the faces.
    """
    ended = threading.Event()
    with tempfile.TemporaryDirectory(prefix="fer-web-") as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder  # all that visitors bring and get
        Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2  # gradio reads the camera's pictures; Pillow refuses twice as many
        threading.Thread(target=sweep, args=(Path(folder), ended), daemon=True).start()
        try:
            page(predictor, folder).queue(max_size=WAITING).launch(
                server_name=options.host,
                server_port=options.port,
                max_file_size=MOST_BYTES,
                share=False,
                footer_links=[],
                show_error=True,
                app_kwargs={"middleware": [Middleware(SmallRequests)]},
            )
        except OSError:
            raise Refused(
                f"{options.host}:{options.port} is taken, or no address of this machine: see --port and --host"
            ) from None
        finally:
            ended.set()
    return 0


def sweep(folder: Path, ended: threading.Event) -> None:
    """Delete what is older than `KEPT`, again and again until `ended`."""
    while not ended.wait(SWEPT):
        for path in sorted(folder.rglob("*"), reverse=True):  # what a folder holds, then the folder
            with contextlib.suppress(OSError):  # a file that is gone already, a folder that is not empty
                if time.time() - path.stat().st_mtime > KEPT:
                    path.rmdir() if path.is_dir() else path.unlink()


def page(predictor: Predictor, folder: str) -> gr.Blocks:
    """Build the page.

    Args:
        predictor: finds and judges the faces.
        folder: where films are written.
    """
    with gr.Blocks(title="Facial expressions", analytics_enabled=False) as blocks:
        gr.Markdown(ABOUT)
        with gr.Tab("Photo"):
            _photo(predictor)
        with gr.Tab("Video"):
            _video(predictor, folder)
        with gr.Tab("Camera"):
            _camera(predictor)
    return blocks


def _photo(predictor: Predictor) -> None:
    with gr.Row():
        source = gr.File(type="binary", label="Photo", file_types=["image"], elem_id="photo")
        marked = gr.Image(label="Faces", interactive=False, elem_id="marked")
    with gr.Row():
        with gr.Column():
            which = gr.Radio([], label="Face", visible=False, elem_id="which")
            bars = gr.Label(label="Expression", num_top_classes=7, elem_id="bars")
        with gr.Column():
            where = gr.Button("Where did the network look?", interactive=False, elem_id="where")
            heat = gr.Image(label="Bright: covering this changes the answer", interactive=False, elem_id="heat")
    known = gr.State(time_to_live=KEPT)

    def judge(content: bytes | None) -> tuple[Any, ...]:
        if content is None:
            return None, gr.Radio([], visible=False), None, gr.Button(interactive=False), None, None
        picture = read_picture(content)
        (expressions,) = predictor([picture])
        crops = [cut_out(picture, found.face) for found in expressions]
        names = [str(number) for number, _ in enumerate(expressions, start=1)]
        choice = gr.Radio(names, value=names[0] if names else None, visible=len(names) > 1)
        drawn = annotated(picture, expressions, [f"#{name}" for name in names] if len(names) > 1 else ())
        if not names:
            gr.Info("No face was found.")
        shown = shares(expressions[0]) if names else None
        return shrunk(drawn), choice, shown, gr.Button(interactive=bool(names)), None, (expressions, crops)

    def choose(name: str, found: tuple[Sequence[Expression], Any] | None) -> tuple[Any, ...]:
        require(found)
        return shares(found[0][int(name) - 1]), None

    def look(name: str | None, found: tuple[Any, Sequence[np.ndarray]] | None) -> np.ndarray:
        require(found)
        crop = found[1][int(name or 1) - 1]
        return heat_map(crop, occlusion(predictor.model, crop))

    limited = Limited()
    without_addresses(source)
    source.change(limited(judge), source, [marked, which, bars, where, heat, known], api_name="photo")
    which.input(told(choose), [which, known], [bars, heat], api_name=False)
    where.click(limited(look), [which, known], heat, api_name=False)


def _video(predictor: Predictor, folder: str) -> None:
    with gr.Row():
        source = gr.Video(label=f"Video, judged for at most {SECONDS} seconds", sources=["upload"], elem_id="video")
        marked = gr.Video(label="Faces", interactive=False, elem_id="video-marked")
    plot = gr.Plot(label="Probabilities over time", elem_id="timeline")
    summary = gr.JSON(label="People", elem_id="people")

    def judge(path: str | None, progress: gr.Progress = gr.Progress()) -> tuple[Any, ...]:  # noqa: B008 (gradio's way)
        if path is None:
            return None, None, None
        film, until = Video(Path(path)), time.monotonic() + SECONDS
        target = Path(tempfile.mkdtemp(dir=folder)) / "faces.mp4"
        writer, people = Writer(target, film.rate, film.size, sound=film.path), People()
        frames = progress.tqdm(film, total=film.count or None, unit="frames")
        try:
            for _, seconds, drawn, found in video.judged(frames, predictor, video.tracker_of(film)):
                people.add(seconds, found)
                writer.write(drawn, seconds)
                if time.monotonic() > until:
                    gr.Warning(f"Stopped after {seconds:.0f} seconds of the video; openfer video has no limit.")
                    break
        finally:
            writer.close()
            film.close()
        return str(target), timeline(people), people.summary()

    without_addresses(source)
    source.change(told(judge), source, [marked, plot, summary], api_name="video")


def _camera(predictor: Predictor) -> None:
    with gr.Row():
        source = gr.Image(label="Camera", sources=["webcam"], streaming=True, type="numpy", elem_id="camera")
        with gr.Column():
            marked = gr.Image(label="Faces", interactive=False, streaming=True, elem_id="camera-marked")
            bars = gr.Label(label="Expression of the largest face", num_top_classes=7, elem_id="camera-bars")
    if isinstance(predictor.detector, YuNet):  # a face before a camera is large: one small look is enough
        predictor = Predictor(predictor.model, YuNet(smallest=80), predictor.crops, predictor.prior)

    def judge(frame: np.ndarray | None, tracker: Tracker | None) -> tuple[Any, ...]:
        tracker = tracker or Tracker(smoothing=0.5)
        if frame is None:
            return None, None, tracker
        found = [one for _, one in tracker.update(predictor([frame])[0], time.monotonic())]
        largest = max(found, key=lambda one: one.face.box[2], default=None)
        return overlay(frame, found), largest and shares(largest), tracker

    known = gr.State()
    without_addresses(source)
    source.stream(
        Limited()(judge), [source, known], [marked, bars, known], stream_every=0.1, time_limit=600, concurrency_limit=4,
        api_name=False,
    )  # fmt: skip


def shrunk(picture: np.ndarray) -> np.ndarray:
    """Return a picture of at most `LARGEST` pixels a side, which every browser shows."""
    scale = LARGEST / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size = [max(1, round(length * scale)) for length in picture.shape[1::-1]]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA)


def shares(expression: Expression) -> dict[str, float]:
    """Return the probabilities by emotion."""
    return dict(zip(EMOTIONS, map(float, expression.probabilities), strict=True))


def told(work: Callable[..., Any]) -> Callable[..., Any]:
    """Show what is refused on the page, in its one line and without the path that the server gave the upload."""

    @functools.wraps(work)  # gradio looks at the signature
    def wrapped(*arguments: Any) -> Any:
        try:
            return work(*arguments)
        except Refused as error:
            raise gr.Error(str(error).partition(": ")[2] or str(error), print_exception=False) from error

    return wrapped


def require(found: Any) -> None:
    """Refuse to go on with a picture that is no longer kept."""
    if found is None:
        raise Refused("the picture is no longer kept; upload it again")


def without_addresses(source: gr.components.Component) -> None:
    """Make an input take uploads alone: what a request names by its address gradio would fetch, however large it is."""
    original = source.async_move_resource_to_block_cache

    async def checked(path: str | Path | None) -> str | None:
        if "://" in str(path):
            raise gr.Error("Only uploads are taken, no addresses.", print_exception=False)
        return await original(path)

    source.async_move_resource_to_block_cache = checked


class SmallRequests:
    """Answers 413 where a request is too large, before any of it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is small enough and says how large it is."""
        headers = dict(scope.get("headers", ()))
        unknown = b"chunked" in headers.get(b"transfer-encoding", b"").lower()
        if unknown or int(headers.get(b"content-length", 0)) > 1.5 * MOST_BYTES:
            await PlainTextResponse("the request is too large", 413)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class Limited:
    """Refuses what takes longer than `SECONDS`, waiting included, and shows what is refused."""

    AT_ONCE = 2
    """Requests that are worked on; one that is refused still ends its work, which so never piles up."""

    def __init__(self) -> None:
        self.pool = concurrent.futures.ThreadPoolExecutor(self.AT_ONCE)

    def __call__(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return `work` with the limit."""

        @functools.wraps(work)
        def wrapped(*arguments: Any) -> Any:
            context = contextvars.copy_context()  # by it gradio knows whom to tell
            waiting = self.pool.submit(context.run, work, *arguments)
            try:
                return waiting.result(timeout=SECONDS)
            except TimeoutError:
                waiting.cancel()
                raise gr.Error(f"This took longer than {SECONDS} seconds.", print_exception=False) from None

        return told(wrapped)
