"""The page for programs: POST a file to /api/photo or /api/video, get JSON."""

import asyncio
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from openfer.app import records
from openfer.app.page.film import Film
from openfer.app.page.inputs import reason
from openfer.app.page.limits import RETRY, Busy, TookTooLong, Turn, Turns
from openfer.app.page.photo import Photo
from openfer.app.page.store import Store
from openfer.errors import Refused

STATUS = {Busy: 503, TookTooLong: 503}
"""Of what is refused for another reason than its content (400)."""


def routes(photo: Photo, film: Film, store: Store, turns: Turns) -> list[Route]:
    """Return both addresses."""

    def people(path: Path, turn: Turn) -> dict[str, Any]:
        return film.judge(path, turn)

    def faces(path: Path, turn: Turn) -> dict[str, Any]:
        picture, expressions = photo.judge(path.read_bytes(), turn)
        height, width = picture.shape[:2]
        return {"width": width, "height": height, "faces": [records.record(one) for one in expressions]}

    return [
        Route(f"/api/{name}", _Answer(work, store, turns), methods=["POST"])
        for name, work in (("photo", faces), ("video", people))
    ]


class _Answer:
    """Answers a request whose content is a file."""

    def __init__(self, work: Callable[[Path, Turn], dict[str, Any]], store: Store, turns: Turns) -> None:
        self.work, self.store, self.turns, self.__name__ = work, store, turns, work.__name__

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer as an ASGI application."""
        request = Request(scope, receive)
        response = await self._response(request)
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        try:
            self.turns.require_place()
            return JSONResponse(await self._result(request))
        except Refused as error:
            status = STATUS.get(type(error), 400)
            headers = {"Retry-After": str(RETRY)} if isinstance(error, Busy) else None
            return JSONResponse({"error": reason(error)}, status, headers)

    async def _result(self, request: Request) -> dict[str, Any]:
        # In a folder of its own: files beside it are swept as uploads that were cut off, while this one may wait.
        with tempfile.TemporaryDirectory(dir=self.store.folder, prefix="api-") as folder:
            path = Path(folder) / "upload"
            with path.open("wb") as file:
                async for piece in request.stream():
                    file.write(piece)
            gone = asyncio.Event()
            watching = asyncio.create_task(_watch(request, gone))
            try:
                return await run_in_threadpool(self._worked, path, gone.is_set)
            finally:
                watching.cancel()

    def _worked(self, path: Path, gone: Callable[[], bool]) -> dict[str, Any]:
        with self.turns.take(gone) as turn:
            return self.work(path, turn)


async def _watch(request: Request, gone: asyncio.Event) -> None:
    """Note when the other side hangs up."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    gone.set()
