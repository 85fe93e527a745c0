"""What is sent for a change: the least, and never more than it is worth."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bokeh.core.properties import Int
from bokeh.layouts import row
from bokeh.model import Model
from bokeh.models import ColumnDataSource, Div, Row
from bokeh.plotting import figure
from bokeh.themes import built_in_themes

from bokeh_share.plots.diff.diff import PlotPatch, diff_snapshots
from bokeh_share.plots.page import Page, Plot, PlotKey
from bokeh_share.plots.page_messages import encode_plot_message
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Node, Snapshot
from bokeh_share.plots.snapshot.values import Value

P = PlotKey("name", "p")
THEME = built_in_themes["caliber"]


def shown(*roots: Any) -> list[Plot]:
    """One plot that was shown as each of these, one after the other."""
    page, plots = Page(), []
    for root in roots:
        page = page.put(
            P, root if isinstance(root, Snapshot) else capture_plot(root, theme=THEME).snapshot, now=0
        )
        plots.append(page.plots[0])
    return plots


def patch(*roots: Any) -> tuple[PlotPatch, Any]:
    """Between the last two states; its events once more as data."""
    *_, before, after = shown(*roots)
    found = diff_snapshots(before.snapshot, after.snapshot)
    return found, json.loads(found.events)


def line(n: int = 5, title: str = "sales", **options: Any) -> Any:
    p = figure(title=title, **options)
    p.line(np.arange(float(n)), np.arange(float(n)) ** 2)
    return p


def test_from_nothing_the_plot_is_sent_whole() -> None:
    (plot,) = shown(line())
    found = diff_snapshots(None, plot.snapshot)
    (event,) = json.loads(found.events)
    assert found.kind == "replace"
    assert (event["kind"], event["model"]["name"]) == ("RootAdded", "Figure")
    assert found.arrays == (np.arange(5.0).tobytes(), (np.arange(5.0) ** 2).tobytes())


def test_for_no_change_there_is_no_event() -> None:
    (plot,) = shown(line())
    nothing = PlotPatch("patch", "[]", (), "[]", frozenset())
    assert diff_snapshots(plot.snapshot, plot.snapshot) == nothing


def test_a_new_title_is_one_property_of_one_model() -> None:
    before, after = shown(line(), line(title="gains"))
    found = diff_snapshots(before.snapshot, after.snapshot)
    title = next(
        id
        for id, node in zip(after.snapshot.ids, after.snapshot.nodes, strict=True)
        if node.model_type == "Title"
    )
    event = {"kind": "ModelChanged", "model": {"id": f"@@{title}"}, "attr": "text", "new": "gains"}
    assert (found.kind, json.loads(found.events), found.arrays) == ("patch", [event], ())


def test_what_is_no_longer_set_gets_its_default() -> None:
    _, events = patch(Div(text="a", width=3, tags=[1]), Div(text="a"))
    assert [(event["attr"], event["new"]) for event in events] == [("tags", []), ("width", None)]


def test_of_what_is_set_to_its_default_by_hand_nothing_is_sent() -> None:
    _, events = patch(Div(text="a", visible=False), Div(text="a", visible=True), Div(text="a"))
    assert events == []


def test_another_plot_is_sent_whole() -> None:
    other = figure(title="costs")
    other.vbar(x=np.arange(3.0) + 100, top=np.arange(3.0) - 70)
    found, (event,) = patch(line(), other)
    assert (found.kind, event["kind"]) == ("replace", "RootAdded")


def test_a_layout_around_a_plot_is_a_new_root_that_refers_to_what_is_there() -> None:
    found, events = patch(line(), row(line(), Div(text="new")))
    assert [event["kind"] for event in events] == ["RootRemoved", "RootAdded"]
    removed, added = (event["model"] for event in events)
    first, second = added["attributes"]["children"]
    assert removed == first == {"id": f"@@{shown(line())[0].snapshot.ids[0]}"}
    assert (added["name"], second["attributes"]["text"]) == ("Row", "new")
    assert (found.kind, found.arrays) == ("redraw", ())


def test_a_renderer_added_brings_only_itself() -> None:
    p = line()
    p.line([1, 2], [3, 4])
    found, (event,) = patch(line(), p)
    old, new = event["new"]
    assert (event["attr"], [*old], new["name"]) == ("renderers", ["id"], "GlyphRenderer")
    assert found.kind == "redraw"


def test_what_can_only_be_new_refers_to_what_is_not() -> None:
    """A logarithmic axis is another model; the data and the other range are unchanged."""
    found, events = patch(line(), line(x_axis_type="log"))
    kinds = {event["attr"] for event in events}
    assert {"x_range", "x_scale", "below"} <= kinds
    assert "y_range" not in kinds
    assert (found.kind, found.arrays) == ("redraw", ())


def test_arrays_that_are_values_of_properties_are_sent_when_they_changed() -> None:
    def tagged(*values: float) -> Row:
        return Row(children=[], tags=[np.array(values)])

    found, (event,) = patch(tagged(1.0), tagged(2.0))
    assert event["new"][0]["array"] == {"type": "bytes", "data": {"id": "@@a0"}}
    assert found.arrays == (np.array([2.0]).tobytes(),)
    assert patch(tagged(np.nan), tagged(np.nan), tagged(np.nan))[1] == []


def stranger(size: int) -> Snapshot:
    """A plot with a model of a kind that nobody knows, such as an extension's."""
    root = Node("Row", {"children": Value('[{"id":"@@"}]', (1,))})
    return Snapshot((root, Node("my.Widget", {"size": Value(str(size)), "tags": Value("[1]")})))


