"""Sizes of PNG and JPEG pictures, and data that is neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.small_pictures import JPEG, PNG

from bokeh_share.plots.media.raster import read_jpeg_size, read_png_size


def test_a_picture_has_the_size_of_its_header() -> None:
    assert read_png_size(PNG) == (3, 2)
    assert read_jpeg_size(JPEG) == (9, 7)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the data is no PNG picture"),
        (b"GIF89a", "the data is no PNG picture"),
        (JPEG, "the data is no PNG picture"),
        (PNG[:20], "the PNG picture has no header"),
        (PNG[:8] + PNG[33:], "the PNG picture has no header"),
        (PNG[:-4], "the PNG picture is not complete"),
        (PNG[:33] + PNG[-12:], "the PNG picture is not complete"),
    ],
)
def test_data_that_is_no_whole_png_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_png_size(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PNG, "the data is no JPEG picture"),
        (JPEG[:10], "the JPEG picture has no size"),
        (JPEG[:20] + b"\xff\xd9\xff\xd9", "the JPEG picture has no size"),
        (JPEG[:20] + b"0000" + JPEG[20:], "the JPEG picture is damaged"),
    ],
)
def test_data_that_is_no_jpeg_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_jpeg_size(data)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_give_a_size_or_a_reason(data: bytes, is_png: bool) -> None:
    data = (PNG[:16] if is_png else JPEG[:4]) + data
    try:
        width, height = (read_png_size if is_png else read_jpeg_size)(data)
    except ValueError:
        return
    assert width >= 0
    assert height >= 0
