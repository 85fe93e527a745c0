from __future__ import annotations

import json
import random
import struct
from typing import Any

import numpy as np
import pytest
from bokeh.plotting import figure
from bokeh.themes import built_in_themes
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.streams import StreamReader

from bokeh_share.plots.diff.diff import diff
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import LOCAL_ID_PREFIX
from bokeh_share.wire.messages import (
    DRAW_FAILURE_REASONS,
    DrawFailure,
    encode_moved_message,
    encode_page_message,
    encode_plot_message,
    frame_message,
    read_draw_failure,
    read_resend_request,
)


def unframed(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Header and arrays of a message, sent as a websocket frame that the websocket library reads."""
    stream = StreamReader()
    stream.feed_data(frame_message(message))
    parser = Frame.parse(stream.read_exact, mask=False, max_size=None)
    with pytest.raises(StopIteration) as done:
        next(parser)
    payload = bytes(done.value.value.data)
    (length,) = struct.unpack("!I", payload[:4])
    return json.loads(payload[4 : 4 + length]), payload[4 + length :]


def shown(title: str = "t") -> Page:
    p = figure(title=title)
    p.line(np.arange(3.0), np.arange(3.0))
    snapshot = capture_plot(p, theme=built_in_themes["caliber"]).snapshot
    return Page("My plots").put(PlotKey("name", "sales"), snapshot, now=7)


def test_a_page_message_lists_title_and_plots_and_nothing_else() -> None:
    header, rest = unframed(encode_page_message("e", shown()))
    assert header == {
        "kind": "page",
        "epoch": "e",
        "version": 1,
        "title": "My plots",
        "paused": None,
        "heartbeat_interval": None,
        "page_build": None,
        "bundles": {},
        "apps": [],
        "plots": [
            {
                "id": "k1",
                "generation": 1,
                "name": "sales",
                "caption": None,
                "changed": 7,
                "unavailable_reason": None,
            }
        ],
    }
    assert rest == b""


def test_a_plot_message_has_the_patch_its_arrays_and_ids_of_its_own() -> None:
    page = shown()
    patch = diff(None, page.plots[0].snapshot)
    header, rest = unframed(encode_plot_message("e", 3, page.plots[0], patch, None))
    assert (header["plot"], header["generation"], header["base"], header["version"]) == ("k1", 1, None, 3)
    assert header["buffers"] == [["k1.1.a0", 24], ["k1.1.a1", 24]]
    assert rest == np.arange(3.0).tobytes() * 2
    (event,) = header["patch"]["events"]
    assert event["kind"] == "RootAdded"
    assert event["model"]["id"] == "k1.1.0"
    assert '"id":"k1.1.a0"' in json.dumps(header["patch"], separators=(",", ":"))
    assert LOCAL_ID_PREFIX not in json.dumps(header)


def test_text_of_the_authors_that_looks_like_an_id_stays_as_it_is() -> None:
    text = f'"id":"{LOCAL_ID_PREFIX}5" {LOCAL_ID_PREFIX}'
    page = shown(title=text)
    patch = diff(None, page.plots[0].snapshot)
    header, _ = unframed(encode_plot_message("e", 1, page.plots[0], patch, None))
    assert header["patch"]["events"][0]["model"]["attributes"]["title"]["attributes"]["text"] == text


def test_a_moved_message_names_the_new_links() -> None:
    assert unframed(encode_moved_message(["http://a/"]))[0] == {"kind": "moved", "urls": ["http://a/"]}


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"3", b'{"resend":3}', b'{"other":"k1"}', b"[" * 5000, b"\xff"]
)
def test_what_is_no_request_for_a_plot_is_none(text: bytes) -> None:
    assert read_resend_request(text) is None


def test_a_request_for_a_plot_names_it() -> None:
    assert read_resend_request(b'{"resend": "k1"}') == "k1"


@pytest.mark.parametrize("reason", DRAW_FAILURE_REASONS)
def test_a_report_of_a_plot_that_could_not_be_drawn_names_it_its_generation_and_a_reason(reason: str) -> None:
    text = json.dumps({"failed_plot": "k1", "generation": 3, "reason": reason}).encode()
    assert read_draw_failure(text) == DrawFailure("k1", 3, reason)
    assert read_resend_request(text) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("failed_plot", None), ("failed_plot", ["k1"]), ("generation", "1"), ("generation", 1.0),
        ("generation", True), ("reason", "because"), ("reason", ""), ("reason", ["drawing"]),
        ("reason", None),
    ],
)  # fmt: skip
def test_what_is_no_report_is_none(field: str, value: object) -> None:
    report = {"failed_plot": "k1", "generation": 1, "reason": "drawing"} | {field: value}
    assert read_draw_failure(json.dumps(report).encode()) is None


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
