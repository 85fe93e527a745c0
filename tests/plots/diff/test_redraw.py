"""What BokehJS redraws rightly is left to it, and what it does not is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bokeh.layouts import column
from bokeh.model import Model
from bokeh.models import (
    Arrow,
    BoxSelectTool,
    ColumnDataSource,
    CustomJS,
    CustomJSFilter,
    DataTable,
    HoverTool,
    Jitter,
    Label,
    LassoSelectTool,
    LinearColorMapper,
    PlainText,
    PointDrawTool,
    Scatter,
    SetValue,
    Slider,
    TableColumn,
    TapTool,
    Title,
    UndoTool,
)
from bokeh.models import Node as FrameNode
from bokeh.plotting import figure
from bokeh.themes import default
from bokeh.transform import transform

from bokeh_share.plots.diff.diff import diff_snapshots
from bokeh_share.plots.diff.redraw import is_proven
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Node, Snapshot
from bokeh_share.plots.snapshot.values import Value

KEY = PlotKey("name", "p")
STEPS = np.arange(4.0)


def kind(before: Model, after: Model) -> str:
    """The kind of patch that brings a viewer of the first to the second."""
    page = Page()
    snapshots = []
    for model in (before, after):
        page = page.put(KEY, capture_plot(model, theme=default).snapshot, now=0)
        snapshots.append(page.plots[0].snapshot)
    return diff_snapshots(*snapshots).kind


def plot(color: Any = "teal", *, title: str = "Sales", steps: Any = STEPS, **options: Any) -> figure:
    p = figure(title=title, **options)
    p.scatter("x", "y", color=color, source=ColumnDataSource({"x": steps, "y": steps**2}))
    return p


Change = Callable[[figure], object]


def changed(change: Change, both: Change = lambda p: None) -> str:
    """The kind of patch for one change of a plot, of which both states are otherwise as `both` makes them."""
    before, after = plot(), plot()
    both(before)
    both(after)
    change(after)
    return kind(before, after)


def glyph(p: figure) -> Scatter:
    return p.renderers[0].glyph


def test_a_title_a_colour_and_rows_are_live() -> None:
    assert kind(plot(), plot(title="Gains")) == "patch"
    assert kind(plot("teal"), plot("navy")) == "patch"
    assert kind(plot(), plot(steps=np.arange(6.0))) == "patch"


@pytest.mark.parametrize(
    "title", ["", "   ", "two\nlines", "$$x^2$$", r"\(x\)", "12", "2e3", "e", "\u22121.5", "-"]
)
def test_a_text_that_may_take_other_room_is_not(title: str) -> None:
    assert kind(plot(), plot(title=title)) == "redraw"
    assert kind(plot(title=title), plot()) == "redraw"


@pytest.mark.parametrize("title", ["2e3 kg", "売上", "null", 'the "field"', "C:\\new", "a \u2212 b"])
def test_another_text_of_one_line_is(title: str) -> None:
    assert kind(plot(), plot(title=title)) == "patch"
    assert kind(plot(title=title), plot()) == "patch"


def test_a_label_s_text_is_not_where_a_plot_makes_room_for_it() -> None:
    def kind_at(place: str, change: Callable[[Label], object]) -> str:
        def both(p: figure) -> None:
            p.add_layout(Label(x=1, y=1, text="here"), place)

        return changed(lambda p: change(p.select_one(Label)), both)

    assert kind_at("center", lambda label: label.update(text="here, or there")) == "patch"
    assert kind_at("left", lambda label: label.update(text="here, or there")) == "redraw"
    assert kind_at("left", lambda label: label.update(text_color="red")) == "patch"


def test_what_comes_or_goes_is_not() -> None:
    assert changed(lambda p: p.xaxis.update(axis_label="Month")) == "redraw"
    assert changed(lambda p: p.update(title=None)) == "redraw"
    assert changed(lambda p: p.update(outline_line_color=None)) == "redraw"
    assert changed(lambda p: p.update(outline_line_color="red"), without_outline) == "redraw"
    assert changed(lambda p: glyph(p).update(line_color=None)) == "redraw"
    assert changed(lambda p: glyph(p).update(line_color="red"), without_lines) == "redraw"


def without_outline(p: figure) -> None:
    p.outline_line_color = None


def without_lines(p: figure) -> None:
    glyph(p).line_color = None


def test_what_refers_to_models_is_not() -> None:
    assert changed(lambda p: p.xaxis.update(axis_label=PlainText(text="Month")), with_label) == "redraw"

    def labelled(x: Any) -> figure:
        p = plot()
        p.add_layout(Label(x=x, y=1, text="here"))
        return p

    assert kind(labelled(1), labelled(2)) == "patch"
    assert kind(labelled(1), labelled(FrameNode(target="frame", symbol="left"))) == "redraw"


def with_label(p: figure) -> None:
    p.xaxis.axis_label = "Year"


def test_what_is_not_known_is_not() -> None:
    assert changed(lambda p: p.update(match_aspect=True)) == "redraw"
    assert changed(lambda p: glyph(p).update(size=9)) == "redraw"
    assert changed(lambda p: p.x_range.update(start=2)) == "redraw"


def test_a_model_of_an_author_s_own_is_not() -> None:
    before, after = (
        Snapshot((Node("my.Title", {"text": Value(f'"{text}"')}),), ids=("a",)) for text in ("Sales", "Gains")
    )
    assert diff_snapshots(before, after).kind == "redraw"


def test_a_hatch_is_only_where_no_pattern_shows_it() -> None:
    def bars(color: str, pattern: str | None) -> figure:
        p = figure()
        p.vbar([1, 2], top=[1, 2], width=0.5, color=color, hatch_pattern=pattern)
        return p

    assert kind(bars("teal", None), bars("navy", None)) == "patch"
    assert kind(bars("teal", "x"), bars("navy", "x")) == "redraw"


def test_a_colour_that_differs_from_row_to_row_is_not() -> None:
    assert kind(plot("teal"), plot({"field": "y"})) == "redraw"
    assert kind(plot({"field": "y"}), plot("teal")) == "redraw"
    mapper = LinearColorMapper("Viridis256", low=0, high=9)
    assert kind(plot(transform("x", mapper)), plot(transform("y", mapper))) == "redraw"


def test_another_look_of_the_muted_that_is_derived_from_the_glyph_is_not() -> None:
    assert changed(recolor, lambda p: p.renderers[0].update(muted_glyph="auto")) == "redraw"


def recolor(p: figure) -> None:
    for name in ("line_color", "fill_color", "hatch_color"):
        glyph(p).update(**{name: "navy"})


def test_another_look_of_the_selected_that_is_derived_is_not_where_something_selects() -> None:
    assert changed(recolor) == "patch"
    assert changed(recolor, lambda p: p.add_tools(HoverTool(), UndoTool())) == "patch"
    for tool in (BoxSelectTool, LassoSelectTool, TapTool):
        assert changed(recolor, lambda p, tool=tool: p.add_tools(tool())) == "redraw"
    assert changed(recolor, lambda p: p.add_tools(PointDrawTool(renderers=p.renderers))) == "redraw"
    assert changed(recolor, lambda p: p.renderers[0].data_source.selected.update(indices=[1])) == "redraw"
    for callback in (script(), SetValue(Title(), "text", "tapped")):
        assert changed(recolor, lambda p, callback=callback: p.js_on_event("tap", callback)) == "redraw"

    def with_table(color: str) -> Model:
        p = plot(color)
        return column(p, DataTable(source=p.renderers[0].data_source, columns=[TableColumn(field="x")]))

    assert kind(with_table("teal"), with_table("navy")) == "redraw"


def test_where_each_look_is_given_whatever_selects_may_be_there() -> None:
    def made(color: str) -> figure:
        p = figure(tools="tap")
        p.scatter(STEPS, STEPS, color=color, selection_color="red")
        return p

    assert kind(made("teal"), made("navy")) == "patch"


@pytest.mark.parametrize(("backend", "wanted"), [("canvas", "patch"), ("webgl", "patch"), ("svg", "redraw")])
def test_only_what_is_drawn_on_a_canvas_is(backend: str, wanted: str) -> None:
    assert kind(plot(output_backend=backend), plot("navy", output_backend=backend)) == wanted
    longer = plot(output_backend=backend, steps=np.arange(6.0))
    assert kind(plot(output_backend=backend), longer) == wanted


def test_another_backend_is_not() -> None:
    assert kind(plot(), plot(output_backend="webgl")) == "redraw"


def script() -> CustomJS:
    return CustomJS(code="document.title = 'changed'")


def test_what_a_script_listens_to_is_not() -> None:
    assert changed(
        lambda p: p.title.update(text="Gains"), lambda p: p.title.js_on_change("text", script())
    ) == ("redraw")
    assert changed(
        lambda p: p.update(background_fill_color="red"), lambda p: p.js_on_event("tap", script())
    ) == ("redraw")
    for listened in (lambda p: p, lambda p: p.x_range, lambda p: p.renderers[0].data_source):

        def both(p: figure, listened: Any = listened) -> None:
            listened(p).js_on_change("change", script())

        assert changed(more, both) == "redraw"


def test_a_script_that_only_reads_the_data_keeps_nothing_from_being_live() -> None:
    def both(p: figure) -> None:
        source = p.renderers[0].data_source
        p.js_on_event("tap", CustomJS(args={"source": source}, code="console.log(source)"))

    assert changed(lambda p: p.renderers[0].data_source.stream({"x": [4.0], "y": [16.0]}), both) == "patch"


def test_a_script_of_a_widget_keeps_no_data_from_being_live() -> None:
    def with_slider(rows: float) -> Model:
        slider = Slider(start=0, end=9, value=3)
        p = plot(steps=np.arange(rows))
        slider.js_on_change("value", CustomJS(args={"source": p.renderers[0].data_source}, code="source"))
        return column(slider, p)

    assert kind(with_slider(4.0), with_slider(6.0)) == "patch"


def test_where_something_else_draws_from_the_data_as_well_it_is_not_live() -> None:
    assert changed(more, lambda p: p.add_layout(Arrow(source=p.renderers[0].data_source))) == "redraw"

    def jittered(p: figure) -> None:
        glyph(p).x = transform("x", Jitter(width=0.1))

    assert changed(more, jittered) == "redraw"

    def chosen(p: figure) -> None:
        p.renderers[0].view.filter = CustomJSFilter(code="return [0]")

    assert changed(more, chosen) == "redraw"


def more(p: figure) -> None:
    p.renderers[0].data_source.data = {"x": np.arange(6.0), "y": np.arange(6.0)}


def test_a_mapper_without_limits_does_not_follow_the_data() -> None:
    for limits, found in (({}, "redraw"), ({"low": 0}, "redraw"), ({"low": 0, "high": 9}, "patch")):
        before, after = (
            plot(transform("y", LinearColorMapper("Viridis256", **limits)), steps=np.arange(rows))
            for rows in (4.0, 6.0)
        )
        assert kind(before, after) == found


def test_a_table_does_not_follow_the_data() -> None:
    before, after = (
        DataTable(source=ColumnDataSource({"x": np.arange(rows)}), columns=[TableColumn(field="x")])
        for rows in (4.0, 6.0)
    )
    assert kind(before, after) == "redraw"


@pytest.mark.parametrize(
    ("version", "proven"),
    [
        ("3.9.2", True),
        ("3.10.0", True),
        ("3.10.0rc1", True),
        ("3.1.0", False),
        ("3.11.0", False),
        ("4.0", False),
    ],
)
def test_a_version_is_proven_whatever_its_patches(version: str, proven: bool) -> None:
    assert is_proven(version) == proven


def test_on_a_version_that_is_not_proven_nothing_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bokeh_share.plots.diff.redraw.is_proven", lambda: False)
    assert kind(plot(), plot(title="Gains")) == "redraw"
    assert kind(plot(), plot(steps=np.arange(6.0))) == "redraw"
