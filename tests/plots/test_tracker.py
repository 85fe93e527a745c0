from __future__ import annotations

import copy
import gc
import linecache
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.io import curdoc
from bokeh.models import ColumnDataSource, CustomJS, Div, Row
from bokeh.plotting import figure
from bokeh.themes import Theme
from support.looks import as_json
from support.subscriber import Subscriber

from bokeh_share.errors import CannotSerialize
from bokeh_share.plots.diff.columns import PatchedRows, diff_columns
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.tracked_plots import MAX_RECORDED_CHANGES
from bokeh_share.plots.tracker import PlotTracker

P, Q = PlotKey("name", "p"), PlotKey("name", "q")
DARK = Theme(json={"attrs": {"Plot": {"background_fill_color": "#123456"}}})


def text(page: Page, key: PlotKey = P) -> str:
    plot = page.find(key)
    assert plot is not None
    return str(as_json(plot.snapshot)["attributes"]["text"])


@pytest.fixture
def capture() -> PlotTracker:
    return PlotTracker()


@pytest.fixture
def share(capture: PlotTracker) -> Subscriber:
    """While it is there, events are recorded."""
    return Subscriber(capture)


def test_what_is_put_is_on_the_page_in_its_state_at_that_time(
    capture: PlotTracker, share: Subscriber
) -> None:
    div = Div(text="one")
    capture.put(P, div)
    div.text = "two"
    assert text(share.pages[-1]) == "one"


def test_a_change_in_place_is_found_when_one_looks_again(capture: PlotTracker, share: Subscriber) -> None:
    div = Div(text="one")
    capture.put(P, div)
    div.text = "two"
    capture.refresh()
    assert text(share.pages[-1]) == "two"


def test_an_element_assigned_in_an_array_is_found(capture: PlotTracker, share: Subscriber) -> None:
    source = ColumnDataSource({"y": np.zeros(5)})
    p = figure()
    p.line("y", "y", source=source)
    capture.put(P, p)
    source.data["y"][3] = 7
    capture.refresh()
    assert share.pages[-1].plots[0].generation == 2


@pytest.mark.parametrize(
    ("columns", "change"),
    [
        ({"y": np.zeros(5)}, "data['y'][3] = 7"),
        ({"y": np.zeros(5, dtype="int64")}, "data['y'][3] = 7"),
        ({"y": np.zeros(5, dtype="M8[D]")}, "data['y'][3] = np.datetime64('2026-01-01')"),
        ({"y": [1.0, 2.0, 3.0]}, "data['y'][1] = 7.0"),
        ({"y": [1, 2, 3]}, "data['y'][0] = True"),
        ({"y": [[1.0, 2.0], [3.0]]}, "data['y'][1].append(7.0)"),
        ({"y": ["a", "b"]}, "data['y'][1] = 'c'"),
        ({"y": [{"a": 1}, {"a": 2}]}, "data['y'][0]['a'] = 3"),
        ({"y": np.array(["a", "b"])}, "data['y'][1] = 'c'"),
        ({"y": np.array(["a", None], dtype=object)}, "data['y'][1] = 'c'"),
    ],
)
@pytest.mark.parametrize("owned", [True, False])
def test_what_changes_in_place_is_found_whether_or_not_a_document_owns_it(
    capture: PlotTracker, columns: dict[str, Any], change: str, owned: bool
) -> None:
    source = ColumnDataSource(copy.deepcopy(columns))
    row = Row(children=[], tags=[1])
    row.js_property_callbacks = {"change:tags": [CustomJS(args={"source": source}, code="0")]}
    if owned:
        document = Document()
        document.add_root(row)
    capture.put(P, row)
    capture.refresh()
    assert capture.page.plots[0].generation == 1
    exec(change, {"data": source.data, "np": np})
    capture.refresh()
    assert capture.page.plots[0].generation == 2


@pytest.mark.parametrize(
    "change",
    [
        "p.title.text = 'two'",
        "p.width, p.height = 300, 200",
        "p.x_range.start = 5",
        "p.renderers = []",
        "p.tools[0].dimensions = 'width'",
        "source.data['y'] = np.ones(5)",
        "source.data = {'x': np.ones(4), 'y': np.ones(4)}",
        "source.data['z'] = np.ones(5)",
        "p.renderers[0].glyph.line_color = 'red'",
    ],
)
def test_changed_properties_are_sent_before_the_plot_is_captured_again(
    capture: PlotTracker, share: Subscriber, change: str
) -> None:
    source = ColumnDataSource({"x": np.arange(5.0), "y": np.zeros(5)})
    p = figure(title="one")
    p.line("x", "y", source=source)
    capture.put(P, p)
    share.calls.clear()
    exec(change, {"p": p, "source": source, "np": np})
    capture.refresh()
    assert share.calls[0] == "edit"
    assert share.flush_count == 1
    assert {each.version for each in share.pages} == {0, 1, 2}
    another = PlotTracker()
    another.put(P, p)
    assert as_json(capture.page.plots[0].snapshot) == as_json(another.page.plots[0].snapshot)
    share.calls.clear()
    capture.refresh()
    assert share.calls == []


