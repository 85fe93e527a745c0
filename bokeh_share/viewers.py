"""The helper thread: owns the viewers' websockets, so that what they need never waits for a cell."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamClosedError
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from .hub import Hub
from .message import ENDED, TOO_SLOW, framed, moved_message, pulse_message, read_want
from .page import Page

log = logging.getLogger(__name__)

PAUSE = 0.05
"""Seconds between two updates of the page: twenty a second at most."""
STALLED = 60.0
"""Seconds in which one frame must have gone out, or a ping been answered; else the viewer is closed."""
LOOK = 1.0
"""Seconds between two looks for viewers of whom nothing was heard."""
PING = 20.0
"""Seconds of silence after which a viewer is asked for a sign of life, and given one."""
MAX_MESSAGE = 1024
"""Bytes that a viewer's message may have; the page sends less than fifty."""
GOODBYE = 1.0
"""Seconds that viewers have for taking a close frame."""


class Viewers:
    """Sends the page to everybody who watches, from a thread with a loop of its own.

    Lives from `start` to `stop`; the thread is a daemon and holds nobody up. Its methods may be called
    from any thread. It reads immutable pages and sockets, never an object of the author's.
    """

    def __init__(self, page: Page, *, on_count: Callable[[], None] = lambda: None) -> None:
        self._hub = Hub(page, pulse=PING)
        self._newest = page
        self._on_count = on_count
        self._connections: set[_Connection] = set()
        self._sending: asyncio.TimerHandle | None = None
        """Until then, what comes is gathered."""
        self._sent = 0.0
        self.seen_others = False
        """Whether anybody ever came from another machine."""
        self._thread = threading.Thread(target=self._run, name="bokeh_share viewers", daemon=True)

    @property
    def count(self) -> int:
        return len(self._connections)

    def start(self) -> None:
        self._io_loop = IOLoop(make_current=False)
        self._loop: asyncio.AbstractEventLoop = self._io_loop.asyncio_loop
        self._thread.start()

    def publish(self, page: Page) -> None:
        """Make `page` the newest: viewers get what they lack, those who can take it now at once."""
        self._call(self._publish, page)

    def adopt(self, sock: socket.socket, request: Request, origins: Sequence[str]) -> None:
        """Take over a connection whose websocket request another loop has read; answers it here."""
        self._call(
            lambda: self._keep(
                _Connection(sock, self._hub, self._send_soon).serve(request, origins, self._seat)
            )
        )

    def move(self, urls: Sequence[str], *, code: int, reason: str, seen_from: set[str] | None = None) -> None:
        """Tell viewers that the share is at `urls` now and close; only those who came by an address in
        `seen_from`, if given."""
        self._call(self._move, urls, code, reason, seen_from)

    def dismiss(self, *, code: int, reason: str) -> None:
        """Close each viewer, without telling where else to look."""
        self._call(self._dismiss, code, reason)

    def stop(self, *, code: int = ENDED, reason: str = "sharing ended") -> None:
        """Close each viewer with `code` and `reason`, then end the thread; takes up to two seconds."""
        if not self._thread.is_alive():
            return
        with suppress(RuntimeError):
            asyncio.run_coroutine_threadsafe(self._stop(code, reason), self._loop)
        self._thread.join(2 * GOODBYE)
        self._hub = Hub(Page())

    def _run(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop.call_soon(self._look_after)
        try:
            self._io_loop.start()
        finally:
            self._io_loop.close()

    def _call(self, function: Callable[..., object], *args: object) -> None:
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody is left to be told
            self._loop.call_soon_threadsafe(function, *args)

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a viewer's connection failed", exc_info=error)

    def _seat(self, connection: _Connection, present: bool) -> None:
        (self._connections.add if present else self._connections.discard)(connection)
        self.seen_others = self.seen_others or connection.peer != connection.address
        self._on_count()

    def _publish(self, page: Page) -> None:
        self._newest = page
        self._send_soon()

    def _send_soon(self) -> None:
        """At once, unless something was sent a moment ago; then all that came until then."""
        if self._sending is None:
            self._sending = self._loop.call_at(self._sent + PAUSE, self._send)

    def _send(self) -> None:
        """In one go: a task for each viewer would cost more than its bytes."""
        self._sending, self._sent = None, self._loop.time()
        self._hub.publish(self._newest)
        for connection in list(self._connections):
            connection.fill()

    def _look_after(self) -> None:
        now = self._loop.time()
        for connection in list(self._connections):
            connection.look_after(now)
        self._loop.call_later(min(LOOK, PING), self._look_after)

    def _move(self, urls: Sequence[str], code: int, reason: str, seen_from: set[str] | None) -> None:
        for connection in list(self._connections):
            if seen_from is None or connection.address in seen_from:
                connection.send(framed(moved_message(urls)))
                connection.close(code, reason)

    def _dismiss(self, code: int, reason: str) -> None:
        for connection in list(self._connections):
            connection.close(code, reason)

    async def _stop(self, code: int, reason: str) -> None:
        try:
            self._send()  # what came just before the end is what stays on screen
            self._dismiss(code, reason)
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=GOODBYE)
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            self._loop.stop()


