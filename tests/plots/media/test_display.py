"""Displays of cells: their snapshots, sizes and limits."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from support.small_pictures import JPEG, PNG

from bokeh_share.plots.media import display as module
from bokeh_share.plots.media.display import Display, build_image_snapshot

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"/>'


@pytest.mark.parametrize(
    ("media_type", "content", "data", "size"),
    [
        ("image/png", PNG, PNG, (3, 2)),
        ("image/png", b64encode(PNG).decode() + "\n", PNG, (3, 2)),
        ("image/jpeg", b64encode(JPEG).decode(), JPEG, (9, 7)),
        ("image/svg+xml", SVG, SVG.encode(), (20, 10)),
    ],
)
def test_a_picture_keeps_its_bytes(
    media_type: str, content: Any, data: bytes, size: tuple[float, float]
) -> None:
    display = Display(media_type, content)
    snapshot = display.build_snapshot()
    assert (snapshot.kind, snapshot.media_type, snapshot.data) == ("image", media_type, data)
    assert (snapshot.width, snapshot.height) == size
    assert display.build_snapshot() is snapshot
    assert display.is_ready


@pytest.mark.parametrize(
    ("metadata", "size"),
    [
        ({"width": 6, "height": 8}, (6, 8)),
        ({"width": 6}, (6, 4)),
        ({"height": "4"}, (6, 4)),
        ({"width": None, "height": None}, (3, 2)),
        ({"width": "wide", "height": -1}, (3, 2)),
        ({"width": float("nan"), "height": float("inf")}, (3, 2)),
        ({"unconfined": True}, (3, 2)),
    ],
)
def test_the_metadata_set_the_shown_size(metadata: dict[str, Any], size: tuple[float, float]) -> None:
    snapshot = Display("image/png", PNG, metadata).build_snapshot()
    assert (snapshot.width, snapshot.height) == size


def test_texts_and_tables_have_their_kinds() -> None:
    displays = {
        "text": [
            Display("text/markdown", "# a"),
            Display("text/latex", ["$x", "$"]),
            Display("text/html", "<p>a"),
        ],
        "table": [Display("text/html", "<table><tr><td>1", noun="table")],
    }
    for kind, each in displays.items():
        assert [display.build_snapshot().kind for display in each] == [kind] * len(each)


@pytest.mark.parametrize(
    ("media_type", "content", "reason"),
    [
        ("image/png", "a", "the data is no picture"),
        ("image/png", b"GIF89a", "the data is no PNG picture"),
        ("image/jpeg", PNG, "the data is no JPEG picture"),
        ("image/svg+xml", "<html/>", "it is no SVG"),
        ("image/svg+xml", '<svg width="0" height="5"/>', "it has no pixels"),
        (
            "image/svg+xml",
            '<svg width="20000" height="5"/>',
            "it has 20,000 × 5 pixels and the limit is 10,000",
        ),
        ("image/svg+xml", '<svg width="9000" height="9000"/>', "50,000,000 in all"),
        ("image/png", PNG[:16] + b"\0" * 8 + PNG[24:], "it has no pixels"),
    ],
)
def test_what_is_no_picture_or_too_large_is_refused(media_type: str, content: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Display(media_type, content).build_snapshot()


def test_pictures_of_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_IMAGE_BYTES", 50)
    for content in (PNG, b64encode(PNG).decode() * 2):
        with pytest.raises(ValueError, match=r"which is the limit|the limit is"):
            Display("image/png", content).build_snapshot()


def test_an_exported_picture_has_half_its_pixels() -> None:
    snapshot = build_image_snapshot("image/png", PNG, {}, noun="Plotly figure", title="T", scale=2)
    assert (snapshot.width, snapshot.height, snapshot.title, snapshot.noun) == (1.5, 1, "T", "Plotly figure")


def test_displays_are_different_objects_that_may_look_the_same() -> None:
    one, other = Display("image/png", PNG), Display("image/png", PNG)
    assert one != other
    assert one.has_same_content(other)
    assert not one.has_same_content(Display("image/png", PNG, {"width": 3}))
    assert not one.has_same_content(PNG)
    assert one.build_snapshot() == other.build_snapshot()


def test_a_released_display_can_only_be_counted() -> None:
    display = Display("image/png", PNG)
    assert display.size == len(PNG)
    display.release()
    assert display.is_released
    assert display.size == 0