@pytest.mark.parametrize(
    "change",
    [
        "p.title.text = 'o' + 'ne'.lower()",
        "source.data['y'] = np.zeros(5)",
        "source.data = dict(source.data)",
        "p.tags = ['a', 'b'.lower()]",
    ],
)
def test_a_property_that_is_set_to_an_equal_value_publishes_nothing(
    capture: PlotTracker, share: Subscriber, change: str
) -> None:
    source = ColumnDataSource({"x": np.arange(5.0), "y": np.zeros(5)})
    p = figure(title="one", tags=["a", "b"])
    p.line("x", "y", source=source)
    capture.put(P, p)
    exec(change, {"p": p, "source": source, "np": np})
    capture.refresh()
    assert {each.version for each in share.pages} == {0, 1}
    assert capture.page.plots[0].generation == 1


@pytest.mark.parametrize(
    "change",
    [
        "row.tags[0] = object()",
        "del row.tags",
        "row.tags[1][0] = 5",
        "source.data['y'] = [*range(20_000)]",
        "row.children = [Div(text='two')]",
        "row.children = [Div(text='two')]; row.tags = [3]",
        "for column in columns: column.text = 'changed'",
    ],
)
def test_changes_that_are_not_recorded_as_edits_are_found_by_the_capture(
    capture: PlotTracker, share: Subscriber, change: str
) -> None:
    source = ColumnDataSource({"y": [1]})
    columns = [Div() for _ in range(MAX_RECORDED_CHANGES + 1)]
    row = Row(children=[*columns], tags=[1, [2]])
    row.js_property_callbacks = {"change:tags": [CustomJS(args={"source": source}, code="0")]}
    capture.put(P, row)
    share.calls.clear()
    exec(change, {"row": row, "source": source, "Div": Div, "columns": columns})
    capture.refresh()
    assert "edit" not in share.calls
    if not capture.plots.problems:
        another = PlotTracker()
        another.put(P, row)
        assert as_json(capture.page.plots[0].snapshot) == as_json(another.page.plots[0].snapshot)
        assert {each.version for each in share.pages} == {0, 1, 2}
    else:
        assert "tags" in capture.plots.problems[P] or "Row" in capture.plots.problems[P]