def test_a_change_of_a_model_that_nobody_knows_is_a_redraw() -> None:
    found, (event,) = patch(stranger(1), stranger(2))
    assert (found.kind, event["attr"], event["new"]) == ("redraw", "size", 2)


def test_a_model_that_nobody_knows_is_a_new_one_when_it_is_set_otherwise() -> None:
    """The default of such a property is not known."""
    less = Snapshot((stranger(1).nodes[0], Node("my.Widget", {"size": Value("1")})))
    for before, after in ((stranger(1), less), (less, stranger(1))):
        found, (event,) = patch(before, after)
        assert (found.kind, event["attr"], event["new"][0]["name"]) == ("redraw", "children", "my.Widget")


def test_a_subclass_of_the_authors_is_a_redraw_and_sent_with_its_defaults() -> None:
    class Gauge(Div):
        __view_module__ = "bokeh_share_tests"
        level = Int(default=3)

    try:
        found, (event,) = patch(Gauge(level=4), Gauge())
    finally:
        for name in [name for name, cls in Model.model_class_reverse_map.items() if cls is Gauge]:
            del Model.model_class_reverse_map[name]
    assert (found.kind, event["attr"], event["new"]) == ("redraw", "level", 3)


def test_new_definitions_of_data_models_are_a_redraw() -> None:
    def tagged(defs: str) -> Snapshot:
        return Snapshot((Node("Div", {"text": Value('"a"')}),), defs)

    before, after = shown(tagged("[]"), tagged('[{"type":"model","name":"Amount"}]'))
    found = diff_snapshots(before.snapshot, after.snapshot)
    assert (found.kind, found.events, found.defs) == ("redraw", "[]", after.snapshot.defs)


def test_on_a_version_of_bokeh_that_was_not_tried_all_changes_are_redraws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    states = line(), line(title="gains")
    assert patch(*states)[0].kind == "patch"
    monkeypatch.setattr("bokeh_share.plots.diff.redraw.is_proven", lambda: False)
    found, (event,) = patch(*states)
    assert (found.kind, event["new"]) == ("redraw", "gains")


def test_the_parts_of_bokehjs_that_the_plot_needs_now_are_named() -> None:
    assert patch(row(line()), row(line(), Div(text="a")))[0].parts == {"widgets"}
    assert patch(row(line(), Div(text="a")), row(line()))[0].parts == frozenset()


N = 100_000
X = np.arange(N) / 7
Y = np.sin(X)


def large(
    title: str | None = "sales", label: str = "euros", color: str = "red", slid: int = 0, **options: Any
) -> Any:
    p = figure(title=title, y_axis_label=label, **options)
    p.line("x", "y", color=color, source=ColumnDataSource({"x": X[slid:], "y": Y[slid:]}))
    if title is None:
        p.title = None
    return p


def appended(dropped: int) -> Any:
    p = large()
    p.renderers[0].data_source.data = {"x": np.append(X, 9e9)[dropped:], "y": np.append(Y, 0.5)[dropped:]}
    return p


def one_value() -> Any:
    p = large()
    p.renderers[0].data_source.data = {"x": X, "y": np.concatenate([Y[:70], [9.0], Y[71:]])}
    return p


def one_renderer_more() -> Any:
    p = large()
    p.scatter("x", "y", source=p.renderers[0].data_source)
    return p


@pytest.mark.parametrize(
    ("changed", "kinds", "limit"),
    [
        (lambda: large("gains"), ["ModelChanged"], 500),
        (lambda: large(label="dollars"), ["ModelChanged"], 500),
        (lambda: large(color="blue"), ["ModelChanged"] * 3, 500),
        (lambda: appended(0), ["ColumnsStreamed"], 1000),
        (lambda: appended(1), ["ColumnsStreamed"], 1000),
        (one_value, ["ColumnsPatched"], 1000),
        (lambda: large(None), None, 12_000),
        (lambda: large(x_axis_type="log"), None, 12_000),
        (one_renderer_more, None, 12_000),
    ],
    ids=["title", "label", "colour", "row appended", "window slid", "value", "no title", "log", "renderer"],
)
def test_what_a_change_weighs_on_the_wire_does_not_depend_on_the_data(
    changed: Callable[[], Any], kinds: list[str] | None, limit: int
) -> None:
    before, after = shown(large(), changed())
    found = diff_snapshots(before.snapshot, after.snapshot)
    sent = encode_plot_message("e" * 8, 2, after, found, before.generation)
    assert len(sent) < limit
    if kinds is not None:
        assert [event["kind"] for event in json.loads(found.events)] == kinds
