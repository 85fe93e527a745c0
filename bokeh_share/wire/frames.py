"""Builds websocket frames, compressed if that saves time."""

from __future__ import annotations

from zlib import MAX_WBITS

from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

MIN_COMPRESSED_BYTES = 1000
MAX_COMPRESSED_BYTES = 100_000
"""Compressing longer messages takes more time than it saves: 3 ms at this length."""


def frame_message(message: bytes, *, compress: bool = False) -> bytes:
    """Return the message as one websocket frame.

    Use `compress` for viewers that can decompress (RFC 7692). The message is then compressed if its length is
    from `MIN_COMPRESSED_BYTES` to `MAX_COMPRESSED_BYTES` and compression makes it shorter.
    """
    frame = Frame(Opcode.BINARY, message)
    plain = frame.serialize(mask=False)
    if not compress or not MIN_COMPRESSED_BYTES <= len(message) <= MAX_COMPRESSED_BYTES:
        return plain
    deflate = PerMessageDeflate(True, True, MAX_WBITS, MAX_WBITS)
    return min(frame.serialize(mask=False, extensions=[deflate]), plain, key=len)
