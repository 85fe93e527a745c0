"""Edits, and the drafts of which nobody has looked at yet."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bokeh_share.plots.snapshot import edits
from bokeh_share.plots.snapshot.edits import (
    AttributeEdit,
    ColumnsEdit,
    Edit,
    GrowthEdit,
    LazySnapshot,
    apply_edits,
    remove_unreachable,
)
from bokeh_share.plots.snapshot.snapshot import Node, Snapshot
from bokeh_share.plots.snapshot.values import PLACEHOLDER, Items, Numbers, Value


def plot(*texts: str) -> Snapshot:
    """A row of divs."""
    children = Value(f"[{','.join(PLACEHOLDER for _ in texts)}]", tuple(range(1, len(texts) + 1)))
    models = (Node("Row", {"children": children}), *(div(text) for text in texts))
    return Snapshot(models, ids=tuple(f"1.{node_index}" for node_index in range(len(models))))


def div(text: str) -> Node:
    return Node("Div", {"text": Value(json.dumps(text))})


def say(node_index: int, text: str, weight: int = 0) -> AttributeEdit:
    return AttributeEdit(node_index, "text", Value(json.dumps(text)), size=weight)


def source(*rows: float) -> Snapshot:
    return Snapshot((Node("ColumnDataSource", {}, {"x": numbers(*rows)}),), ids=("1.0",))


def numbers(*rows: float) -> Numbers:
    return Numbers(np.array(rows, float).tobytes(), "float64")


def rows(snapshot: Snapshot) -> list[float]:
    column = (snapshot.nodes[0].columns or {})["x"]
    assert isinstance(column, Numbers | Items)
    return column.to_list()


def texts(snapshot: Snapshot) -> list[str]:
    return [json.loads(node.attributes["text"].text) for node in snapshot.nodes if node.model_type == "Div"]


def test_a_draft_is_made_when_somebody_looks_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counting(*args: Any, **options: Any) -> Snapshot:
        made.append(1)
        return apply_edits(*args, **options)

    monkeypatch.setattr(edits, "apply_edits", counting)
    draft = LazySnapshot(plot("a"), [say(1, "b")])
    later = LazySnapshot(draft, [say(1, "c")])
    assert not made
    assert texts(later.snapshot) == ["c"]
    assert later.snapshot is later.snapshot
    assert len(made) == 1
    assert texts(draft.snapshot) == ["b"]


def test_a_draft_that_came_from_one_that_was_looked_at_goes_on_from_there() -> None:
    first = LazySnapshot(plot("a", "x"), [say(1, "b")])
    assert texts(first.snapshot) == ["b", "x"]
    assert texts(LazySnapshot(first, [say(2, "y")]).snapshot) == ["b", "y"]


def test_drafts_of_one_draft_know_nothing_of_each_other() -> None:
    first = LazySnapshot(plot("a", "x"), [say(1, "b")])
    one, other = LazySnapshot(first, [say(2, "y")]), LazySnapshot(first, [say(2, "z")])
    assert texts(one.snapshot) == ["b", "y"]
    assert texts(other.snapshot) == ["b", "z"]


@pytest.mark.parametrize(
    ("weight", "most"), [(0, edits.MAX_PENDING_EDITS), (edits.MAX_PENDING_BYTES // 4, 4)]
)
def test_what_nobody_looks_at_does_not_pile_up(weight: int, most: int) -> None:
    draft = LazySnapshot(plot("a"), [say(1, "b", weight)])
    for number in range(5000 if weight == 0 else 50):
        draft = LazySnapshot(draft, [say(1, f"{number}", weight)])
        assert draft._pending_count <= most
    assert texts(draft.snapshot) == [f"{number}"]


def look(
    order: list[int], barrier: threading.Barrier, drafts: list[LazySnapshot], found: list[tuple[int, int]]
) -> None:
    barrier.wait(10)
    found.extend((node_index, len(rows(drafts[node_index].snapshot))) for node_index in order)


def test_two_threads_may_look_at_once() -> None:
    for _ in range(50):
        drafts = [LazySnapshot(source(0.0), [GrowthEdit(0, 0, {"x": [1.0]}, {}, 8)])]
        for number in range(40):
            drafts.append(LazySnapshot(drafts[-1], [GrowthEdit(0, 0, {"x": [number + 2.0]}, {}, 8)]))
        barrier = threading.Barrier(2)
        found: list[tuple[int, int]] = []
        threads = [
            threading.Thread(target=look, args=(order, barrier, drafts, found))
            for order in ([40, 20, 39], [10, 38, 40, 19])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 7
        assert all(length == node_index + 2 for node_index, length in found)


def test_models_that_nothing_refers_to_go_and_come_back_as_they_were() -> None:
    one = Value(f"[{PLACEHOLDER}]", (2,))
    both = Value(f"[{PLACEHOLDER},{PLACEHOLDER}]", (2, 1))
    gone = LazySnapshot(plot("a", "b"), [AttributeEdit(0, "children", one)])
    assert texts(gone.snapshot) == ["b"]
    assert gone.snapshot.ids == ("1.0", "1.2")
    assert gone.snapshot.nodes[0].attributes["children"].refs == (1,)
    back = LazySnapshot(gone, [AttributeEdit(0, "children", both)]).snapshot
    assert back.ids == ("1.0", "1.1", "1.2")
    assert back.nodes[0].attributes["children"].refs == (2, 1)


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
