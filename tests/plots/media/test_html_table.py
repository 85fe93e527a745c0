"""Tables rebuilt from HTML: what data frames show, and limits that are said."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from bokeh_share.plots.media.html_table import build_table_note, build_table_snapshot


def build(source: str) -> dict[str, Any]:
    snapshot = build_table_snapshot(source)
    assert snapshot.kind == "table"
    table: dict[str, Any] = json.loads(snapshot.data)
    return table


def texts(rows: list[list[Any]]) -> list[list[str]]:
    return [[cell if isinstance(cell, str) else cell[0] for cell in row] for row in rows]


def test_a_data_frame_has_its_index_its_columns_and_its_cells() -> None:
    frame = pd.DataFrame({"a": [1, 2], "<b>": ["x & y", None]}, index=pd.Index(["p", "q"], name="key"))
    table = build(frame._repr_html_())
    assert texts(table["head"]) == [["", "a", "<b>"], ["key", "", ""]]
    assert texts(table["body"]) == [["p", "1", "x & y"], ["q", "2", "NaN"]]
    assert table["body"][0][0][1]["header"]
    assert table["notes"] == []


def test_a_long_data_frame_says_its_size_as_pandas_does() -> None:
    table = build(pd.DataFrame({"a": range(1_000)})._repr_html_())
    assert len(table["body"]) == 11
    assert table["notes"] == ["1000 rows × 1 columns"]


def test_a_multi_index_has_its_spans() -> None:
    frame = pd.DataFrame([[1, 2]] * 2, columns=pd.MultiIndex.from_product([["A"], ["x", "y"]]))
    frame.index = pd.MultiIndex.from_product([["r"], [1, 2]])
    table = build(frame._repr_html_())
    assert ["A", {"header": True, "colspan": 2}] in strip_align(table["head"][0])
    assert strip_align(table["body"][0])[0] == ["r", {"header": True, "rowspan": 2}]


def strip_align(row: list[Any]) -> list[Any]:
    return [
        [cell[0], {key: value for key, value in cell[1].items() if key != "align"}]
        if isinstance(cell, list)
        else cell
        for cell in row
    ]


def test_a_styled_table_has_its_colours_and_its_caption() -> None:
    styled = (
        pd.DataFrame({"a": [1, 2]})
        .style.set_caption("Sales")
        .map(lambda value: "color: red; background-image: url(http://elsewhere)" if value > 1 else "")
    )
    snapshot = build_table_snapshot(styled._repr_html_())
    assert snapshot.title == "Sales"
    assert json.loads(snapshot.data)["body"][1][1] == ["2", {"color": "red"}]
    assert b"elsewhere" not in snapshot.data


def test_more_rows_and_columns_than_the_limits_are_left_out_and_that_is_said() -> None:
    row = "<tr>" + "<td>1</td>" * 100 + "</tr>"
    table = build(f"<table>{row * 2_000}</table>")
    assert (len(table["body"]), {len(each) for each in table["body"]}) == (500, {60})
    assert table["notes"] == ["the first 500 of 2,000 rows and the first 60 of 100 columns"]
    assert build_table_note(3, 3, 2, 2) == ""


@pytest.mark.parametrize(
    ("source", "body"),
    [
        ("<table><tr><td>a<b>b</b><br>c</td></table>", [["ab c"]]),
        ("<table><td>1<td>2<tr><td>3", [["1", "2"], ["3"]]),
        ("<table><tr><td><table><tr><td>in</td></tr></table></td></tr></table>", [["in"]]),
        ("<table><tr><td><script>alert(1)</script>x<img src=x onerror=alert(1)></td></tr></table>", [["x"]]),
        ("<table><tr><td onclick='x' style='color:red' id=a href=y>1</td></tr></table>", [["1"]]),
    ],
)
def test_cells_have_texts_only(source: str, body: list[list[str]]) -> None:
    assert texts(build(source)["body"]) == body


@pytest.mark.parametrize("source", ["", "<p>text</p>", "<table></table>", "<table><tr></tr></table>"])
def test_no_table_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="it has no rows"):
        build_table_snapshot(source)
