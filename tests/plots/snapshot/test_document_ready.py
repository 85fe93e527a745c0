"""What documents do in JavaScript when they are drawn, in the plots that it is about."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from bokeh.document import Document
from bokeh.events import ButtonClick, DocumentReady
from bokeh.io import curdoc
from bokeh.io.state import curstate
from bokeh.models import Button, ColumnDataSource, CustomJS, Div, OpenURL, SetValue
from bokeh.themes import Theme
from support.subscriber import Subscriber

from bokeh_share.plots.diff.diff import diff_snapshots
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.document_ready import READY_EVENT, list_ready_scripts
from bokeh_share.plots.snapshot.snapshot import Snapshot
from bokeh_share.plots.tracker import PlotTracker

P, Q = PlotKey("name", "p"), PlotKey("name", "q")
THEME = Theme(json={})


@pytest.fixture(autouse=True)
def _own_document() -> Iterator[None]:
    former = curdoc()
    curstate().document = Document()
    yield
    curstate().document = former


@pytest.fixture
def capture() -> PlotTracker:
    return PlotTracker()


def scripts(snapshot: Snapshot) -> dict[str, list[Any]]:
    """The root's callbacks: by their names, what each runs, or the kind of it."""
    root = snapshot.nodes[0]
    if "js_event_callbacks" not in root.attributes:
        return {}
    value = root.attributes["js_event_callbacks"]
    nodes = iter([snapshot.nodes[ref] for ref in value.refs])
    found = {}
    for name, of_name in json.loads(value.text)["entries"]:
        held = [next(nodes) for _ in of_name]
        found[name] = [
            json.loads(node.attributes["code"].text) if "code" in node.attributes else node.model_type
            for node in held
        ]
    return found


def on(capture: PlotTracker, key: PlotKey = P) -> dict[str, list[Any]]:
    plot = capture.page.find(key)
    assert plot is not None
    return scripts(plot.snapshot)


def test_a_callback_goes_with_the_plots_that_it_mentions_and_one_that_mentions_none_with_all(
    capture: PlotTracker,
) -> None:
    p, q = Div(text="p"), Div(text="q")
    curdoc().js_on_event(DocumentReady, CustomJS(args={"p": p}, code="p"), CustomJS(code="none"))
    curdoc().on_event("document_ready", CustomJS(args={"of": [q]}, code="q"))
    capture.put(P, p)
    capture.put(Q, q)
    assert on(capture) == {READY_EVENT: ["p", "none"]}
    assert on(capture, Q) == {READY_EVENT: ["none", "q"]}


def test_what_else_it_mentions_comes_along(capture: PlotTracker) -> None:
    div, source = Div(text="p"), ColumnDataSource({"x": [1, 2]})
    curdoc().js_on_event(DocumentReady, CustomJS(args={"div": div, "source": source}, code="both"))
    capture.put(P, div)
    plot = capture.page.find(P)
    assert plot is not None
    assert [node.model_type for node in plot.snapshot.nodes][:3] == ["Div", "CustomJS", "ColumnDataSource"]
    source.data["x"][0] = 7
    capture.refresh()
    plot = capture.page.find(P)
    assert plot is not None
    (columns,) = [node.columns for node in plot.snapshot.nodes if node.columns]
    assert columns["x"].to_list() == [7, 2]  # type: ignore[union-attr]


def test_callbacks_of_any_kind_count() -> None:
    div, document = Div(text="p"), Document()
    document.js_on_event(DocumentReady, SetValue(obj=div, attr="text", value="ready"))
    document.js_on_event(DocumentReady, OpenURL(url="https://example.org"))
    snapshot = capture_plot(div, theme=THEME, scripts=list_ready_scripts(document)).snapshot
    assert scripts(snapshot) == {READY_EVENT: ["SetValue", "OpenURL"]}


