"""Stands before the page and turns away what is too large, too slow, too much, or none of the page's business."""

import asyncio
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from openfer.app.page import limits
from openfer.app.page.store import Store

UPLOADS = ("/gradio_api/upload", "/api/photo", "/api/video")
"""Addresses that take files."""

POSTED = (*UPLOADS, "/gradio_api/queue/join", "/gradio_api/stream/", "/gradio_api/cancel", "/gradio_api/reset")
"""Addresses that may be posted to, and how they begin where they end with a slash."""

GOT = (
    "/", "/config", "/theme.css", "/robots.txt", "/favicon.ico", "/manifest.json", "/assets/", "/static/", "/svelte/",
    "/results/", "/gradio_api/info", "/gradio_api/theme.css", "/gradio_api/queue/data", "/gradio_api/upload_progress",
    "/gradio_api/heartbeat/", "/gradio_api/file=", "/gradio_api/app_id", "/gradio_api/stream/",
)  # fmt: skip
"""Addresses that may be read. Gradio has more: they fetch from other servers, record, edit the page."""


class Guard:
    """Middleware; everything else of the page is behind it."""

    def __init__(self, app: ASGIApp, store: Store) -> None:
        self.app, self.store, self.coming = app, store, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer with the reason why not."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        status, reason, size = self._judged(scope)
        if status:
            await _answer(status, reason)(scope, receive, send)
            return
        self.coming += size
        try:
            await self._passed_on(scope, receive, send)
        finally:
            self.coming -= size

    def _judged(self, scope: Scope) -> tuple[int, str, int]:
        """Return status and reason of a refusal (0 and none where there is none), and the bytes that are announced."""
        path, method = scope["path"], scope.get("method")
        if method in ("GET", "HEAD"):
            return (0, "", 0) if _among(path, GOT) else (404, "there is no such page", 0)
        if method != "POST" or not _among(path, POSTED):
            return 404, "there is no such page", 0
        headers = dict(scope["headers"])
        if b"transfer-encoding" in headers or not headers.get(b"content-length", b"").isdigit():
            return 411, "the request does not say how large it is", 0
        size = int(headers[b"content-length"])
        most = limits.MOST_BYTES if path in UPLOADS else limits.MOST_ASKED
        if size > most + 10_000:  # what stands around a file
            return 413, f"more than {most >> 20} MB: too large", size
        if path in UPLOADS and self.store.used() + self.coming + size > limits.QUOTA:
            return 507, "the machine keeps as many uploads as it can; try again in ten minutes", size
        return 0, "", size

    async def _passed_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on that is cut off where it comes too slowly."""
        timed = _Timed(receive, send)
        try:
            await self.app(scope, timed.receive, timed.send)
        except ClientDisconnect:  # gone, or cut off
            pass
        except Exception:
            if not timed.cut:
                raise
        if timed.cut and not timed.started:
            await _answer(408, "the upload came too slowly")(scope, receive, send)


class _Timed:
    """A request whose content has to come in time."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.pass_on, self.answer = receive, send
        self.until = asyncio.get_running_loop().time() + limits.UPLOAD_SECONDS
        self.whole = self.cut = self.started = False

    async def receive(self) -> Message:
        """Return the next piece; one that comes too late is the end of the connection."""
        if self.whole:  # what is waited for now is the end of the connection
            return await self.pass_on()
        until = min(self.until, asyncio.get_running_loop().time() + limits.SILENT_SECONDS)
        try:
            async with asyncio.timeout_at(until):
                message = await self.pass_on()
        except TimeoutError:
            self.cut = True
            return {"type": "http.disconnect"}
        self.whole = not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        """Answer, unless the request was cut off: then the guard does."""
        if not self.cut:
            self.started = True
            await self.answer(message)


def _among(path: str, addresses: tuple[str, ...]) -> bool:
    return any(path == one or (one[-1] in "/=" and one != "/" and path.startswith(one)) for one in addresses)


def _answer(status: int, reason: str) -> Any:
    return PlainTextResponse(reason, status, {"connection": "close"})
