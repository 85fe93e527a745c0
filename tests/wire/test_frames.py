from __future__ import annotations

import random

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.streams import StreamReader

from bokeh_share.wire.frames import frame_message


@pytest.mark.parametrize("size", [999, 1000, 100_000, 100_001])
def test_a_message_is_packed_where_that_is_worth_it_and_unpacked_is_what_it_was(size: int) -> None:
    message = b"plot" * (size // 4) + b"s" * (size % 4)
    frame = frame_message(message, compress=True)
    assert (len(frame) < size // 10) == (1000 <= size <= 100_000)
    assert frame_message(message) == frame_message(message, compress=False)
    assert len(frame_message(message)) > size
    stream = StreamReader()
    stream.feed_data(frame)
    steps = Frame.parse(stream.read_exact, mask=False, extensions=[PerMessageDeflate(True, True, 15, 15)])
    with pytest.raises(StopIteration) as parsed:
        next(steps)
    assert bytes(parsed.value.value.data) == message


def test_noise_is_not_packed() -> None:
    noise = random.Random(1).randbytes(5000)
    assert frame_message(noise, compress=True) == frame_message(noise)
