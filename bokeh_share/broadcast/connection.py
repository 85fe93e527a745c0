"""One viewer's websocket, in the viewers' thread."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from ssl import SSLSocket
from typing import Protocol
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
from ..server import TokenBucket, log_misuse
from ..wire import CloseCode, encode_heartbeat_message, frame_message, is_author_message
from .frame_source import AuthorSide, FrameSource
from .frame_writer import FrameWriter
from .send_slots import SLOT_TIMEOUT, SendSlots
from .viewer import Viewer
from .viewer_messages import ViewerMessages

CLIENT_ERROR_CODES = {CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA, CloseCode.MESSAGE_TOO_BIG}
"""Codes with which `websockets` closes a connection because of the viewer's error."""
SILENT_LOGGER = logging.Logger("bokeh_share's websockets", logging.CRITICAL + 1)
"""`websockets` would log each request, with the link and the cookies in it, and each message."""
DEFLATE_FACTORY = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True, client_no_context_takeover=True
)
"""Each message is compressed by itself, so that all viewers are sent the same bytes."""


class Registry(Protocol):
    """The open connections. See `ConnectionRegistry`."""

    def add(self, connection: Connection) -> bool: ...

    def discard(self, connection: Connection) -> None: ...


@dataclass(eq=False)
class Connection:
    """One viewer's websocket: the protocol is `websockets`' without I/O, the bytes go through Tornado."""

    sock: socket.socket
    hub: FrameSource
    send_slots: SendSlots
    on_resend_request: Callable[[], None]
    """Called when the viewer asks for a plot again."""
    dismissal_count: int = 0
    """The broadcaster's count of dismissals when the viewer connected."""
    session_tokens: tuple[str, ...] = field(default=(), repr=False)
    """The session tokens of its login, if a password is set."""
    local_address: str = ""
    """The share's address that the viewer connected to."""
    remote_address: str = ""
    """The viewer's address; on the author's machine, the same as `local_address`."""
    on_failure: Callable[[], None] = lambda: None
    """Called when the viewer's page reports a plot that it could not draw."""
    author_pages: AuthorSide | None = None
    """The author's pages, if this is one of them; None for a viewer."""
    host: str = ""
    """The host of the link by which the viewer came."""
    number: int = 0
    """Counts the connections of the share, from 1."""
    opened_at: int = 0
    """In milliseconds since 1970, UTC."""

    @property
    def is_author(self) -> bool:
        """True for the author's own page."""
        return self.author_pages is not None

    async def serve(self, request: Request, registry: Registry) -> None:
        """Answer the request, and serve the viewer until they leave, unless they are rejected."""
        self.attach_stream(
            SSLIOStream(self.sock) if isinstance(self.sock, SSLSocket) else IOStream(self.sock)
        )
        handshake = ServerProtocol(extensions=[DEFLATE_FACTORY], logger=SILENT_LOGGER)
        try:
            # Without this, bytes after a small frame wait for the viewer's acknowledgement.
            self.stream.set_nodelay(True)
            self.local_address, self.remote_address = self.sock.getsockname()[0], self.sock.getpeername()[0]
            handshake.send_response(handshake.accept(request))
            await self.stream.write(b"".join(handshake.data_to_send()))
            if handshake.state is State.OPEN:
                # A second protocol, since the first would read the request itself before it reads frames.
                self.protocol = ServerProtocol(
                    state=State.OPEN,
                    max_size=limits.MAX_AUTHOR_MESSAGE_BYTES if self.is_author else limits.MAX_MESSAGE_BYTES,
                    logger=SILENT_LOGGER,
                )
                self.protocol.extensions = handshake.extensions
                await self._serve_viewer(request, registry)
            else:
                log_misuse("malformed websocket request")
        except OSError:
            pass  # the viewer left; Tornado's `StreamClosedError` is one of these
        finally:
            self.stream.close()

    async def _serve_viewer(self, request: Request, registry: Registry) -> None:
        query = parse_qs(urlsplit(request.path).query, keep_blank_values=True)  # `app` has no value
        epoch, version = query.get("epoch", [""])[0], query.get("version", [""])[0]
        known_version = int(version) if version.isdecimal() and len(version) < 16 else None
        first = query.get("first", [""])[0]
        if not registry.add(self):
            self.close(CloseCode.TOO_MANY_VIEWERS, "the page is full")
            await self._read_messages(None)
            return
        try:
            can_decompress = any(map(_can_decompress, self.protocol.extensions))
            with self.hub.add_viewer(
                epoch,
                known_version,
                can_decompress=can_decompress,
                has_plots="app" not in query,
                first=first if 0 < len(first) <= limits.MAX_FIRST_LENGTH else None,
                is_author=self.is_author,
            ) as viewer:
                self.attach_viewer(viewer)
                if self.author_pages is not None:
                    self.author_pages.add(self)
                await self._read_messages(viewer)
        finally:
            if self.author_pages is not None:
                self.author_pages.discard(self)
            self.send_slots.release(self)
            registry.discard(self)

    def attach_stream(self, stream: IOStream) -> None:
        """Set the stream of `sock`, which is made in the viewers' thread."""
        self.stream = stream
        self.writer = FrameWriter(stream, self.send_updates)

    @property
    def pending_frame(self) -> bytes | None:
        """The frame that is being sent, of the page or a plot."""
        return self.writer.pending_frame

    @property
    def pending_since(self) -> float:
        """The time at which sending that frame began."""
        return self.writer.pending_since

    @property
    def blocked_since(self) -> float | None:
        """The time since which the viewer has received nothing of the frame that is being sent."""
        return self.writer.blocked_since

    def attach_viewer(self, viewer: Viewer) -> None:
        """Set the hub's viewer of this connection, which receives updates from now on."""
        self.viewer = viewer
        self._messages = ViewerMessages(
            self.hub, viewer, on_resend_request=self.on_resend_request, on_failure=self.on_failure
        )
        self.unanswered_since: float | None = None
        """The time of the ping that was not answered yet."""
        self.last_sent = asyncio.get_running_loop().time()
        self.send_updates()

    def send_updates(self) -> None:
        """Send the viewer the updates that it can receive now, and the rest when it can.

        So a slow viewer simply gets fewer updates.
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
                self.writer.write_frame(frame)
            except OSError:
                self.stream.close()  # this ends the reader
                break
            self.last_sent = asyncio.get_running_loop().time()
        if self.blocked_since is None:
            self.send_slots.release(self)

    def apply_timeouts(self, now: float) -> None:
        """Close a viewer who receives nothing; ping a silent one."""
        if self.blocked_since is not None:
            if now - self.blocked_since > SLOT_TIMEOUT:
                self.send_slots.release(self)
            if now - self.blocked_since > limits.PING_TIMEOUT:
                self.close_too_slow()
        elif now - self.last_sent >= limits.PING_INTERVAL:
            # A viewer who only receives is silent, so the timeout begins with the ping.
            if self.unanswered_since is None:
                self.unanswered_since = now
            elif now - self.unanswered_since > limits.PING_TIMEOUT:
                self.stream.close()
                return
            self.last_sent = now
            # A ping, which the browser answers by itself, and a heartbeat, since the page can't see the ping.
            self.send_frame(Frame(Opcode.PING, b"").serialize(mask=False))
            self.send_frame(frame_message(encode_heartbeat_message()))
        self._messages.resend_pending_plot()

    def close_too_slow(self) -> None:
        """Close the connection of a viewer who is too slow."""
        self.close(CloseCode.TOO_SLOW, "the connection is too slow")
        self.stream.close()

    async def _read_messages(self, viewer: Viewer | None) -> None:
        bucket = TokenBucket(limits.MESSAGE_BYTE_RATE, limits.MESSAGE_BYTE_BURST)
        if self.is_author:
            bucket = TokenBucket(limits.AUTHOR_MESSAGE_BYTE_RATE, 2 * limits.AUTHOR_MESSAGE_BYTE_RATE)
        while True:
            data = await self.stream.read_bytes(4096, partial=True)
            if not bucket.take(len(data)):
                log_misuse("page sends too much")
                self.close(CloseCode.POLICY_VIOLATION, "this page sends too much")
                return
            self.protocol.receive_data(data)
            self.unanswered_since = None
            for event in self.protocol.events_received():
                self._handle_event(event, viewer)
            # In one write, since many pings would otherwise cause as many single writes.
            if response := b"".join(self.protocol.data_to_send()):
                await self.writer.write_message(response)
            if self.protocol.close_expected():
                if (
                    self.protocol.close_sent is not None
                    and self.protocol.close_sent.code in CLIENT_ERROR_CODES
                ):
                    log_misuse("unknown message from a page")
                return

    def _handle_event(self, event: object, viewer: Viewer | None) -> None:
        """Pass messages of the page on; `websockets` handles all other events."""
        if not isinstance(event, Frame) or event.opcode in (Opcode.PING, Opcode.PONG, Opcode.CLOSE):
            return
        text = bytes(event.data) if event.opcode is Opcode.TEXT and event.fin else b""
        if viewer is None:
            return
        if self.author_pages is not None and is_author_message(text):
            self.author_pages.handle(self, text)
        else:
            self._messages.handle(text)

    def send_frame(self, frame: bytes) -> None:
        """Send a message of its own, besides the updates; none after a close frame."""
        if self.protocol.state is State.OPEN:
            _write(self, frame)

    def close(self, code: int, reason: str) -> None:
        """Send a close frame; the connection ends when the viewer answers, or soon after."""
        with suppress(InvalidState):
            self.protocol.send_close(code, reason)
            _write(self, b"".join(self.protocol.data_to_send()))
            asyncio.get_running_loop().call_later(limits.CLOSE_HANDSHAKE_TIMEOUT, self.stream.close)


def _can_decompress(extension: Extension) -> bool:
    """Return True if the viewer decompresses with the largest window, as all browsers do."""
    return isinstance(extension, PerMessageDeflate) and extension.local_max_window_bits == MAX_WBITS


def _write(connection: Connection, frame: bytes) -> None:
    if connection.writer.queued_count >= limits.MAX_QUEUED_MESSAGES:
        connection.stream.close()
    with suppress(StreamClosedError):
        connection.writer.write_message(frame).add_done_callback(_retrieve_exception)


def _retrieve_exception(future: asyncio.Future[None]) -> None:
    """Ignore the error of a failed write, which the reader gets as well."""
    if not future.cancelled():
        future.exception()
