"""One viewer's websocket, in the viewers' thread."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ssl import SSLSocket
from urllib.parse import parse_qs, urlsplit
from zlib import MAX_WBITS

from tornado.iostream import IOStream, SSLIOStream, StreamClosedError
from websockets.exceptions import InvalidState
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate, ServerPerMessageDeflateFactory
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from .. import limits
from ..server.rate_limit import TokenBucket
from ..server.visitor_log import log_misuse
from ..wire.messages import (
    FULL,
    TOO_SLOW,
    UNRULY,
    framed,
    heartbeat_message,
    read_failure,
    read_resend_request,
)
from .hub import Hub, Viewer
from .send_slots import SLOT_TIMEOUT, SendSlots

SLICE = 262_144
"""Bytes at a time that a viewer gets who cannot take all: slow is not stalled."""
WRONG = {CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA, CloseCode.MESSAGE_TOO_BIG}
"""What `websockets` closes with for a viewer's fault."""
AT_ONCE = 131_072 if sys.platform == "win32" else None
"""Bytes that the system may be offered at a time: Windows, as Tornado knows, chokes on more."""
NOTHING = memoryview(b"")
SILENT = logging.Logger("bokeh_share's websockets", logging.CRITICAL + 1)
"""`websockets` would log each request, with the link and the cookies in it, and each message."""
UNPACKS = ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
"""Each message packed by itself, so that all viewers can have the same bytes."""


