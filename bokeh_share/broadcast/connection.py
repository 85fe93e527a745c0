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
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from .. import limits
from ..server.rate_limit import TokenBucket
from ..server.visitor_log import log_misuse
from ..wire.close_codes import CloseCode
from ..wire.frames import frame_message
from ..wire.messages import encode_heartbeat_message, read_draw_failure, read_resend_request
from .hub import Hub, Viewer
from .send_slots import SLOT_TIMEOUT, SendSlots

CHUNK_BYTES = 262_144
"""Bytes at a time that a viewer gets who cannot take all: slow is not stalled."""
CLIENT_ERROR_CODES = {CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA, CloseCode.MESSAGE_TOO_BIG}
"""What `websockets` closes with for a viewer's fault."""
MAX_WRITE_BYTES = 131_072 if sys.platform == "win32" else None
"""Bytes that the system may be offered at a time: Windows, as Tornado knows, chokes on more."""
NO_BYTES = memoryview(b"")
SILENT_LOGGER = logging.Logger("bokeh_share's websockets", logging.CRITICAL + 1)
"""`websockets` would log each request, with the link and the cookies in it, and each message."""
DEFLATE_FACTORY = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True, client_no_context_takeover=True
)
"""Each message packed by itself, so that all viewers can have the same bytes."""


