"""Frames as a viewer reads them."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from websockets.frames import Frame
from websockets.streams import StreamReader

from bokeh_share.wire.frames import frame_message


def unframed(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Return header and arrays of a message in a websocket frame, read by the websocket library."""
    stream = StreamReader()
    stream.feed_data(frame_message(message))
    parser = Frame.parse(stream.read_exact, mask=False, max_size=None)
    with pytest.raises(StopIteration) as done:
        next(parser)
    payload = bytes(done.value.value.data)
    (length,) = struct.unpack("!I", payload[:4])
    return json.loads(payload[4 : 4 + length]), payload[4 + length :]
