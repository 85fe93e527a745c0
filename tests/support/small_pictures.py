"""Small pictures as bytes: PNG of one colour, and the header of a JPEG file."""

from __future__ import annotations

import struct
import zlib


def build_png(width: int = 3, height: int = 2, color: int = 0) -> bytes:
    """Build a picture whose pixels have this amount of red."""
    rows = b"".join(b"\0" + bytes([color, 0, 0]) * width for _ in range(height))
    header = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


PNG = build_png()
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xff\xc2\x00\x11\x08\x00\x07\x00\x09\x03\x01\x22\x00\x02\x11\x01\x03\x11\x01\xff\xda\x00\x0c\xff\xd9"
)
"""A JPEG file without pixels, 9 × 7."""
