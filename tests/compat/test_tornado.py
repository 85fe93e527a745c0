"""Tells when something that is not public, and is used all the same, has moved."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any, cast

from support.apart import apart
from tornado.iostream import IOStream

from bokeh_share import compat


def test_what_a_websockets_viewer_has_taken_is_told() -> None:
    async def run() -> None:
        ours, theirs = socket.socketpair()
        stream = IOStream(ours)
        handler = cast(Any, SimpleNamespace(ws_connection=SimpleNamespace(stream=stream)))
        await stream.write(b"12345")
        assert compat.count_sent_bytes(handler) == 5
        stream.close()
        theirs.close()

    apart(run)
    assert compat.count_sent_bytes(cast(Any, SimpleNamespace(ws_connection=None))) == 0
