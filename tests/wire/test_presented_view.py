"""The author's view and pins, as a message may contain them."""

from __future__ import annotations

from typing import Any

import pytest

from bokeh_share.wire.presented_view import (
    PresentedView,
    Spot,
    read_pin_text,
    read_presented_view,
    read_spot,
)

SPOT = {"plot": "k1", "model": "k1.2.5", "x": 1.5, "y": ["Tue", -0.25]}


def test_a_view_has_plots_their_fields_and_a_pointer() -> None:
    fields = [["r0", "1.5,2.5"], ["t0", "1"], ["l0", "101"], ["s0", [3, 1]]]
    view = read_presented_view({"in_view": ["k1", "k12"], "plots": {"k1": fields}, "pointer": SPOT})
    assert view == PresentedView(
        ("k1", "k12"),
        {"k1": (("r0", "1.5,2.5"), ("t0", "1"), ("l0", "101"), ("s0", (3, 1)))},
        Spot("k1", "k1.2.5", 1.5, ("Tue", -0.25)),
    )
    assert read_presented_view({}) == PresentedView()


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "view",
        {"other": 1},
        {"in_view": "k1"},
        {"in_view": ["k1"] * 101},
        {"in_view": ["<b>"]},
        {"in_view": [1]},
        {"plots": []},
        {"plots": {"x": []}},
        {"plots": {"k1": {}}},
        {"plots": {"k1": [["r0"]]}},
        {"plots": {"k1": [["x0", "1"]]}},
        {"plots": {"k1": [["r0", 1]]}},
        {"plots": {"k1": [["r0", "1" * 1001]]}},
        {"plots": {"k1": [["r0", "\ud800"]]}},
        {"plots": {"k1": [["r0", "1"]] * 201}},
        {"plots": {"k1": [["s0", list(range(1001))]]}},
        {"plots": {"k1": [["s0", list(range(600))], ["s1", list(range(600))]]}},
        {"plots": {"k1": [["s0", [-1]]]}},
        {"plots": {"k1": [["s0", [True]]]}},
        {"plots": {"k1": [["s0", [2**31]]]}},
        {"plots": {"k1": [["s0", "1"]]}},
        {"plots": {f"k{number}": [] for number in range(1, 102)}},
        {"pointer": {**SPOT, "more": 1}},
        {"pointer": "k1"},
    ],
)
def test_any_other_view_is_refused(value: Any) -> None:
    assert read_presented_view(value) is None


@pytest.mark.parametrize(
    "change",
    [
        {"plot": "sales"},
        {"plot": 1},
        {"model": "<b>"},
        {"model": "m" * 61},
        {"model": None},
        {"x": "1"},
        {"x": True},
        {"x": float("nan")},
        {"x": float("inf")},
        {"x": 10**400},
        {"y": ["Tue"]},
        {"y": [["a", "b", "c", "d"], 0]},
        {"y": [[], 0]},
        {"y": [3, 0]},
        {"y": ["T" * 201, 0]},
        {"y": ["Tue", None]},
    ],
)
def test_a_spot_has_coordinates_of_data(change: dict[str, Any]) -> None:
    assert read_spot({**SPOT, **change}) is None
    assert read_spot({**SPOT, "x": 3, "y": [["a", "b"], 1]}) == Spot("k1", "k1.2.5", 3.0, (("a", "b"), 1.0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the bump", "the bump"),
        ("  two\nlines\t", "two lines"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("👍🏽 مرحبا", "👍🏽 مرحبا"),
        ("x" * 140, "x" * 140),
        ("x" * 141, None),
        (" \n", None),
        ("", None),
        ("\ud800", None),
        (3, None),
    ],
)
def test_a_pin_is_a_short_text_on_one_line(text: Any, expected: str | None) -> None:
    assert read_pin_text(text) == expected
