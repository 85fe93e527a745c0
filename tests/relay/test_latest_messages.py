from __future__ import annotations

from typing import Any

from support.relay_viewer import read_message

from bokeh_share.broadcast.viewer import Viewer
from bokeh_share.relay.latest_messages import LatestPins, LatestView
from bokeh_share.wire.author_messages import encode_pins, encode_presented_view
from bokeh_share.wire.messages import read_header
from bokeh_share.wire.presented_view import PresentedView


def view(**ranges: str) -> bytes:
    plots = {plot: (("r0", text),) for plot, text in ranges.items()}
    return encode_presented_view(PresentedView(("k1",), plots), is_whole=True)


def take(latest: LatestView | LatestPins, viewer: Viewer) -> dict[str, Any]:
    assert latest.needs_frame(viewer)
    header = read_header(read_message(latest.take_frame(viewer)))
    assert not latest.needs_frame(viewer)
    return header


def test_viewers_who_follow_get_what_has_changed_and_others_the_whole_view() -> None:
    latest, one, two = LatestView(), Viewer(), Viewer()
    assert not latest.needs_frame(one), "nobody has presented"
    latest.update(view(k1="0,1"))
    header = take(latest, one)
    assert (header["whole"], header["plots"], header["in_view"]) == (True, {"k1": [["r0", "0,1"]]}, ["k1"])
    latest.update(view(k1="0,1", k2="5,6"))
    header = take(latest, one)
    assert (header["whole"], header["plots"], header["in_view"]) == (False, {"k2": [["r0", "5,6"]]}, None)
    assert take(latest, two)["plots"] == {"k1": [["r0", "0,1"]], "k2": [["r0", "5,6"]]}


def test_an_end_and_another_presentation_reach_all() -> None:
    latest, one = LatestView(), Viewer()
    latest.update(view(k1="0,1"))
    take(latest, one)
    latest.update(view(k2="0,1"))
    assert take(latest, one)["whole"], "another presentation has begun in between"
    latest.update(b"")
    assert take(latest, one)["presenting"] is False
    latest.update(view(k1="0,1"))
    assert take(latest, one)["whole"]


def test_pins_are_sent_once() -> None:
    latest, one, two = LatestPins(), Viewer(), Viewer(can_decompress=True)
    assert not latest.needs_frame(one)
    latest.update(encode_pins([{"pin": 1}]))
    latest.update(encode_pins([{"pin": 1}]))
    assert take(latest, one)["pins"] == [{"pin": 1}]
    latest.update(b"")
    assert take(latest, one)["pins"] == []
    assert latest.take_frame(two) == latest.take_frame(Viewer(can_decompress=True)), "the same bytes for all"