def test_callbacks_of_the_root_itself_stay(capture: PlotTracker) -> None:
    button = Button(label="p")
    button.js_on_event(ButtonClick, CustomJS(code="clicked"))
    curdoc().js_on_event(DocumentReady, CustomJS(code="none"))
    capture.put(P, button)
    assert on(capture) == {"button_click": ["clicked"], READY_EVENT: ["none"]}
    assert [*button.js_event_callbacks] == ["button_click"]


def test_connections_are_for_apps() -> None:
    div, document = Div(text="p"), Document()
    document.js_on_event("connection_lost", CustomJS(args={"div": div}, code="lost"))
    document.js_on_event("client_reconnected", CustomJS(code="back"))
    document.on_event(DocumentReady, lambda event: None)
    assert list_ready_scripts(document) == []


def test_without_callbacks_a_plot_is_as_ever(capture: PlotTracker) -> None:
    div = Div(text="p")
    capture.put(P, div)
    plot = capture.page.find(P)
    assert plot is not None
    assert plot.snapshot == capture_plot(div, theme=curdoc().theme).snapshot


def test_those_of_a_document_that_owns_the_plot_count_as_well(capture: PlotTracker) -> None:
    div, document, script = Div(text="p"), Document(), CustomJS(code="both")
    document.add_root(div)
    document.js_on_event(DocumentReady, CustomJS(code="its own"), script)
    curdoc().js_on_event(DocumentReady, script, CustomJS(code="current"))
    capture.put(P, div)
    assert on(capture) == {READY_EVENT: ["both", "current", "its own"]}


def test_one_that_is_added_changed_or_taken_away_later_is_found(capture: PlotTracker) -> None:
    capture.put(P, Div(text="p"))
    share = Subscriber(capture)
    script = CustomJS(code="one")
    curdoc().js_on_event(DocumentReady, script)
    capture.refresh()
    assert on(capture) == {READY_EVENT: ["one"]}
    curdoc().js_on_event(DocumentReady, CustomJS(code="more"))
    capture.refresh()
    assert on(capture) == {READY_EVENT: ["one", "more"]}
    script.code = "two"
    capture.refresh()
    assert on(capture) == {READY_EVENT: ["two", "more"]}
    capture.refresh()
    assert len({page.version for page in share.pages}) == 1 + 3
    curdoc().callbacks.js_event_callbacks.clear()
    capture.refresh()
    assert on(capture) == {}


def test_an_event_of_the_roots_own_callbacks_leaves_them_there(capture: PlotTracker) -> None:
    button = Button(label="p")
    curdoc().add_root(button)
    curdoc().js_on_event(DocumentReady, CustomJS(args={"button": button}, code="ready"))
    capture.put(P, button)
    Subscriber(capture)
    button.label = "q"
    assert on(capture) == {READY_EVENT: ["ready"]}
    button.js_on_event(ButtonClick, CustomJS(code="clicked"))
    capture.refresh(dirty_only=True)
    assert on(capture) == {"button_click": ["clicked"], READY_EVENT: ["ready"]}


def test_a_list_carries_them_too(capture: PlotTracker) -> None:
    p, q = Div(text="p"), Div(text="q")
    curdoc().js_on_event(DocumentReady, CustomJS(args={"q": q}, code="q"))
    capture.put(P, [p, q])
    assert on(capture) == {READY_EVENT: ["q"]}


def test_the_same_again_sends_nothing(capture: PlotTracker) -> None:
    def show() -> None:
        curstate().document = Document()
        div = Div(text="p")
        curdoc().js_on_event(DocumentReady, CustomJS(args={"div": div}, code="ready"))
        capture.put(P, div)

    show()
    before = capture.page
    show()
    assert capture.page is before


def test_another_script_is_a_redraw_and_no_patch(capture: PlotTracker) -> None:
    div = Div(text="p")
    script = CustomJS(args={"div": div}, code="one")
    curdoc().js_on_event(DocumentReady, script)
    capture.put(P, div)
    before = capture.page.find(P)
    script.code = "two"
    capture.refresh()
    after = capture.page.find(P)
    assert before is not None
    assert after is not None
    assert diff_snapshots(before.snapshot, after.snapshot).kind == "redraw"
