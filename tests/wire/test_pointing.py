"""What a viewer may say with `--pointing`: numbers, and a name that is shown as text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bokeh_share import limits
from bokeh_share.wire.pointing import (
    MAX_POINTED_INDICES,
    Pointing,
    PointingEnd,
    is_viewer_name,
    read_pointing,
)

POINT = {
    "figure": "k1.2.5",
    "source": "k1.2.7",
    "indices": [3, 1],
    "x": [0, 1.5],
    "y": [-1e300, 2],
    "name": "Ann",
}


def read(value: Any, **more: Any) -> Any:
    return read_pointing(json.dumps({"point": value, **more}, separators=(",", ":")).encode())


def test_a_viewer_points_at_rows_of_a_source() -> None:
    pointing = read(POINT)
    assert pointing == Pointing("k1.2.5", "k1.2.7", (3, 1), (0.0, 1.5), (-1e300, 2.0), "Ann")
    assert pointing.plot == "k1"
    assert json.loads(json.dumps(pointing.to_dict())) == {"plot": "k1", **POINT}
    assert read({**POINT, "source": None, "indices": [], "name": ""}).source is None
    assert read(None) == PointingEnd()


@pytest.mark.parametrize(
    "change",
    [
        {"figure": "k1"},
        {"figure": "k1.A.5"},
        {"figure": "<b>.1.2"},
        {"figure": 3},
        {"source": "k2.2.7"},
        {"source": "p1001"},
        {"indices": [-1]},
        {"indices": [1.5]},
        {"indices": ["1"]},
        {"indices": list(range(MAX_POINTED_INDICES + 1))},
        {"indices": {}},
        {"x": [0]},
        {"x": ["a", "b"]},
        {"x": [0, None]},
        {"x": [0, True]},
        {"y": [0, 10**400]},
        {"y": "0,1"},
        {"name": None},
        {"name": "x" * 41},
        {"name": ["Ann"]},
        {"more": 1},
    ],
)
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    assert read({**POINT, **change}) is None


@pytest.mark.parametrize("value", [[], 1, "k1", {}, True])
def test_what_is_no_point_is_refused(value: Any) -> None:
    assert read(value) is None
    assert read(POINT, more=1) is None
    assert read_pointing(b'{"point":' + b"[" * 10_000) is None
    assert read_pointing(b'{"point":NaN') is None
    assert read_pointing(b'{"resend":"k1"}') is None
    assert read({**POINT, "x": [0, float("nan")]}) is None


@pytest.mark.parametrize(
    "name", ["", "Ann", "Zoë Ångström", "张伟", "مريم", "Ann 👍", "<b>Ann</b>", "x" * 40]
)
def test_a_name_is_any_short_text(name: str) -> None:
    assert is_viewer_name(name)


@pytest.mark.parametrize(
    "character",
    ["\n", "\0", "\x1b", "\x7f", "\u2028", "\u202e", "\u2066", "\u200f", "\u061c", "\ud800", "\ue000"],
)
def test_a_name_has_no_character_that_changes_others(character: str) -> None:
    assert not is_viewer_name(f"Ann{character}nnA")
    assert read({**POINT, "name": character}) is None


def test_the_longest_message_fits_the_limit_of_viewers() -> None:
    longest = {
        **POINT,
        "indices": [2**31 - 1] * 60,
        "x": [-1.2345678901234567e-300] * 2,
        "y": [-1.2345678901234567e-300] * 2,
        "name": "é" * 40,
    }
    text = json.dumps({"point": longest}, separators=(",", ":"), ensure_ascii=False).encode()
    assert len(text) <= limits.MAX_MESSAGE_BYTES
    assert read_pointing(text) is not None