@dataclass(eq=False)
class Connection:
    """One viewer's websocket: the protocol is `websockets`' without I/O, the bytes go through Tornado."""

    sock: socket.socket
    hub: Hub
    send_slots: SendSlots
    on_resend_request: Callable[[], None]
    """To be called when the viewer lacks something."""
    dismissal_count: int = 0
    """How often everybody had been sent away when it came."""
    session_tokens: tuple[str, ...] = field(default=(), repr=False)
    """What it was let in by where a password is set."""
    local_address: str = ""
    """The address of ours by which the viewer came."""
    remote_address: str = ""
    """The viewer's own address, which on the author's machine is the same."""
    on_failure: Callable[[], None] = lambda: None
    """Called when the viewer's page reports a plot that it could not draw."""
    pending_frame: bytes | None = None
    """What is under way, of the page or a plot."""
    pending_since: float = 0.0
    """Since when."""
    blocked_since: float | None = None
    """Since when the viewer has taken nothing of what is under way."""
    _unsent: memoryview = NO_BYTES
    """Of the frame that is under way: what has not been handed to the stream."""
    _queued_messages: list[bytes] = field(default_factory=list)
    """What is to be said once that is out."""
    _queue_written: asyncio.Future[None] | None = None
    """Done when that has been handed to the stream."""

    async def serve(self, request: Request, register: Callable[[Connection, bool], bool]) -> None:
        """Answer the request and look after the viewer until they leave, if there is a seat for them."""
        self.stream = SSLIOStream(self.sock) if isinstance(self.sock, SSLSocket) else IOStream(self.sock)
        handshake = ServerProtocol(extensions=[DEFLATE_FACTORY], logger=SILENT_LOGGER)
        try:
            # What follows a small frame would wait for the viewer to acknowledge that.
            self.stream.set_nodelay(True)
            self.local_address, self.remote_address = self.sock.getsockname()[0], self.sock.getpeername()[0]
            handshake.send_response(handshake.accept(request))
            await self.stream.write(b"".join(handshake.data_to_send()))
            if handshake.state is State.OPEN:
                # Another one, since the first wants to read the request itself before it reads frames.
                self.protocol = ServerProtocol(
                    state=State.OPEN, max_size=limits.MAX_MESSAGE_BYTES, logger=SILENT_LOGGER
                )
                self.protocol.extensions = handshake.extensions
                await self._serve_viewer(request, register)
            else:
                log_misuse("a websocket request that makes no sense")
        except OSError:
            pass  # the viewer left; Tornado's `StreamClosedError` is one of these
        finally:
            self.stream.close()

    async def _serve_viewer(self, request: Request, register: Callable[[Connection, bool], bool]) -> None:
        query = parse_qs(urlsplit(request.path).query)
        epoch, version = query.get("epoch", [""])[0], query.get("version", [""])[0]
        known_version = int(version) if version.isdecimal() and len(version) < 16 else None
        if not register(self, True):
            self.close(CloseCode.TOO_MANY_VIEWERS, "as many viewers as there may be are here already")
            await self._read_messages(None)
            return
        try:
            with self.hub.add_viewer(epoch, known_version) as viewer:
                viewer.can_decompress = any(map(_can_decompress, self.protocol.extensions))
                viewer.has_plots = "app" not in query
                self.attach_viewer(viewer)
                await self._read_messages(viewer)
        finally:
            self.send_slots.release(self)
            register(self, False)

    def attach_viewer(self, viewer: Viewer) -> None:
        """This is who sits at the other end: from now on they get what they lack."""
        self.viewer = viewer
        self._resend_bucket = TokenBucket(limits.RESEND_RATE, limits.RESEND_BURST)
        self._pending_resends: set[str] = set()
        """Plots that were asked for again, and will be given when that may be."""
        self.unanswered_since: float | None = None
        """Since when there is no answer to a ping."""
        self.last_sent = asyncio.get_running_loop().time()
        self.send_updates()

    def send_updates(self) -> None:
        """Bring the viewer into step, as far as it can take it now; the rest goes when it can.

        So a slow viewer simply comes round less often.
        """
        if self.stream.closed():
            self.send_slots.release(self)
            return
        while self.blocked_since is None and self.protocol.state is State.OPEN:
            if not self.hub.is_whole_plot_next(self.viewer):
                self.send_slots.release(self)
            elif not self.send_slots.acquire(self):
                return
            frame = self.hub.take_next_frame(self.viewer)
            if frame is None:
                break
            try:
                self._write_frame(frame)
            except OSError:
                self.stream.close()  # which ends the reader
                break
            self.last_sent = asyncio.get_running_loop().time()
        if self.blocked_since is None:
            self.send_slots.release(self)

    def _write_frame(self, frame: bytes) -> None:
        """Most of the time all of it goes out at once, and no future has to be made: a third of the cost."""
        self._unsent = memoryview(frame)
        if not self.stream.writing():
            with suppress(BlockingIOError):
                self._unsent = self._unsent[self.stream.write_to_fd(self._unsent[:MAX_WRITE_BYTES]) :]
        if self._unsent:
            self.pending_frame, self.pending_since = frame, asyncio.get_running_loop().time()
            self._write_chunk()

    def _write_chunk(self) -> None:
        chunk, self._unsent = self._unsent[:CHUNK_BYTES], self._unsent[CHUNK_BYTES:]
        self._wait_for_write(self.stream.write(chunk))

    def _wait_for_write(self, written: asyncio.Future[None]) -> None:
        self.blocked_since = asyncio.get_running_loop().time()
        written.add_done_callback(self._on_written)

    def _on_written(self, written: asyncio.Future[None]) -> None:
        if written.cancelled() or written.exception() is not None:
            self._discard_unsent()
            return
        if not self._unsent:
            self.pending_frame = None
            if self._queued_messages:
                self._unsent = memoryview(b"".join(self._queued_messages))
                self._queued_messages.clear()
                if self._queue_written is not None:
                    self._queue_written.set_result(None)
                    self._queue_written = None
        if not self._unsent:
            self.blocked_since = None
            self.send_updates()
            return
        try:
            self._write_chunk()
        except StreamClosedError:
            self._discard_unsent()

    def _discard_unsent(self) -> None:
        """The connection is closed, which whoever waits for an answer to go out has to know."""
        self._unsent, self.pending_frame = NO_BYTES, None
        self._queued_messages.clear()
        if self._queue_written is not None and not self._queue_written.done():
            self._queue_written.set_exception(StreamClosedError())
            # or asyncio would print it, where the loop ends before anybody asks
            self._queue_written.exception()

    def apply_timeouts(self, now: float) -> None:
        """Close the connection of a viewer who takes nothing; ask one who was silent for a sign of life."""
        if self.blocked_since is not None:
            if now - self.blocked_since > SLOT_TIMEOUT:
                self.send_slots.release(self)
            if now - self.blocked_since > limits.PING_TIMEOUT:
                self.close_too_slow()
        elif now - self.last_sent >= limits.PING_INTERVAL:
            # Who is only sent to says nothing: the wait for a sign of life begins with the question.
            if self.unanswered_since is None:
                self.unanswered_since = now
            elif now - self.unanswered_since > limits.PING_TIMEOUT:
                self.stream.close()
                return
            self.last_sent = now
            # One for the browser, which answers by itself, and one for the page, which can't see the first.
            self.send_frame(Frame(Opcode.PING, b"").serialize(mask=False))
            self.send_frame(frame_message(encode_heartbeat_message()))
        if self._pending_resends and self._resend_bucket.take():
            self._resend_plot(self._pending_resends.pop())

    def close_too_slow(self) -> None:
        """The viewer is too slow."""
        self.close(CloseCode.TOO_SLOW, "too slow")
        self.stream.close()

    async def _read_messages(self, viewer: Viewer | None) -> None:
        bucket = TokenBucket(limits.MESSAGE_BYTE_RATE, limits.MESSAGE_BYTE_BURST)
        while True:
            data = await self.stream.read_bytes(4096, partial=True)
            if not bucket.take(len(data)):
                log_misuse("a page sends more than pages do")
                self.close(CloseCode.POLICY_VIOLATION, "this page sends too much")
                return
            self.protocol.receive_data(data)
            self.unanswered_since = None
            for event in self.protocol.events_received():
                self._handle_event(event, viewer)
            # In one go: whoever sends many pings would have as many answers written one by one.
            if response := b"".join(self.protocol.data_to_send()):
                await self._write_or_queue(response)
            if self.protocol.close_expected():
                if (
                    self.protocol.close_sent is not None
                    and self.protocol.close_sent.code in CLIENT_ERROR_CODES
                ):
                    log_misuse("a message that no page sends")
                return

    def _handle_event(self, event: object, viewer: Viewer | None) -> None:
        """A page sends what it wants and what it could not draw; the rest is the protocol's own."""
        if not isinstance(event, Frame) or event.opcode in (Opcode.PING, Opcode.PONG, Opcode.CLOSE):
            return
        text = bytes(event.data) if event.opcode is Opcode.TEXT and event.fin else b""
        plot, failure = read_resend_request(text), read_draw_failure(text)
        if viewer is not None and failure is not None and self.hub.add_failure(viewer, failure):
            self.on_failure()
        elif plot is None and failure is None:
            log_misuse("a message that no page sends")
        elif viewer is not None and plot in viewer.generations:
            if self._resend_bucket.take():
                self._resend_plot(plot)
            else:
                log_misuse("a page that asks for more plots than it may")
                self._pending_resends.add(plot)

    def _resend_plot(self, plot: str) -> None:
        self.hub.request_whole_plot(self.viewer, plot)
        self.on_resend_request()

    def send_frame(self, frame: bytes) -> None:
        if len(self._queued_messages) >= limits.MAX_QUEUED_MESSAGES:
            self.stream.close()
        with suppress(StreamClosedError):
            self._write_or_queue(frame).add_done_callback(_retrieve_exception)

    def _write_or_queue(self, data: bytes) -> asyncio.Future[None]:
        """After the frame that is under way, which still goes slice by slice."""
        if self.blocked_since is None:
            written = self.stream.write(data)
            if not written.done():
                self._wait_for_write(written)
            return written
        self._queued_messages.append(data)
        self._queue_written = self._queue_written or asyncio.get_running_loop().create_future()
        return self._queue_written

    def close(self, code: int, reason: str) -> None:
        """Say goodbye; the connection ends when the viewer answers, or soon after."""
        with suppress(InvalidState):
            self.protocol.send_close(code, reason)
            self.send_frame(b"".join(self.protocol.data_to_send()))
            asyncio.get_running_loop().call_later(limits.CLOSE_HANDSHAKE_TIMEOUT, self.stream.close)


def _can_decompress(extension: Extension) -> bool:
    """Whether a viewer unpacks what was packed with the largest window, as all browsers do."""
    return isinstance(extension, PerMessageDeflate) and extension.local_max_window_bits == MAX_WBITS


def _retrieve_exception(future: asyncio.Future[None]) -> None:
    """Take note of a failed write, which the reader learns of as well."""
    if not future.cancelled():
        future.exception()
