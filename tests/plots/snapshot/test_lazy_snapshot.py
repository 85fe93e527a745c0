"""The snapshots that nobody has looked at yet."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from support.plain_snapshots import plot, rows, say, source

from bokeh_share.plots.snapshot import lazy_snapshot
from bokeh_share.plots.snapshot.edits import AttributeEdit, GrowthEdit, apply_edits
from bokeh_share.plots.snapshot.lazy_snapshot import LazySnapshot
from bokeh_share.plots.snapshot.snapshot import Snapshot
from bokeh_share.plots.snapshot.values import PLACEHOLDER, Value


def texts(snapshot: Snapshot) -> list[str]:
    return [json.loads(node.attributes["text"].text) for node in snapshot.nodes if node.model_type == "Div"]


def test_a_draft_is_made_when_somebody_looks_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counting(*args: Any, **options: Any) -> Snapshot:
        made.append(1)
        return apply_edits(*args, **options)

    monkeypatch.setattr(lazy_snapshot, "apply_edits", counting)
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
    ("weight", "most"), [(0, lazy_snapshot.MAX_PENDING_EDITS), (lazy_snapshot.MAX_PENDING_BYTES // 4, 4)]
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
