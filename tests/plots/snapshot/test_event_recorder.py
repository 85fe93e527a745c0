"""Events are recorded as edits that give the same page as a new capture, or are not recorded at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import bokeh.models as models
import numpy as np
import pandas as pd
import pytest
from bokeh.core.properties import Int, String
from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent
from bokeh.model import DataModel, Model
from bokeh.models import ColumnDataSource, Div, Row, Title
from bokeh.plotting import figure
from bokeh.themes import Theme
from support.looks import as_json

from bokeh_share.plots.diff.columns import PatchedRows, StreamedRows, diff_columns
from bokeh_share.plots.diff.matching import assign_ids
from bokeh_share.plots.snapshot import column_layout, event_recorder
from bokeh_share.plots.snapshot.capture import MAX_PLOT_BYTES, capture_plot
from bokeh_share.plots.snapshot.edits import MAX_LINEAGE_PATCHES
from bokeh_share.plots.snapshot.event_recorder import EventRecorder
from bokeh_share.plots.snapshot.lazy_snapshot import LazySnapshot
from bokeh_share.plots.snapshot.snapshot import Snapshot
from bokeh_share.plots.snapshot.values import Column, Lineage, Numbers

NO_THEME = Theme(json={})


class RecordedPlot:
    """A plot with the edits that were recorded from its events."""

    def __init__(self, root: Model, *, limit: int = MAX_PLOT_BYTES, theme: Theme = NO_THEME) -> None:
        self.root = root
        self.theme = theme
        captured = capture_plot(root, theme=theme)
        self.lazy: Snapshot | LazySnapshot = assign_ids(captured.snapshot, None, 1)
        self.recorder = EventRecorder(captured, limit)
        self.whole = True
        """True if all changes were recorded as edits."""
        document = Document()
        document.add_root(root)
        document.on_change(self._note)

    def _note(self, event: DocumentChangedEvent) -> None:
        edit = self.recorder.record(event) if self.whole else None
        self.whole = edit is not None
        if edit is not None:
            self.lazy = LazySnapshot(self.lazy, [edit])

    @property
    def now(self) -> Snapshot:
        return self.lazy if isinstance(self.lazy, Snapshot) else self.lazy.snapshot

    def looks_right(self) -> bool:
        """Return True if the recorded edits give the same plot as a capture taken now."""
        return alike(self.now, capture_plot(self.root, theme=self.theme).snapshot)


def alike(now: Snapshot, then: Snapshot) -> bool:
    """Return True if two snapshots show the same, in any order of their models."""
    now, then = assign_ids(now, None, 1), assign_ids(then, None, 1)
    now = assign_ids(now, then, 2)
    return _by_id(now) == _by_id(then) and now.parts == then.parts


def _by_id(snapshot: Snapshot) -> Any:
    def named(node: Any) -> Any:
        return {
            name: (
                value.text,
                tuple(
                    snapshot.ids[placeholder] if isinstance(placeholder, int) else placeholder
                    for placeholder in value.placeholders
                ),
            )
            for name, value in node.attributes.items()
        }

    models = zip(snapshot.ids, snapshot.nodes, strict=True)
    return {id: (node.model_type, named(node), _written(node.columns)) for id, node in models}


def _written(columns: Any) -> Any:
    if columns is None:
        return None
    return {
        name: getattr(column, "to_value", lambda column=column: column)() for name, column in columns.items()
    }


class Watched(RecordedPlot):
    """A data source whose author streams into it and patches it."""

    def __init__(self, **columns: Any) -> None:
        self.source = ColumnDataSource(columns)
        super().__init__(self.source)

    def grown(self) -> bool:
        """Return True if all changes were recorded as edits, and correctly."""
        assert not self.whole or self.looks_right()
        return self.whole

    @property
    def columns(self) -> dict[str, Column]:
        return dict(self.now.nodes[0].columns or {})

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
        (np.arange(9.0), [1, True, np.float32(0.1)]),
        (np.arange(9.0), np.array([0.1], "float32")),
        (np.arange(9.0), np.array([1])),
        (np.arange(9.0, dtype="float32"), np.array([1], "float32")),
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
def test_streamed_rows_are_as_if_captured_again(column: Any, fresh: Any) -> None:
    watched = Watched(x=column)
    watched.source.stream({"x": fresh})
    assert watched.grown()
    watched.source.stream({"x": fresh}, rollover=4)
    assert watched.grown()


@pytest.mark.parametrize(
    ("column", "fresh"),
    [
        (np.arange(9), [0.5]),
        (np.arange(9.0), ["a"]),
        (np.arange(9.0), [None]),
        (np.arange(9.0, dtype="float32"), [0.5]),
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
def test_a_column_that_became_another_kind_is_captured_again(column: Any, fresh: Any) -> None:
    watched = Watched(x=column)
    watched.source.stream({"x": fresh})
    assert not watched.grown()


def test_a_column_that_lost_what_made_it_of_its_kind_is_written_alike() -> None:
    watched = Watched(x=["a", 1, 2])
    watched.source.stream({"x": [3]}, rollover=3)
    assert watched.whole
    captured = capture_plot(watched.source, theme=NO_THEME).snapshot.nodes[0].columns
    assert _written(watched.columns) == _written(captured)


def test_a_column_that_became_empty_is_captured_again() -> None:
    watched = Watched(x=[1, 2])
    watched.source.stream({"x": []}, rollover=0)
    assert not watched.grown()


def test_only_new_rows_are_encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded: list[int] = []
    theirs = column_layout._encode_numbers

    def noting(values: Any, column: Numbers) -> bytes | None:
        encoded.append(len(values))
        return theirs(values, column)

    monkeypatch.setattr(column_layout, "_encode_numbers", noting)
    watched = Watched(x=np.arange(1000.0))
    watched.source.stream({"x": [1.0, 2.0]}, rollover=1000)
    assert watched.grown()
    watched.source.stream({"x": np.array([1.0, 2.0], "float32")}, rollover=1000)
    assert watched.grown()
    assert sum(encoded) == 3  # with the last of those that stayed


def test_a_growth_records_its_lineage_so_that_nobody_has_to_compare() -> None:
    watched = Watched(x=np.arange(1000.0), n=[*range(1000)])
    watched.source.stream({"x": [0.5], "n": [7]})
    assert watched.grown()
    first, before = watched.lineage(), watched.columns
    watched.source.patch({"x": [(10, -1.0)]})
    watched.source.stream({"x": [1.5], "n": [8]}, rollover=1001)
    watched.source.patch({"x": [(3, -3.0), (1000, -9.0)]})
    assert watched.grown()
    then = watched.lineage()
    assert (then.source, then.first_row, then.patched_rows) == (first.source, 1, (4, 10))
    streamed, patched = diff_columns(before, watched.columns)
    assert isinstance(streamed, StreamedRows)
    assert isinstance(patched, PatchedRows)
    assert (streamed.rollover, patched.values) == (1001, {"x": [(3, -3.0), (9, -1.0)]})


def test_after_many_patches_a_column_is_compared_again() -> None:
    watched = Watched(x=np.arange(9.0 * MAX_LINEAGE_PATCHES))
    watched.source.stream({"x": [0.5]})
    assert watched.grown()
    first = watched.lineage().source
    watched.source.patch({"x": [(row, 0.5) for row in range(MAX_LINEAGE_PATCHES)]})
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
def test_patched_rows_are_as_if_captured_again(patch: Any) -> None:
    watched = Watched(x=np.arange(20.0), n=[*range(20)], t=["a"] * 20)
    watched.source.patch(patch)
    assert watched.grown()


def test_rows_patched_and_then_dropped_leave_no_trace() -> None:
    watched = Watched(x=np.arange(20.0))
    watched.source.patch({"x": [(0, 7.5), (1, 7.5)]})
    watched.source.stream({"x": [0.5] * 30}, rollover=20)
    watched.source.patch({"x": [(0, 8.5)]})
    assert watched.grown()
    assert watched.lineage().patched_rows == ()


@pytest.mark.parametrize(
    "patch", [(0, 0.5), (slice(0, 2), [9, 9, 9])], ids=["another kind", "more values than rows"]
)
def test_a_patch_that_changes_kind_or_length_is_captured_again(patch: Any) -> None:
    watched = Watched(n=[*range(20)])
    watched.source.patch({"n": [patch]})
    assert not watched.grown()


def test_rows_that_are_not_where_they_were_are_noticed_at_the_end() -> None:
    """Another thread went on, and its change was not recorded yet."""
    watched = Watched(n=np.arange(20))
    watched.source.data["n"][19] = -1
    watched.source.stream({"n": [20]})
    assert not watched.grown()
    watched = Watched(x=np.arange(20))
    watched.source.stream({"x": [20]})
    dict.__setitem__(watched.source.data, "x", np.arange(30))
    watched.source.stream({"x": [21]})
    assert not watched.grown()


def test_other_columns_than_were_captured_are_captured_again() -> None:
    watched = Watched(x=np.arange(20.0))
    dict.__setitem__(watched.source.data, "y", np.arange(20.0))
    watched.source.stream({"x": [20.0], "y": [20.0]})
    assert not watched.grown()


@pytest.mark.parametrize(
    ("columns", "change"),
    [
        ({"x": [np.zeros(3)] * 3}, lambda source: source.patch({"x": [((0, 1), 7.0)]})),
        ({"x": [[1], [2]]}, lambda source: source.stream({"x": [[3]]})),
        ({}, lambda source: source.stream({"x": [1]})),
    ],
    ids=["an element of an element", "nested lists", "the first columns"],
)
def test_a_change_that_is_no_edit_is_not_recorded(
    columns: Any, change: Callable[[ColumnDataSource], None]
) -> None:
    watched = Watched(**columns)
    change(watched.source)
    assert not watched.whole


def change_of(code: str) -> Any:
    return pytest.param(code, id=code)


@pytest.mark.parametrize(
    "change",
    [
        change_of("p.title.text = 'two'"),
        change_of("p.title.text = '$$x^2$$'"),
        change_of("p.title = Title(text='new')"),
        change_of("p.title = None"),
        change_of("p.title = 'just a text'"),
        change_of("p.width = 700; p.width = 300"),
        change_of("p.output_backend = 'webgl'"),
        change_of("p.tags = [1, 'a', None, math.nan, {'a': [1]}]"),
        change_of("p.tags.append(Title(text='in a list'))"),
        change_of("p.x_range.start = math.inf; p.x_range.start = 3"),
        change_of("p.x_range = Range1d(0, 7)"),
        change_of("r.glyph.size = 9"),
        change_of("r.glyph.size = 'y'"),
        change_of("r.glyph.fill_color = (1, 2, 3)"),
        change_of("r.visible = False"),
        change_of("source.data = {'x': [1], 'y': [2]}"),
        change_of("source.data = {'x': np.arange(9), 'y': np.arange(9.0), 'z': ['a'] * 9}"),
        change_of("source.data['y'] = np.arange(4) * 2.5"),
        change_of(
            "source.data['z'] = ['d', 'c', 'b', 'a']; source.stream({'x': [1], 'y': [2.0], 'z': ['e']})"
        ),
        change_of("source.data['y'] = [[1], [2], [3], [4]]; source.data['y'] = np.arange(4.0)"),
        change_of("source.stream({'x': [9], 'y': [9.0]}); r.glyph.size = 3; source.patch({'y': [(0, 5.0)]})"),
        change_of("source.stream({'x': [9], 'y': [9.0]}); source.data = {'x': [1, 2], 'y': [0.5, 1.5]}"),
        change_of("p.line('x', 'y', source=source)"),
        change_of("p.line([1, 2], [3, 4], legend_label='a'); p.renderers[-1].glyph.line_width = 3"),
        change_of(
            "s = p.line([1, 2], [3, 4]).data_source; s.stream({'x': [5], 'y': [6]}); s.data['x'] = [7] * 3"
        ),
        change_of("p.renderers = []"),
        change_of("r.data_source.selected.indices = [1]; p.x_range = p.y_range"),
        change_of("p.title.text = '$$y$$'; source.data['z'] = ['a'] * 4"),
        change_of("p.wedge(1, 2, radius=1, start_angle=1, end_angle=2).glyph.start_angle_units = 'deg'"),
        change_of("[p.line([1, 2], [3, n]) for n in range(9)]"),
        change_of("p.add_layout(LinearAxis(), 'right'); p.right[0].axis_label = 'right'"),
        change_of("p.add_layout(Label(x=1, y=2, text='a')); p.center[-1].text = 'b'; p.center = []"),
        change_of("p.js_on_change('tags', CustomJS(args={'r': r}, code='0'))"),
        change_of("p.on_change('tags', lambda attr, old, new: None); p.tags = [2]"),
    ],
)
def test_a_plot_with_recorded_edits_is_as_if_captured_again(change: str) -> None:
    p = figure(title="one", width=400)
    source = ColumnDataSource({"x": np.arange(4), "y": np.arange(4.0)})
    r = p.scatter("x", "y", source=source, size=3)
    record = RecordedPlot(Row(children=[p]))
    exec(change, {**vars(models), "math": math, "np": np, "p": p, "r": r, "source": source})
    assert record.whole
    assert record.looks_right()


@pytest.mark.parametrize(
    "change",
    [
        change_of("source.stream({'x': rows, 'y': rows})"),
        change_of("source.stream({'x': array, 'y': array})"),
        change_of("source.stream({'x': rows, 'y': rows}, rollover=2)"),
        change_of("source.patch({'y': [(slice(0, 3), rows)]})"),
        change_of("source.data = {'x': rows, 'y': array}"),
        change_of("source.data['y'] = numbers"),
        change_of("p.tags = [rows, {'a': array}]"),
        change_of("p.scatter(array, rows)"),
    ],
)
def test_a_recorded_edit_stays_unchanged_whatever_the_author_does_to_their_lists_and_arrays(
    change: str,
) -> None:
    """What is sent later, by another thread, must not be what they are then."""
    p = figure()
    source = ColumnDataSource({"x": np.arange(4.0), "y": np.arange(4.0)})
    p.line("x", "y", source=source)
    record = RecordedPlot(p)
    rows, array, numbers = [7.0, 8.0, 9.0], np.array([7.0, 8.0, 9.0]), np.arange(4)
    exec(change, {"p": p, "source": source, "rows": rows, "array": array, "numbers": numbers})
    as_it_was = capture_plot(p, theme=NO_THEME).snapshot
    for column in [*source.data.values(), array, numbers]:
        column[:] = [-1.0] * len(column)
    rows.clear()
    assert record.whole
    assert alike(record.now, as_it_was)


def test_what_came_and_went_again_leaves_nothing() -> None:
    p = figure()
    record = RecordedPlot(p)
    before = len(record.now.nodes)
    for number in range(5):
        p.renderers = []
        p.line([1, 2], [3, number])
        assert record.looks_right()
    assert len(record.now.nodes) == before + 9  # a line is nine models


def test_models_that_come_and_go_without_end_are_captured_again_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(event_recorder, "MAX_ADDED_MODELS", 3)
    p = figure()
    record = RecordedPlot(p)
    for number in range(4):
        p.title = Title(text=f"{number}")
        assert record.whole
    p.title = Title(text="one too many")
    assert not record.whole


def test_new_models_have_ids_that_nobody_had() -> None:
    p = figure()
    record = RecordedPlot(p)
    seen = set(record.now.ids)
    for number in range(3):
        p.title = Title(text=f"{number}")
        (new,) = set(record.now.ids) - seen
        seen.add(new)


def test_a_theme_is_in_what_comes_new() -> None:
    p = figure()
    record = RecordedPlot(p, theme=Theme(json={"attrs": {"Line": {"line_cap": "round"}}}))
    p.line([1], [2])
    assert "round" in str(as_json(record.now))
    assert record.looks_right()


@pytest.mark.parametrize(
    "change",
    [
        change_of("p.renderers = []; r.glyph.line_color = 'red'; p.renderers = [r]"),
        change_of("p.renderers.remove(r); source.data = {'x': [9.0], 'y': [9.0]}; p.renderers.append(r)"),
        change_of("p.renderers = []; set_new_data(); p.line('x', 'y', source=source)"),
        change_of("p.document.hold(); set_new_data(); more(2.0); p.document.unhold()"),
        change_of("p.document.hold(); source.patch({'x': [(2, 9.0)]}); more(2.0, 4); p.document.unhold()"),
        change_of("p.document.hold(); more(2.0); more(3.0, 3); p.document.unhold()"),
        change_of("source.on_change('data', trimmed); more(2.0); more(3.0)"),
        change_of("source.data = {'x': np.ma.array([1.0, 2.0], mask=[0, 1]), 'y': [1.0, 2.0]}; more(3.0)"),
        change_of("source.data = {'x': np.arange(3, dtype='>f8'), 'y': np.arange(3.0)}; more(3.0)"),
        change_of("source.data = {'x': pd.Series([1.0, 2.0]), 'y': pd.Series([1.0, 2.0])}; more(3.0)"),
        change_of("source.data['x'] = pd.Series([1.0] * 4, [3, 2, 1, 0]); source.patch({'x': [(0, 9.0)]})"),
        change_of("xs = [1.0, 2.0]; source.data = {'x': xs, 'y': xs}; more(3.0)"),
        change_of("source.data = {'x': [1.0] * 9, 'y': [1.0] * 9}; uneven()"),
        change_of("source.data['t'] = ['$$x^2$$'] * 4"),
        change_of("source.data['t'] = ['a'] * 4; source.patch({'t': [(0, '$$x^2$$')]})"),
        change_of("source.data['t'] = ['a'] * 4; source.stream({'x': [1.0], 'y': [1.0], 't': ['$$x^2$$']})"),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_recorded_edit_is_right_or_left_to_a_capture(change: str) -> None:
    """Sequences that came out wrong once."""
    p = figure()
    source = ColumnDataSource({"x": np.arange(4.0), "y": np.arange(4.0)})
    r = p.line("x", "y", source=source)
    record = RecordedPlot(p)

    def more(value: float, rollover: int | None = None) -> None:
        source.stream({name: [value] for name in ("x", "y")}, rollover)

    def set_new_data() -> None:
        source.data = {"x": [9.0], "y": [9.0]}

    def trimmed(attr: str, old: Any, new: Any) -> None:
        if len(source.data["x"]) > 4:
            source.data.update({name: column[-4:] for name, column in source.data.items()})

    def uneven() -> None:
        source.patch({"x": [(slice(0, 2), [9.0] * 3), (slice(5, 7), [1.0])]})

    exec(change, {"p": p, "r": r, "source": source, "np": np, "pd": pd} | locals())
    assert not record.whole or record.looks_right()


def test_long_texts_weigh_what_they_are() -> None:
    div = Div(text="")
    record = RecordedPlot(div, limit=capture_plot(div, theme=NO_THEME).snapshot.size + 5000)
    div.text = "x" * 4000
    assert isinstance(record.lazy, LazySnapshot)
    assert record.lazy._pending_bytes >= 4000
    assert record.whole
    div.text = "y" * 4000
    assert not record.whole
    watched = Watched(t=["a", "b"])
    watched.source.stream({"t": ["x" * 4000]})
    watched.source.patch({"t": [(0, "y" * 4000)]})
    assert isinstance(watched.lazy, LazySnapshot)
    assert watched.lazy._pending_bytes >= 8000


class Sample(DataModel):
    text = String("one")
    number = Int(1)


class Odd(Div):
    """A class of the author's that says itself what it is."""

    __subtype__ = "Odd"

    def to_serializable(self, serializer: Any) -> Any:
        return super().to_serializable(serializer)


