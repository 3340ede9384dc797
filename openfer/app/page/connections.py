"""Connections to the page: who does not ask, or does not take the answer, is cut off; so are too many at once.

uvicorn waits for ever for a request that has not come and for an answer that is not taken, and turns requests away, but
not connections: a few hundred silent ones would use up the file handles, and nobody else could come in.
"""

import asyncio

from uvicorn.protocols.http.auto import AutoHTTPProtocol

from openfer.app.page import limits


class Connection(AutoHTTPProtocol):
    """One connection, as uvicorn makes it for each; the guard watches over the content of requests."""

    asking: asyncio.TimerHandle | None = None
    """Runs while there is no whole head of a request."""

    taking: asyncio.TimerHandle | None = None
    """Runs while the other side has to take what was answered."""

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Begin, unless there are too many already."""
        super().connection_made(transport)
        if len(self.connections) > limits.CONNECTIONS + limits.TOLD:
            transport.abort()
        else:
            self.asking = self.loop.call_later(limits.SILENT_SECONDS, transport.abort)

    def data_received(self, data: bytes) -> None:
        """Take a piece; the time for a head begins with its first byte and is not renewed by others."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            _stop(self.asking)
            self.asking = None
        elif self.asking is None:
            self.asking = self.loop.call_later(limits.SILENT_SECONDS, self.transport.abort)

    def pause_writing(self) -> None:
        """Wait until more of the answer is taken, but not for ever."""
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        """Go on with the answer."""
        super().resume_writing()
        _stop(self.taking)

    def on_response_complete(self) -> None:
        """Give its end the same time: too little to be paused for, it would keep a closed connection alive."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        _stop(self.asking)
        _stop(self.taking)
        super().connection_lost(exc)

    def _watch(self) -> None:
        _stop(self.taking)
        self.taking = self.loop.call_later(limits.SILENT_SECONDS, self._cut_off)

    def _cut_off(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()  # close() would wait until all is taken


def _stop(timer: asyncio.TimerHandle | None) -> None:
    if timer:
        timer.cancel()