@dataclass(eq=False)
class Connection:
    """One viewer's websocket: the protocol is `websockets`' without I/O, the bytes go through Tornado."""

    sock: socket.socket
    hub: Hub
    send_slots: SendSlots
    wake: Callable[[], None]
    """To be called when the viewer lacks something."""
    round: int = 0
    """How often everybody had been sent away when it came."""
    session_tokens: tuple[str, ...] = field(default=(), repr=False)
    """What it was let in by where a password is set."""
    address: str = ""
    """The address of ours by which the viewer came."""
    peer: str = ""
    """The viewer's own address, which on the author's machine is the same."""
    on_failure: Callable[[], None] = lambda: None
    """Called when the viewer's page reports a plot that it could not draw."""
    frame: bytes | None = None
    """What is under way, of the page or a plot."""
    began: float = 0.0
    """Since when."""
    blocked: float | None = None
    """Since when the viewer has taken nothing of what is under way."""
    _rest: memoryview = NOTHING
    """Of the frame that is under way: what has not been handed to the stream."""
    _after: list[bytes] = field(default_factory=list)
    """What is to be said once that is out."""
    _said: asyncio.Future[None] | None = None
    """Done when that has been handed to the stream."""

    async def serve(self, request: Request, seat: Callable[[Connection, bool], bool]) -> None:
        """Answer the request and look after the viewer until they leave, if there is a seat for them."""
        self.stream = SSLIOStream(self.sock) if isinstance(self.sock, SSLSocket) else IOStream(self.sock)
        handshake = ServerProtocol(extensions=[UNPACKS], logger=SILENT)
        try:
            # What follows a small frame would wait for the viewer to acknowledge that.
            self.stream.set_nodelay(True)
            self.address, self.peer = self.sock.getsockname()[0], self.sock.getpeername()[0]
            handshake.send_response(handshake.accept(request))
            await self.stream.write(b"".join(handshake.data_to_send()))
            if handshake.state is State.OPEN:
                # Another one, since the first wants to read the request itself before it reads frames.
                self.protocol = ServerProtocol(state=State.OPEN, max_size=limits.MESSAGE, logger=SILENT)
                self.protocol.extensions = handshake.extensions
                await self._watch(request, seat)
            else:
                log_misuse("a websocket request that makes no sense")
        except OSError:
            pass  # the viewer left; Tornado's `StreamClosedError` is one of these
        finally:
            self.stream.close()

    async def _watch(self, request: Request, seat: Callable[[Connection, bool], bool]) -> None:
        query = parse_qs(urlsplit(request.path).query)
        epoch, version = query.get("epoch", [""])[0], query.get("version", [""])[0]
        known = int(version) if version.isdecimal() and len(version) < 16 else None
        if not seat(self, True):
            self.close(FULL, "as many viewers as there may be are here already")
            await self._read_all(None)
            return
        try:
            with self.hub.watching(epoch, known) as viewer:
                viewer.unpacks = any(map(_unpacks, self.protocol.extensions))
                viewer.draws = "app" not in query
                self.attend(viewer)
                await self._read_all(viewer)
        finally:
            self.send_slots.give_back(self)
            seat(self, False)

    def attend(self, viewer: Viewer) -> None:
        """This is who sits at the other end: from now on they get what they lack."""
        self.viewer = viewer
        self._wants = TokenBucket(limits.WANTS, limits.WANTS_AT_ONCE)
        self._wanted: set[str] = set()
        """Plots that were asked for again, and will be given when that may be."""
        self.asked: float | None = None
        """Since when there is no answer to a ping."""
        self.sent = asyncio.get_running_loop().time()
        self.fill()

    def fill(self) -> None:
        """Bring the viewer into step, as far as it can take it now; the rest goes when it can.

        So a slow viewer simply comes round less often.
        """
        if self.stream.closed():
            self.send_slots.give_back(self)
            return
        while self.blocked is None and self.protocol.state is State.OPEN:
            if not self.hub.needs_whole(self.viewer):
                self.send_slots.give_back(self)
            elif not self.send_slots.take(self):
                return
            frame = self.hub.next_frame(self.viewer)
            if frame is None:
                break
            try:
                self._write(frame)
            except OSError:
                self.stream.close()  # which ends the reader
                break
            self.sent = asyncio.get_running_loop().time()
        if self.blocked is None:
            self.send_slots.give_back(self)

    def _write(self, frame: bytes) -> None:
        """Most of the time all of it goes out at once, and no future has to be made: a third of the cost."""
        self._rest = memoryview(frame)
        if not self.stream.writing():
            with suppress(BlockingIOError):
                self._rest = self._rest[self.stream.write_to_fd(self._rest[:AT_ONCE]) :]
        if self._rest:
            self.frame, self.began = frame, asyncio.get_running_loop().time()
            self._write_slice()

    def _write_slice(self) -> None:
        piece, self._rest = self._rest[:SLICE], self._rest[SLICE:]
        self._wait_for(self.stream.write(piece))

    def _wait_for(self, written: asyncio.Future[None]) -> None:
        self.blocked = asyncio.get_running_loop().time()
        written.add_done_callback(self._go_on)

    def _go_on(self, written: asyncio.Future[None]) -> None:
        if written.cancelled() or written.exception() is not None:
            self._give_up()
            return
        if not self._rest:
            self.frame = None
            if self._after:
                self._rest = memoryview(b"".join(self._after))
                self._after.clear()
                if self._said is not None:
                    self._said.set_result(None)
                    self._said = None
        if not self._rest:
            self.blocked = None
            self.fill()
            return
        try:
            self._write_slice()
        except StreamClosedError:
            self._give_up()

    def _give_up(self) -> None:
        """The connection is closed, which whoever waits for an answer to go out has to know."""
        self._rest, self.frame = NOTHING, None
        self._after.clear()
        if self._said is not None and not self._said.done():
            self._said.set_exception(StreamClosedError())
            self._said.exception()  # or asyncio would print it, where the loop ends before anybody asks

    def look_after(self, now: float) -> None:
        """Close the connection of a viewer who takes nothing; ask one who was silent for a sign of life."""
        if self.blocked is not None:
            if now - self.blocked > SLOT_TIMEOUT:
                self.send_slots.give_back(self)
            if now - self.blocked > limits.STALLED:
                self.give_up_on()
        elif now - self.sent >= limits.PING:
            # Who is only sent to says nothing: the wait for a sign of life begins with the question.
            if self.asked is None:
                self.asked = now
            elif now - self.asked > limits.STALLED:
                self.stream.close()
                return
            self.sent = now
            # One for the browser, which answers by itself, and one for the page, which can't see the first.
            self.send(Frame(Opcode.PING, b"").serialize(mask=False))
            self.send(framed(heartbeat_message()))
        if self._wanted and self._wants.take():
            self._give_again(self._wanted.pop())

    def give_up_on(self) -> None:
        """The viewer is too slow."""
        self.close(TOO_SLOW, "too slow")
        self.stream.close()

    async def _read_all(self, viewer: Viewer | None) -> None:
        rate = TokenBucket(limits.MESSAGES, limits.MESSAGES_AT_ONCE)
        while True:
            data = await self.stream.read_bytes(4096, partial=True)
            if not rate.take(len(data)):
                log_misuse("a page sends more than pages do")
                self.close(UNRULY, "this page sends too much")
                return
            self.protocol.receive_data(data)
            self.asked = None
            for event in self.protocol.events_received():
                self._heed(event, viewer)
            # In one go: whoever sends many pings would have as many answers written one by one.
            if answer := b"".join(self.protocol.data_to_send()):
                await self._put(answer)
            if self.protocol.close_expected():
                if self.protocol.close_sent is not None and self.protocol.close_sent.code in WRONG:
                    log_misuse("a message that no page sends")
                return

    def _heed(self, event: object, viewer: Viewer | None) -> None:
        """A page sends what it wants and what it could not draw; the rest is the protocol's own."""
        if not isinstance(event, Frame) or event.opcode in (Opcode.PING, Opcode.PONG, Opcode.CLOSE):
            return
        text = bytes(event.data) if event.opcode is Opcode.TEXT and event.fin else b""
        plot, failure = read_resend_request(text), read_failure(text)
        if viewer is not None and failure is not None and self.hub.note_failure(viewer, failure):
            self.on_failure()
        elif plot is None and failure is None:
            log_misuse("a message that no page sends")
        elif viewer is not None and plot in viewer.generations:
            if self._wants.take():
                self._give_again(plot)
            else:
                log_misuse("a page that asks for more plots than it may")
                self._wanted.add(plot)

    def _give_again(self, plot: str) -> None:
        self.hub.forget(self.viewer, plot)
        self.wake()

    def send(self, frame: bytes) -> None:
        if len(self._after) >= limits.ASIDE:
            self.stream.close()
        with suppress(StreamClosedError):
            self._put(frame).add_done_callback(_retrieve)

    def _put(self, data: bytes) -> asyncio.Future[None]:
        """After the frame that is under way, which still goes slice by slice."""
        if self.blocked is None:
            written = self.stream.write(data)
            if not written.done():
                self._wait_for(written)
            return written
        self._after.append(data)
        self._said = self._said or asyncio.get_running_loop().create_future()
        return self._said

    def close(self, code: int, reason: str) -> None:
        """Say goodbye; the connection ends when the viewer answers, or soon after."""
        with suppress(InvalidState):
            self.protocol.send_close(code, reason)
            self.send(b"".join(self.protocol.data_to_send()))
            asyncio.get_running_loop().call_later(limits.GOODBYE, self.stream.close)


def _unpacks(agreed: Extension) -> bool:
    """Whether a viewer unpacks what was packed with the largest window, as all browsers do."""
    return isinstance(agreed, PerMessageDeflate) and agreed.local_max_window_bits == MAX_WBITS


def _retrieve(future: asyncio.Future[None]) -> None:
    """Take note of a failed write, which the reader learns of as well."""
    if not future.cancelled():
        future.exception()