@pytest.mark.parametrize(
    ("root", "change"),
    [
        (lambda: Div(tags=[]), lambda div: setattr(div, "tags", [Sample()])),
        (lambda: Odd(text="a"), lambda odd: setattr(odd, "text", "b")),
        (
            lambda: ColumnDataSource({"x": [1, 2]}),
            lambda source: source.data.__setitem__("x", [Title(text="a"), Title(text="b")]),
        ),
    ],
    ids=["data models", "a class that serialises itself", "models in a column"],
)
def test_what_only_a_capture_can_show_is_captured_again(
    root: Callable[[], Model], change: Callable[[Model], None]
) -> None:
    record = RecordedPlot(root())
    change(record.root)
    assert not record.whole


def test_what_bokeh_refuses_is_left_to_the_capture_to_report() -> None:
    div = Div(tags=[])
    captured = capture_plot(div, theme=NO_THEME)
    raised: list[bool] = []

    def note(event: DocumentChangedEvent) -> None:
        with pytest.raises(Exception, match="object"):
            EventRecorder(captured, MAX_PLOT_BYTES).record(event)
        raised.append(True)

    document = Document()
    document.add_root(div)
    document.on_change(note)
    div.tags = [object()]
    assert raised == [True]


def test_a_plot_that_grows_too_large_is_not_recorded_further() -> None:
    source = ColumnDataSource({"x": np.arange(100.0)})
    record = RecordedPlot(source, limit=capture_plot(source, theme=NO_THEME).snapshot.size + 1000)
    source.stream({"x": np.arange(100.0)})
    assert record.whole
    source.stream({"x": np.arange(100.0)})
    assert not record.whole


