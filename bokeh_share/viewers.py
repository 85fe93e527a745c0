"""The helper thread: owns the viewers' websockets, so that what they need never waits for a cell."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream, StreamClosedError
from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from .hub import Hub, Viewer
from .message import ENDED, TOO_SLOW, framed, moved_message, pulse_message, read_want
from .page import Page

log = logging.getLogger(__name__)

PAUSE = 0.05
"""Seconds between two updates to one page: twenty a second at most."""
STALLED = 60.0
"""Seconds in which one frame must have gone out, or a ping been answered; else the viewer is closed."""
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
        self._on_count = on_count
        self._connections: set[_Connection] = set()
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
        self._call(lambda: self._keep(_Connection(sock, self._hub).serve(request, origins, self._seat)))

    def move(self, urls: Sequence[str], *, code: int, reason: str, seen_from: set[str] | None = None) -> None:
        """Tell viewers that the share is at `urls` now and close; only those who came by an address in
        `seen_from`, if given."""
        self._call(self._move, urls, code, reason, seen_from)

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
        self._hub.publish(page)
        for connection in self._connections:
            connection.news.set()

    def _move(self, urls: Sequence[str], code: int, reason: str, seen_from: set[str] | None) -> None:
        for connection in list(self._connections):
            if seen_from is None or connection.address in seen_from:
                connection.send(framed(moved_message(urls)))
                connection.close(code, reason)

    async def _stop(self, code: int, reason: str) -> None:
        try:
            for connection in list(self._connections):
                connection.close(code, reason)
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
    news: asyncio.Event = field(default_factory=asyncio.Event)
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
        self.asked: float | None = None
        try:
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
        with self.hub.watching(
            epoch, int(version) if version.isdecimal() and len(version) < 16 else None
        ) as viewer:
            seat(self, True)
            sender = asyncio.create_task(self._send_all(viewer))
            try:
                await self._read_all(viewer)
            finally:
                seat(self, False)
                sender.cancel()
                await asyncio.gather(sender, return_exceptions=True)

    async def _send_all(self, viewer: Viewer) -> None:
        """Bring the viewer into step again and again; a slow one simply comes round less often."""
        clock = asyncio.get_running_loop().time
        while self.protocol.state is State.OPEN:
            self.news.clear()
            started = clock()
            while (frame := self.hub.next_frame(viewer)) is not None and self.protocol.state is State.OPEN:
                try:
                    await asyncio.wait_for(self.stream.write(frame), STALLED)
                except TimeoutError:
                    self.close(TOO_SLOW, "too slow")
                    self.stream.close()
                    return
            await asyncio.sleep(max(0.0, started + PAUSE - clock()))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), PING)
                continue
            # Who is only sent to says nothing: the wait for a sign of life begins with the question.
            if self.asked is None:
                self.asked = clock()
            elif clock() - self.asked > STALLED:
                self.stream.close()
                return
            # One for the browser, which answers by itself, and one for the page, which can't see the first.
            self.send(Frame(Opcode.PING, b"").serialize(mask=False))
            self.send(framed(pulse_message()))

    async def _read_all(self, viewer: Viewer) -> None:
        while True:
            self.protocol.receive_data(await self.stream.read_bytes(4096, partial=True))
            self.asked = None
            for event in self.protocol.events_received():
                if not isinstance(event, Frame) or event.opcode is not Opcode.TEXT:
                    continue
                if (plot := read_want(bytes(event.data))) is not None:
                    self.hub.forget(viewer, plot)
                    self.news.set()
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
