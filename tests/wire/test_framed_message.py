from __future__ import annotations

from bokeh_share.wire.framed_message import FramedMessage
from bokeh_share.wire.frames import MAX_COMPRESSED_BYTES, frame_message

TEXT = b"text " * 1000


def test_each_frame_is_built_once_and_the_message_is_still_there() -> None:
    framed = FramedMessage(TEXT)
    plain, compressed = framed.get_frame(compress=False), framed.get_frame(compress=True)
    assert (plain, compressed) == (frame_message(TEXT), frame_message(TEXT, compress=True))
    assert len(compressed) < len(plain) / 2
    assert framed.get_frame(compress=False) is plain
    assert framed.get_frame(compress=True) is compressed
    assert framed.message == TEXT
    assert framed.has_frame(plain)
    assert framed.has_frame(compressed)
    assert not framed.has_frame(bytes(plain[:-1]) + plain[-1:])


def test_what_cannot_or_need_not_be_compressed_has_one_frame() -> None:
    for framed in (FramedMessage(TEXT, can_compress=False), FramedMessage(b"x" * (MAX_COMPRESSED_BYTES + 1))):
        assert framed.get_frame(compress=True) is framed.get_frame(compress=False)
    assert FramedMessage(b"").message == b""
