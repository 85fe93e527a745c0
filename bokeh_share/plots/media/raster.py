"""Reads the sizes of PNG and JPEG pictures from their headers, and refuses data that is neither."""

from __future__ import annotations

import struct
from typing import NamedTuple

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_SIZE_MARKERS = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
"""The markers of JPEG segments that have the size of the picture: all kinds of `SOF`."""
JPEG_STANDALONE_MARKERS = {0x01, *range(0xD0, 0xD8)}
"""The markers of JPEG without a segment."""


class PixelSize(NamedTuple):
    width: int
    height: int


def read_png_size(data: bytes) -> PixelSize:
    """Return the size of a PNG picture. Raises `ValueError` if the data is no whole PNG file.

    Follows the lengths of all chunks, and reads none but the first.
    """
    if not data.startswith(PNG_SIGNATURE):
        raise ValueError("the data is no PNG picture")
    header = data[8:33]
    if len(header) < 25 or header[:8] != b"\x00\x00\x00\rIHDR":
        raise ValueError("the PNG picture has no header")
    width, height = struct.unpack("!II", header[8:16])
    position, kind, has_pixels = 8, b"", False
    while kind != b"IEND":
        if position + 12 > len(data):
            raise ValueError("the PNG picture is not complete")
        length, kind = struct.unpack_from("!I4s", data, position)
        has_pixels = has_pixels or kind == b"IDAT"
        position += 12 + length
    if position > len(data) or not has_pixels:
        raise ValueError("the PNG picture is not complete")
    return PixelSize(width, height)


def read_jpeg_size(data: bytes) -> PixelSize:
    """Return the size of a JPEG picture. Raises `ValueError` if the data is none."""
    if not data.startswith(b"\xff\xd8\xff"):
        raise ValueError("the data is no JPEG picture")
    position = 2
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            raise ValueError("the JPEG picture is damaged")
        marker = data[position + 1]
        if marker == 0xFF:  # a byte that fills up
            position += 1
        elif marker in JPEG_STANDALONE_MARKERS:
            position += 2
        elif marker in JPEG_SIZE_MARKERS and position + 9 <= len(data):
            height, width = struct.unpack_from("!HH", data, position + 5)
            return PixelSize(width, height)
        elif marker in (0xD9, 0xDA):  # the end, or the pixels
            break
        else:
            position += 2 + max(2, struct.unpack_from("!H", data, position + 2)[0])
    raise ValueError("the JPEG picture has no size")
