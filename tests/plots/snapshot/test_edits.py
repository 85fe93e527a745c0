from __future__ import annotations

from dataclasses import replace

import pytest
from support.plain_snapshots import div, numbers, plot, rows, say, source

from bokeh_share.plots.snapshot.edits import (
    AttributeEdit,
    ColumnsEdit,
    Edit,
    GrowthEdit,
    apply_edits,
    remove_unreachable,
)
from bokeh_share.plots.snapshot.snapshot import Snapshot
from bokeh_share.plots.snapshot.values import Value


def test_what_has_no_strays_is_left_alone() -> None:
    whole = plot("a", "b")
    assert remove_unreachable(whole) is whole


def test_columns_that_are_the_same_keep_their_bytes() -> None:
    before = source(1.0, 2.0)
    held = (before.nodes[0].columns or {})["x"]
    after = apply_edits(before, [ColumnsEdit(0, {"x": numbers(1.0, 2.0), "y": numbers(3.0, 4.0)}, True, 32)])
    columns = after.nodes[0].columns or {}
    assert columns["x"] is held
    assert set(columns) == {"x", "y"}
    assert set(apply_edits(after, [ColumnsEdit(0, {"y": numbers(1.0)}, True, 8)]).nodes[0].columns or {}) == {
        "y"
    }


@pytest.mark.parametrize("fresh", [[5.0], numbers(5.0).data], ids=["values", "bytes"])
def test_rows_are_dropped_appended_and_patched_in_their_order(fresh: list[float] | bytes) -> None:
    each: list[Edit] = [
        GrowthEdit(0, 1, {"x": fresh}, {}, 8),
        GrowthEdit(0, 0, {}, {"x": ([0], [-1.0])}, 8),
        GrowthEdit(0, 2, {"x": fresh}, {}, 8),
        GrowthEdit(0, 0, {}, {"x": ([1], [-2.0])}, 8),
    ]
    assert rows(apply_edits(source(0.0, 1.0, 2.0, 3.0), each)) == [3.0, -2.0, 5.0]
    after: Snapshot = source(0.0, 1.0, 2.0, 3.0)
    for edit in each:
        after = apply_edits(after, [edit])
    assert rows(after) == [3.0, -2.0, 5.0]


def test_a_column_may_be_set_between_two_growths() -> None:
    grow = GrowthEdit(0, 0, {"x": [9.0]}, {}, 8)
    columns = ColumnsEdit(0, {"x": numbers(1.0)}, True, 8)
    assert rows(apply_edits(source(0.0), [grow, columns, grow])) == [1.0, 9.0]
    assert rows(apply_edits(source(0.0), [grow, say(0, "text"), grow])) == [0.0, 9.0, 9.0]


def test_the_snapshot_that_is_edited_stays_as_it_was() -> None:
    before = plot("a")
    copied = replace(before)
    apply_edits(
        before, [say(1, "b"), AttributeEdit(0, "tags", Value("[]"), (div("c"),), ("e1",), frozenset({"gl"}))]
    )
    assert before == copied
    assert before.ids == copied.ids