def test_what_takes_the_place_of_something_else_does_not_add_to_its_weight() -> None:
    source = ColumnDataSource({"x": np.arange(100.0), "y": np.arange(100.0)})
    record = RecordedPlot(source, limit=capture_plot(source, theme=NO_THEME).snapshot.size + 1000)
    for number in range(20):
        source.data["x"] = np.arange(100.0) * number
        source.data = {"x": np.arange(100.0), "y": np.arange(100.0) * number}
        source.stream({"x": [1.0] * 10, "y": [1.0] * 10}, rollover=100)
    assert record.whole
    assert record.looks_right()


def test_the_capture_it_began_with_stays_unchanged() -> None:
    watched = Watched(x=np.arange(20.0), t=["a"] * 20)
    before, copied = watched.now, replace(watched.now)
    assert isinstance(before.nodes[0].columns, dict)
    data = dict(before.nodes[0].columns)
    watched.source.stream({"x": [20.0], "t": ["b"]})
    watched.source.patch({"x": [(0, 5.0)]})
    assert watched.grown()
    assert before == copied
    assert before.nodes[0].columns == data


def test_events_about_anything_else_are_not_recorded() -> None:
    div = Div(text="a")
    record = RecordedPlot(div)
    assert div.document is not None
    div.document.title = "t"
    assert not record.whole
