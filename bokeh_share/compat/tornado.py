"""Uses private names of Tornado, where it has no public ones."""

from __future__ import annotations

from tornado.websocket import WebSocketHandler


def count_sent_bytes(socket: WebSocketHandler) -> int:
    """Return the number of bytes that a websocket has sent to its viewer or to the system's buffer. Tornado
    reports when everything is sent, but no progress before that."""
    stream = getattr(socket.ws_connection, "stream", None)
    return stream._total_write_done_index if stream is not None else 0
