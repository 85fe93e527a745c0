"""What Tornado does not offer publicly."""

from __future__ import annotations

from tornado.websocket import WebSocketHandler


def count_sent_bytes(socket: WebSocketHandler) -> int:
    """How much a websocket's viewer, or the system for them, has taken. Tornado tells when all is taken, and
    not whether there is anything going on before."""
    stream = getattr(socket.ws_connection, "stream", None)
    return stream._total_write_done_index if stream is not None else 0
