"""What is streamed and patched is taken up without encoding the rest again, or else not at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent
from bokeh.models import ColumnDataSource, Div
from bokeh.themes import Theme

from bokeh_share import growth
from bokeh_share.columns import Patched, Streamed, changes
from bokeh_share.growth import PATCHES, Growth, grown, noted
from bokeh_share.picture import Picture, take
from bokeh_share.values import Column, Lineage, Numbers

NO_THEME = Theme(json={})


class Watched:
    """A data source with notes of what its author does."""

    def __init__(self, **columns: Any) -> None:
        self.source = ColumnDataSource(columns)
        self.picture = take(self.source, theme=NO_THEME)
        self.told = True
        """Whether notes could tell all that was done."""
        self.growths: dict[str, Growth] = {}
        document = Document()
        document.add_root(self.source)
        document.on_change(self._note)

    def _note(self, event: DocumentChangedEvent) -> None:
        self.told = noted(self.growths, self.picture, event) and self.told

    def grown(self) -> Picture | None:
        """The picture after what was done since; the next is made from that."""
        assert self.told
        found = grown(self.picture, self.growths.values())
        if found is not None:
            assert found.snapshot == take(self.source, theme=NO_THEME).snapshot
            self.picture, self.growths = found, {}
        return found

    @property
    def columns(self) -> dict[str, Column]:
        return dict(self.picture.snapshot.models[0].columns or {})

    def lineage(self, name: str = "x") -> Lineage:
        column = self.columns[name]
        assert isinstance(column, Numbers)
        assert column.lineage is not None
        return column.lineage


@pytest.mark.parametrize(
    ("column", "fresh"),
    [
        (np.arange(9.0), [9.5]),
        (np.arange(9.0), np.array([math.nan, -0.0])),
        (np.arange(9), [9]),
        (np.arange(9, dtype="int8"), np.array([9], "int8")),
        (np.array(["2026-01-01"] * 9, "M8[D]"), np.array(["2026-01-02"], "M8[D]")),
        ([0.5] * 9, [math.inf]),
        ([1] * 9, [2]),
        (["a"] * 9, ["b"]),
        ([1, "a", None, True], [2.5]),
        (np.array(["a"] * 9), np.array(["bb"])),
    ],
)
def test_what_is_streamed_is_as_if_pictured_anew(column: Any, fresh: Any) -> None:
    watched = Watched(x=column)
    watched.source.stream({"x": fresh})
    assert watched.grown()
    watched.source.stream({"x": fresh}, rollover=4)
    assert watched.grown()


@pytest.mark.parametrize(
    ("column", "fresh"),
    [
        (np.arange(9), [0.5]),
        (np.arange(9), [2**40]),
        (np.arange(9, dtype="int8"), [9]),
        ([1] * 9, [0.5]),
        ([0.5] * 9, [None]),
        ([1, "a"], [math.inf]),
        ([1, "a"], [math.nan]),
        ([1, "a"], [[1, 2]]),
        ([1, "a"], [2**60]),
        ([], [1]),
        ([0.5] * 9, np.array([0.5])),
    ],
)
@pytest.mark.filterwarnings("ignore:out of range integer")
def test_a_column_that_became_another_kind_is_pictured_anew(column: Any, fresh: Any) -> None:
    watched = Watched(x=column)
    watched.source.stream({"x": fresh})
    assert watched.grown() is None


def test_a_column_that_lost_what_made_it_of_its_kind_is_pictured_anew() -> None:
    watched = Watched(x=["a", 1, 2])
    watched.source.stream({"x": [3]}, rollover=3)
    assert watched.grown() is None
    watched = Watched(x=[1, 2])
    watched.source.stream({"x": []}, rollover=0)
    assert watched.grown() is None


def test_only_new_rows_are_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []
    theirs = growth._encoded

    def noting(values: Any, column: Numbers) -> bytes | None:
        encoded.append(len(values))
        return theirs(values, column)

    monkeypatch.setattr(growth, "_encoded", noting)
    watched = Watched(x=np.arange(1000.0))
    watched.source.stream({"x": [1.0, 2.0]}, rollover=1000)
    assert watched.grown()
    assert sum(encoded) == 4  # with the first and the last of those that stayed


def test_a_growth_tells_how_it_came_about_so_that_nobody_has_to_compare() -> None:
    watched = Watched(x=np.arange(1000.0), n=[*range(1000)])
    watched.source.stream({"x": [0.5], "n": [7]})
    assert watched.grown()
    first, before = watched.lineage(), watched.columns
    watched.source.patch({"x": [(10, -1.0)]})
    watched.source.stream({"x": [1.5], "n": [8]}, rollover=1001)
    watched.source.patch({"x": [(3, -3.0), (1000, -9.0)]})
    assert watched.grown()
    then = watched.lineage()
    assert (then.source, then.start, then.patched) == (first.source, 1, (4, 10))
    streamed, patched = changes(before, watched.columns)
    assert isinstance(streamed, Streamed)
    assert isinstance(patched, Patched)
    assert (streamed.rollover, patched.values) == (1001, {"x": [(3, -3.0), (9, -1.0)]})


def test_after_many_patches_a_column_is_compared_again() -> None:
    watched = Watched(x=np.arange(9.0 * PATCHES))
    watched.source.stream({"x": [0.5]})
    assert watched.grown()
    first = watched.lineage().source
    watched.source.patch({"x": [(row, 0.5) for row in range(PATCHES)]})
    assert watched.grown()
    assert watched.lineage().source is first
    watched.source.patch({"x": [(0, 1.5)]})
    assert watched.grown()
    assert watched.lineage().source is not first


@pytest.mark.parametrize(
    "patch",
    [
        {"x": [(0, 7.5)]},
        {"x": [(slice(2, 4), [7.5, 8.5])], "n": [(19, 3)]},
        {"x": [(slice(0, 6, 3), [7.5, 8.5])]},
        {"t": [(4, "b")]},
        {"x": [(3, math.nan), (3, math.inf)]},
    ],
)
def test_what_is_patched_is_as_if_pictured_anew(patch: Any) -> None:
    watched = Watched(x=np.arange(20.0), n=[*range(20)], t=["a"] * 20)
    watched.source.patch(patch)
    assert watched.grown()


def test_rows_patched_and_then_dropped_leave_no_trace() -> None:
    watched = Watched(x=np.arange(20.0))
    watched.source.patch({"x": [(0, 7.5), (1, 7.5)]})
    watched.source.stream({"x": [0.5] * 30}, rollover=20)
    watched.source.patch({"x": [(0, 8.5)]})
    assert watched.grown()
    assert watched.lineage().patched == ()


@pytest.mark.parametrize(
    "patch", [(0, 0.5), (slice(0, 2), [9, 9, 9])], ids=["another kind", "more values than rows"]
)
def test_a_patch_that_changes_kind_or_length_is_pictured_anew(patch: Any) -> None:
    watched = Watched(n=[*range(20)])
    watched.source.patch({"n": [patch]})
    assert watched.grown() is None


def test_when_many_rows_were_patched_all_is_pictured_anew() -> None:
    watched = Watched(x=np.arange(20.0))
    watched.source.patch({"x": [(row, 0.5) for row in range(5)]})
    assert watched.grown()
    watched.source.patch({"x": [(row, 1.5) for row in range(6)]})
    assert watched.grown() is None


def test_rows_that_are_not_where_they_were_are_noticed_at_the_ends() -> None:
    """Another thread went on, and what it did was not told yet."""
    for changed in (slice(0, 1), slice(19, 20)):
        watched = Watched(x=np.arange(20.0))
        watched.source.stream({"x": [20.0]})
        watched.source.data["x"][changed] = -1
        assert watched.grown() is None
    watched = Watched(x=np.arange(20.0))
    watched.source.stream({"x": [20.0]})
    dict.__setitem__(watched.source.data, "x", np.arange(22.0))
    assert watched.grown() is None


def test_other_columns_than_were_pictured_are_pictured_anew() -> None:
    watched = Watched(x=np.arange(20.0))
    watched.source.stream({"x": [20.0]})
    dict.__setitem__(watched.source.data, "y", np.arange(21.0))
    assert watched.grown() is None


@pytest.mark.parametrize(
    ("columns", "change"),
    [
        ({"x": np.arange(3.0)}, lambda source: source.update(data={"x": np.arange(4.0)})),
        ({"x": np.arange(3.0)}, lambda source: source.update(tags=[1])),
        ({"x": [np.zeros(3)] * 3}, lambda source: source.patch({"x": [((0, 1), 7.0)]})),
        ({"x": [[1], [2]]}, lambda source: source.stream({"x": [[3]]})),
        ({}, lambda source: source.stream({"x": [1]})),
    ],
    ids=["other data", "a property", "an element of an element", "nested lists", "the first columns"],
)
def test_what_notes_cannot_tell_is_said_to_be_so(
    columns: Any, change: Callable[[ColumnDataSource], None]
) -> None:
    watched = Watched(**columns)
    change(watched.source)
    assert not watched.told


def test_a_picture_that_grew_is_not_vouched_for() -> None:
    """What else has changed in place is only seen when all is looked at."""
    watched = Watched(x=np.arange(20.0))
    assert watched.picture.is_still_true()
    watched.source.stream({"x": [20.0]})
    found = watched.grown()
    assert found is not None
    assert not found.is_still_true()


def test_the_picture_it_grew_from_stays_as_it_was() -> None:
    watched = Watched(x=np.arange(20.0), t=["a"] * 20)
    before, copied = watched.picture, replace(watched.picture.snapshot)
    assert isinstance(before.snapshot.models[0].columns, dict)
    data = dict(before.snapshot.models[0].columns)
    watched.source.stream({"x": [20.0], "t": ["b"]})
    watched.source.patch({"x": [(0, 5.0)]})
    assert watched.grown()
    assert before.snapshot == copied
    assert before.snapshot.models[0].columns == data


def test_events_about_anything_else_are_not_told() -> None:
    div = Div(text="a")
    told: list[bool] = []
    document = Document()
    document.add_root(div)
    picture = take(div, theme=NO_THEME)
    document.on_change(lambda event: told.append(noted({}, picture, event)))
    div.text = "b"
    document.title = "t"
    assert told == [False, False]
