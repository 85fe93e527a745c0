from __future__ import annotations

import json

import pytest
from support.frames import unframed

from bokeh_share.wire.messages import (
    DRAW_FAILURE_REASONS,
    DrawFailure,
    encode_away_message,
    encode_moved_message,
    read_draw_failure,
    read_resend_request,
)


def test_a_moved_message_names_the_new_links() -> None:
    assert unframed(encode_moved_message(["http://a/"]))[0] == {"kind": "moved", "urls": ["http://a/"]}


@pytest.mark.parametrize("seconds", [12.5, None])
def test_an_away_message_has_the_seconds_since_the_last_sign_of_life(seconds: float | None) -> None:
    assert unframed(encode_away_message(seconds))[0] == {"kind": "away", "seconds": seconds}


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"3", b'{"resend":3}', b'{"other":"k1"}', b"[" * 5000, b"\xff"]
)
def test_what_is_no_resend_request_is_none(text: bytes) -> None:
    assert read_resend_request(text) is None


def test_a_resend_request_names_the_plot() -> None:
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