@dataclass(eq=False)
class _Connection:
    """One viewer's websocket: the protocol is `websockets`' without I/O, the bytes go through Tornado."""

    sock: socket.socket
    hub: Hub
    wake: Callable[[], None]
    """To be called when the viewer lacks something."""
    address: str = ""
    """The address of ours by which the viewer came."""
    peer: str = ""
    """The viewer's own address, which on the author's machine is the same."""

    async def serve(
        self, request: Request, origins: Sequence[str], seat: Callable[[_Connection, bool], None]
    ) -> None:
        self.stream = IOStream(self.sock)
        # A program that names no origin is no page of somebody else's; it knows the link.
        self.protocol = ServerProtocol(origins=[*origins, None], max_size=MAX_MESSAGE)  # type: ignore[list-item]
        try:
            # What follows a small frame would wait for the viewer to acknowledge that.
            self.stream.set_nodelay(True)
            self.address, self.peer = self.sock.getsockname()[0], self.sock.getpeername()[0]
            # The protocol wants to have read the request itself before it reads frames.
            self.protocol.receive_data(request.serialize())
            self.protocol.events_received()
            self.protocol.send_response(self.protocol.accept(request))
            await self._flush()
            if self.protocol.state is State.OPEN:
                await self._watch(request, seat)
        except OSError:
            pass  # the viewer left; Tornado's `StreamClosedError` is one of these
        finally:
            self.stream.close()

    async def _watch(self, request: Request, seat: Callable[[_Connection, bool], None]) -> None:
        query = parse_qs(urlsplit(request.path).query)
        epoch, version = query.get("epoch", [""])[0], query.get("version", [""])[0]
        known = int(version) if version.isdecimal() and len(version) < 16 else None
        with self.hub.watching(epoch, known) as self.viewer:
            self.asked: float | None = None
            self.blocked: float | None = None
            self.sent = asyncio.get_running_loop().time()
            seat(self, True)
            try:
                self.fill()
                await self._read_all()
            finally:
                seat(self, False)

    def fill(self) -> None:
        """Bring the viewer into step, as far as it can take it now; the rest goes when it can.

        So a slow viewer simply comes round less often.
        """
        while self.blocked is None and self.protocol.state is State.OPEN:
            frame = self.hub.next_frame(self.viewer)
            if frame is None:
                return
            try:
                self._write(frame)
            except OSError:
                self.stream.close()  # which ends the reader
                return
            self.sent = asyncio.get_running_loop().time()

    def _write(self, frame: bytes) -> None:
        """Most of the time all of it goes out at once, and no future has to be made: a third of the cost."""
        rest = memoryview(frame)
        if not self.stream.writing():
            with suppress(BlockingIOError):
                rest = rest[self.stream.write_to_fd(rest) :]
        if rest:
            self.blocked = asyncio.get_running_loop().time()
            self.stream.write(rest).add_done_callback(self._go_on)

    def _go_on(self, written: asyncio.Future[None]) -> None:
        if not written.cancelled() and written.exception() is None:
            self.blocked = None
            self.fill()

    def look_after(self, now: float) -> None:
        """Close the connection of a viewer who takes nothing; ask one who was silent for a sign of life."""
        if self.blocked is not None:
            if now - self.blocked > STALLED:
                self.close(TOO_SLOW, "too slow")
                self.stream.close()
        elif now - self.sent >= PING:
            # Who is only sent to says nothing: the wait for a sign of life begins with the question.
            if self.asked is None:
                self.asked = now
            elif now - self.asked > STALLED:
                self.stream.close()
                return
            self.sent = now
            # One for the browser, which answers by itself, and one for the page, which can't see the first.
            self.send(Frame(Opcode.PING, b"").serialize(mask=False))
            self.send(framed(pulse_message()))

    async def _read_all(self) -> None:
        while True:
            self.protocol.receive_data(await self.stream.read_bytes(4096, partial=True))
            self.asked = None
            for event in self.protocol.events_received():
                if not isinstance(event, Frame) or event.opcode is not Opcode.TEXT:
                    continue
                if (plot := read_want(bytes(event.data))) is not None:
                    self.hub.forget(self.viewer, plot)
                    self.wake()
            await self._flush()
            if self.protocol.close_expected():
                return

    async def _flush(self) -> None:
        for data in self.protocol.data_to_send():
            if data:
                await self.stream.write(data)

    def send(self, frame: bytes) -> None:
        with suppress(StreamClosedError):
            self.stream.write(frame).add_done_callback(_retrieve)

    def close(self, code: int, reason: str) -> None:
        """Say goodbye; the connection ends when the viewer answers, or soon after."""
        with suppress(InvalidState):
            self.protocol.send_close(code, reason)
            for data in self.protocol.data_to_send():
                if data:
                    self.send(data)
            asyncio.get_running_loop().call_later(GOODBYE, self.stream.close)


def _retrieve(future: asyncio.Future[None]) -> None:
    """Take note of a failed write, which the reader learns of as well."""
    if not future.cancelled():
        future.exception()