def test_looking_again_at_what_a_document_owns_encodes_nothing(
    capture: PlotTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    p = figure()
    p.line(np.arange(5.0), np.arange(5))
    document = Document()
    document.add_root(p)
    capture.put(P, p)
    monkeypatch.setattr(
        "bokeh_share.plots.capturer.capture_plot", lambda *args, **options: pytest.fail("encoded again")
    )
    capture.refresh()


def test_a_change_back_is_found_after_a_capture_failed(
    capture: PlotTracker, share: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    div = Div(text="one")
    capture.put(P, div)
    div.text = "two"
    with monkeypatch.context() as patch:
        patch.setattr(capture.capturer, "capture", raise_cannot_serialize)
        capture.refresh()
    assert text(share.pages[-1]) == "two"
    div.text = "one"
    capture.refresh()
    assert text(share.pages[-1]) == "one"


def raise_cannot_serialize(*args: object, **options: object) -> None:
    raise CannotSerialize("the plot", "a property", "no reason", "no hint")


def test_changes_are_not_recorded_as_edits_when_the_theme_is_another(
    capture: PlotTracker, share: Subscriber
) -> None:
    div = Div(text="one")
    capture.put(P, div)
    share.calls.clear()
    div.text = "two"
    curdoc().theme = DARK
    try:
        curdoc().add_root(div)
        capture.refresh()
        assert "edit" not in share.calls
    finally:
        curdoc().theme = None  # type: ignore[assignment]
        curdoc().clear()


def test_a_new_theme_is_found(capture: PlotTracker) -> None:
    p = figure()
    curdoc().add_root(p)
    capture.put(P, p)
    curdoc().theme = DARK
    try:
        capture.refresh()
        assert "#123456" in str(as_json(capture.page.plots[0].snapshot))
    finally:
        curdoc().theme = None  # type: ignore[assignment]
        curdoc().clear()


def test_refreshing_what_did_not_change_publishes_nothing(capture: PlotTracker, share: Subscriber) -> None:
    div = Div(text="one")
    capture.put(P, div)
    published = len(share.lazy_pages)
    capture.refresh()
    assert len(share.lazy_pages) == published


def owned(*models: Any) -> None:
    document = Document()
    for model in models:
        document.add_root(model)


def test_an_event_changes_only_the_plot_it_is_about(capture: PlotTracker, share: Subscriber) -> None:
    p, q = Div(text="one"), Div(text="one")
    owned(p, q)
    capture.put(P, p)
    capture.put(Q, q)
    share.calls.clear()
    p.text = "two"
    assert share.calls == ["edit"]
    assert text(capture.page, P) == "two"
    assert capture.page is share.pages[-1]
    assert [plot.generation for plot in capture.page.plots] == [2, 1]


def test_what_many_events_tell_is_one_change_to_who_did_not_look_in_between(
    capture: PlotTracker, share: Subscriber
) -> None:
    p = Div(text="0")
    owned(p)
    capture.put(P, p)
    share.calls.clear()
    for number in range(100):
        p.text = f"{number}"
    assert share.calls == ["edit"]
    assert (text(share.pages[-1]), share.pages[-1].plots[0].generation) == ("99", 2)
    assert capture.page is share.pages[-1]
    p.text = "100"
    assert share.calls == ["edit", "edit"]
    assert (text(share.pages[-1]), share.pages[-1].plots[0].generation) == ("100", 3)


def test_a_model_in_two_plots_changes_both(capture: PlotTracker, share: Subscriber) -> None:
    source = ColumnDataSource({"x": np.arange(3.0)})
    p, q = figure(), figure()
    p.line("x", "x", source=source)
    q.scatter("x", "x", source=source)
    owned(p, q)
    capture.put(P, p)
    capture.put(Q, q)
    share.calls.clear()
    source.stream({"x": [3.0]})
    assert [plot.generation for plot in capture.page.plots] == [2, 2]
    assert share.calls == ["edit"]


def test_a_recorded_plot_is_captured_once_more_when_all_are_and_is_the_same(
    capture: PlotTracker, share: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    p = figure()
    p.line([1, 2], [3, 4])
    owned(p)
    capture.put(P, p)
    p.title.text = "edited"  # type: ignore[union-attr]
    page = capture.page
    capture.refresh()
    assert (capture.page.version, capture.page.plots[0].generation) == (page.version, 2)
    monkeypatch.setattr(
        "bokeh_share.plots.capturer.capture_plot", lambda *args, **options: pytest.fail("encoded again")
    )
    capture.refresh()


def test_changes_of_what_came_by_an_event_are_recorded_as_well(
    capture: PlotTracker, share: Subscriber
) -> None:
    row = Row(children=[])
    owned(row)
    capture.put(P, row)
    share.calls.clear()
    row.children = [Div(text="new")]
    assert isinstance(row.children[0], Div)
    assert "new" in str(as_json(capture.page.plots[0].snapshot))
    row.children[0].text = "newer"
    assert share.calls == ["edit", "edit"]
    assert "newer" in str(as_json(capture.page.plots[0].snapshot))


def test_without_a_share_changes_are_found_when_one_looks(capture: PlotTracker) -> None:
    p = Div(text="one")
    owned(p)
    capture.put(P, p)
    p.text = "two"
    assert text(capture.page) == "one"
    capture.refresh(dirty_only=True)
    assert text(capture.page) == "two"


def test_what_changes_while_another_thread_captures_it_is_captured_after_that(
    capture: PlotTracker, share: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    p, q = Div(text="one"), Div(text="one")
    owned(p, q)
    capture.put(P, p)
    capture.put(Q, q)
    taken, go_on = threading.Event(), threading.Event()

    def slowly(*args: Any, **options: Any) -> Any:
        captured = capture_plot(*args, **options)
        taken.set()
        go_on.wait(10)
        return captured

    share.calls.clear()
    p.tags = [1]
    assert share.lazy_pages[-1].page is capture.page
    monkeypatch.setattr("bokeh_share.plots.capturer.capture_plot", slowly)
    thread = threading.Thread(target=capture.put, args=(P, p))
    thread.start()
    taken.wait(10)
    p.text = q.text = "two"
    go_on.set()
    thread.join()
    assert share.calls == ["edit", "dirty", "edit", "page"]
    capture.refresh(dirty_only=True)
    assert [text(capture.page, key) for key in (P, Q)] == ["two", "two"]


def test_the_page_is_paused_at_once_while_another_thread_captures(
    capture: PlotTracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, go_on = threading.Event(), threading.Event()

    def slowly(*args: Any, **options: Any) -> Any:
        taken.set()
        assert go_on.wait(10), "the change of the page waits for the capture"
        return capture_plot(*args, **options)

    monkeypatch.setattr("bokeh_share.plots.capturer.capture_plot", slowly)
    thread = threading.Thread(target=capture.put, args=(P, Div(text="one")))
    thread.start()
    taken.wait(10)
    capture.update_page(lambda page: page.update_paused(7))
    assert (capture.page.paused_since, capture.page.plots) == (7, ())
    go_on.set()
    thread.join()
    assert (capture.page.paused_since, text(capture.page)) == (7, "one"), "neither change is lost"


def test_after_all_were_captured_changes_are_recorded_of_the_right_models(
    capture: PlotTracker, share: Subscriber
) -> None:
    """Models that went had places that others have now."""
    p = figure()
    p.line([1.0, 2.0], [3.0, 4.0])
    others = [p.scatter([1.0, 2.0], [5.0, each]) for each in (6.0, 7.0)]
    owned(p)
    capture.put(P, p)
    p.renderers = [*others]
    capture.refresh()
    others[0].glyph.line_color = "red"  # type: ignore[attr-defined]
    others[1].data_source.stream({"x": [1.0], "y": [2.0]})  # type: ignore[attr-defined]
    another = PlotTracker()
    another.put(P, p)
    assert as_json(capture.page.plots[0].snapshot) == as_json(another.page.plots[0].snapshot)
    assert set(share.calls) == {"page", "edit"}


def test_one_who_is_behind_gets_each_patched_row_in_whatever_order_states_were_made(
    capture: PlotTracker, share: Subscriber
) -> None:
    source = ColumnDataSource({"x": np.arange(20.0)})
    owned(source)
    capture.put(P, source)
    source.stream({"x": [20.0]})
    first = capture.page.plots[0].snapshot
    source.patch({"x": [(5, -5.0)]})
    between = capture.page.plots[0]
    source.patch({"x": [(3, -3.0)]})
    last = capture.page.plots[0].snapshot  # made before the one between
    for before, after in ((first, between.snapshot), (between.snapshot, last), (first, last)):
        then, now = (dict(each.nodes[0].columns or {}) for each in (before, after))
        wanted = np.flatnonzero(then["x"].view_raw_rows() != now["x"].view_raw_rows()).tolist()  # type: ignore[union-attr]
        (change,) = diff_columns(then, now)
        assert isinstance(change, PatchedRows)
        assert [row for row, _ in change.values["x"]] == wanted


@pytest.mark.parametrize("change", ["p.text = 'edited'", "p.tags = [object()]", "p.tags = []"])
def test_a_plot_with_a_problem_stays_unchanged_until_it_can_be_captured(
    capture: PlotTracker, share: Subscriber, change: str
) -> None:
    p = Div(text="good", tags=[object()])
    owned(p)
    p.tags = []
    capture.put(P, p)
    p.tags = [object()]
    capture.refresh()
    assert P in capture.plots.problems
    share.calls.clear()
    exec(change, {"p": p})
    assert share.calls == ["dirty"]
    assert text(capture.page) == "good"


class Interrupt(BaseException):
    """Stands for a KeyboardInterrupt, which would end the tests."""


INTERRUPTED_MODULES = {
    "tracker",
    "tracked_plots",
    "document_listener",
    "page_publisher",
    "lazy_page",
    "capturer",
    "page",
    "edits",
    "lazy_snapshot",
    "event_recorder",
}


class Interrupting:
    """Raises at the n-th line that runs in a block, of the code between what the author does and the page."""

    def __init__(self, line: int) -> None:
        self.left = line

    def __enter__(self) -> Interrupting:
        sys.settrace(self._trace)
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        sys.settrace(None)
        return isinstance(error, Interrupt)

    def _trace(self, frame: Any, event: str, arg: Any) -> Any:
        if Path(frame.f_code.co_filename).stem not in INTERRUPTED_MODULES:
            return None
        line = linecache.getline(frame.f_code.co_filename, frame.f_lineno)
        # an interrupt never comes between a block and its end, which a trace would
        if event == "line" and not line.lstrip().startswith("with "):
            self.left -= 1
            if self.left == 0:
                raise Interrupt
        return self._trace


def test_an_interrupt_at_any_moment_loses_nothing() -> None:
    """After it, the author goes on in the same cell; when that has ended, the page is right."""
    interrupted, line = True, 0
    while interrupted:
        line += 1
        capture = PlotTracker()
        share = Subscriber(capture)
        source = ColumnDataSource({"x": np.arange(3.0)})
        row = Row(children=[Div(text="one")])
        row.js_on_change("tags", CustomJS(args={"source": source}, code="0"))
        owned(row)
        capture.put(P, row)
        with Interrupting(line) as interruption:
            row.children = [Div(text="two")]
            source.stream({"x": [3.0]})
            capture.page.plots[0].snapshot  # noqa: B018  # somebody looks
            capture.put(P, row)
        interrupted = interruption.left <= 0
        row.children = [*row.children, Div(text="after")]
        source.stream({"x": [4.0]})
        assert capture.page.plots[0].snapshot.nodes
        capture.put(P, row)
        capture.refresh()
        another = PlotTracker()
        another.put(P, row)
        assert as_json(capture.page.plots[0].snapshot) == as_json(another.page.plots[0].snapshot), line
        assert share.pages[-1] is capture.page, line
    assert line > 100


def test_a_model_that_gets_an_owner_later_is_listened_to_from_then_on(
    capture: PlotTracker, share: Subscriber
) -> None:
    p = Div(text="one")
    capture.put(P, p)
    owned(p)
    capture.refresh()
    share.calls.clear()
    p.text = "two"
    assert share.calls == ["edit"]


def test_a_part_that_changes_is_found_also_when_nobody_kept_the_layout_around_it(
    capture: PlotTracker,
) -> None:
    div = Div(text="one")
    capture.put(P, Row(children=[div]))
    gc.collect()
    div.text = "two"
    capture.refresh()
    assert "two" in str(as_json(capture.page.plots[0].snapshot))


def test_models_that_left_the_page_are_not_kept_alive(capture: PlotTracker) -> None:
    div = Div(text="one")
    alive = weakref.ref(div)
    capture.put(P, div)
    capture.put(P, Div(text="two"))
    del div
    gc.collect()
    assert alive() is None


def test_a_list_is_one_plot_and_is_looked_at_again(capture: PlotTracker) -> None:
    p, q = Div(text="p"), Div(text="q")
    capture.put(P, [p, q])
    q.text = "new"
    gc.collect()
    capture.refresh()
    children = as_json(capture.page.plots[0].snapshot)["attributes"]["children"]
    assert [child["attributes"]["text"] for child in children] == ["p", "new"]
    assert p.document is None


def test_a_plot_that_fails_keeps_its_last_good_state_and_says_why(
    capture: PlotTracker, share: Subscriber
) -> None:
    div = Div(text="good")
    capture.put(P, div)
    div.tags = [object()]
    share.calls.clear()
    capture.refresh()
    assert share.calls == ["problem"]
    assert text(share.pages[-1]) == "good"
    assert "Div.tags" in capture.plots.problems[P]
    with pytest.raises(CannotSerialize):
        capture.put(P, div)
    div.tags = []
    capture.refresh()
    assert not capture.plots.problems


def test_what_is_removed_is_forgotten_with_its_problem(capture: PlotTracker) -> None:
    div = Div(text="good")
    capture.put(P, div)
    div.tags = [object()]
    capture.refresh()
    capture.remove(lambda key: key == P)
    assert not capture.page.plots
    assert not capture.plots.problems
    assert not capture.plots.list_keys(div)


def test_closing_takes_back_what_was_added_to_documents(capture: PlotTracker) -> None:
    document = Document()
    div = Div(text="one")
    document.add_root(div)
    before = dict(document.callbacks._change_callbacks)
    capture.put(P, div)
    assert dict(document.callbacks._change_callbacks) != before
    capture.close()
    assert dict(document.callbacks._change_callbacks) == before


def test_the_current_documents_theme_is_in_the_capture(capture: PlotTracker) -> None:
    curdoc().theme = DARK
    try:
        capture.put(P, figure())
    finally:
        curdoc().theme = None  # type: ignore[assignment]
    attributes = as_json(capture.page.plots[0].snapshot)["attributes"]
    assert attributes["background_fill_color"] == "#123456"


def test_a_change_of_what_another_thread_has_just_taken_off_the_page_is_nobodys(
    capture: PlotTracker, share: Subscriber, monkeypatch: pytest.MonkeyPatch
) -> None:
    p = Div(text="one")
    owned(p)
    capture.put(P, p)
    stale = capture.plots.list_model_keys(p.id)
    capture.remove(lambda key: key == P)
    monkeypatch.setattr(capture.plots, "list_model_keys", lambda id: stale)
    p.text = "two"
    assert capture.page.plots == ()
    assert not capture.plots.dirty
