"""What a colleague did to a plot is still there after the author has run the cell again."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from bokeh.layouts import column, row
from bokeh.models import (
    ColumnDataSource,
    CustomJS,
    DataTable,
    GeoJSONDataSource,
    Select,
    Slider,
    TableColumn,
    TabPanel,
    Tabs,
    TextInput,
)
from bokeh.plotting import figure
from playwright.sync_api import Browser, expect
from support.colleague import Author, Colleague

PATCH_KINDS = pytest.mark.parametrize("patch_kind", ["patch", "redraw", "whole"])
"""How the change comes: drawn by BokehJS itself, redrawn, or all of it for one who fell behind."""

REDRAW_KINDS = pytest.mark.parametrize("patch_kind", ["redraw", "whole"])

VIEWPORT = ".slick-viewport-top.slick-viewport-left"
MODEL = """(kind) => [...Bokeh.documents.at(-1)._all_models.values()].find((model) => model.type === kind)"""


@pytest.fixture(scope="module")
def colleague(browser: Browser) -> Iterator[Colleague]:
    colleague = Colleague(browser)
    yield colleague
    colleague.close()


def catch_up(colleague: Colleague) -> None:
    colleague.deliver()
    colleague.until_drawn()


@contextmanager
def watching(colleague: Colleague, author: Author) -> Iterator[None]:
    with colleague.watching(author):
        colleague.until_drawn()
        yield


def evaluate_in(colleague: Colleague, kind: str, what: str) -> Any:
    """A property of the first model of this kind, as the browser has it."""
    return colleague.page.evaluate(f"(kind) => {{ const model = ({MODEL})(kind); return {what}; }}", kind)


def again(author: Author, colleague: Colleague, patch_kind: str, make: Callable[[str, bool], Any]) -> None:
    """Show the plot again with another title, with this kind of patch."""
    if patch_kind == "whole":
        colleague.fall_behind()
    author.show(make("after", patch_kind != "patch"))
    catch_up(colleague)
    assert set(colleague.titles()) == {"after"}
    assert colleague.troubles == []


def titled(p: Any, text: str, redrawn: bool) -> Any:
    """With this title; `redrawn` changes its font too, which BokehJS does not redraw correctly."""
    p.title.text = text
    p.title.text_font_size = "20px" if redrawn else "12px"
    return p


def lines(text: str = "before", redrawn: bool = False, **options: Any) -> Any:
    p = titled(figure(width=300, height=250, tools="pan,box_zoom,wheel_zoom,reset,tap,help"), text, redrawn)
    p.line([1, 2, 3], [1, 4, 9], legend_label="one", **options)
    p.line([1, 2, 3], [9, 4, 1], legend_label="two", color="red")
    p.legend.click_policy = "hide"
    return p


@PATCH_KINDS
def test_the_tool_that_was_chosen(colleague: Colleague, patch_kind: str) -> None:
    author = Author()
    author.show(lines())
    with watching(colleague, author):
        colleague.page.get_by_title("Box Zoom").click()
        assert evaluate_in(colleague, "BoxZoomTool", "model.active")
        again(author, colleague, patch_kind, lines)
        assert evaluate_in(colleague, "BoxZoomTool", "model.active")
        assert not evaluate_in(colleague, "PanTool", "model.active")


@PATCH_KINDS
def test_a_line_that_was_hidden_in_the_legend(colleague: Colleague, patch_kind: str) -> None:
    author = Author()
    author.show(lines())
    with watching(colleague, author):
        colleague.page.locator(".bk-LegendItem, .bk-legend-item, [class*=item]").first.click()
        assert evaluate_in(colleague, "GlyphRenderer", "model.visible") is False
        again(author, colleague, patch_kind, lines)
        assert evaluate_in(colleague, "GlyphRenderer", "model.visible") is False


@PATCH_KINDS
def test_the_tab_that_is_open(colleague: Colleague, patch_kind: str) -> None:
    def make(text: str, redrawn: bool = False) -> Any:
        panels = [TabPanel(child=lines(text), title="x"), TabPanel(child=lines(text, redrawn), title="y")]
        return Tabs(tabs=panels)

    author = Author()
    author.show(make("before"))
    with watching(colleague, author):
        colleague.page.get_by_text("y", exact=True).click()
        assert evaluate_in(colleague, "Tabs", "model.active") == 1
        again(author, colleague, patch_kind, make)
        assert evaluate_in(colleague, "Tabs", "model.active") == 1


@PATCH_KINDS
def test_what_was_set_in_widgets_and_what_their_scripts_did(colleague: Colleague, patch_kind: str) -> None:
    def make(text: str, redrawn: bool = False) -> Any:
        p = lines(text, redrawn, line_width=1)
        slider = Slider(start=1, end=9, value=1, title="width")
        slider.js_on_change(
            "value", CustomJS(args={"g": p.renderers[0].glyph}, code="g.line_width = this.value")
        )
        return column(slider, Select(options=["a", "b"], value="a"), TextInput(value="t"), p)

    author = Author()
    author.show(make("before"))
    with watching(colleague, author):
        colleague.page.get_by_role("combobox").select_option("b")
        colleague.page.get_by_role("textbox").fill("typed")
        colleague.page.get_by_role("textbox").press("Enter")
        colleague.page.locator(".noUi-handle").press("ArrowRight")
        assert evaluate_in(colleague, "Line", "model.line_width.value ?? model.line_width") not in (1, None)
        width = evaluate_in(colleague, "Line", "model.line_width")
        again(author, colleague, patch_kind, make)
        assert evaluate_in(colleague, "Select", "model.value") == "b"
        assert evaluate_in(colleague, "TextInput", "model.value") == "typed"
        assert evaluate_in(colleague, "Slider", "model.value") > 1
        assert evaluate_in(colleague, "Line", "model.line_width") == width


def test_what_the_author_sets_goes_before_what_a_colleague_set(colleague: Colleague) -> None:
    author = Author()
    author.show(column(Slider(start=1, end=9, value=1), lines()))
    with watching(colleague, author):
        colleague.page.locator(".noUi-handle").press("ArrowRight")
        author.show(column(Slider(start=1, end=9, value=7), lines("after", True)))
        catch_up(colleague)
        assert evaluate_in(colleague, "Slider", "model.value") == 7


def table(text: str, redrawn: bool, rows: int = 60) -> Any:
    source = ColumnDataSource({"a": np.arange(rows), "b": np.arange(rows)[::-1] * 1.0})
    columns = [TableColumn(field="a", title="A"), TableColumn(field="b", title="B")]
    return column(DataTable(source=source, columns=columns, width=300, height=200), lines(text, redrawn))


@PATCH_KINDS
def test_how_a_table_is_sorted_and_scrolled(colleague: Colleague, patch_kind: str) -> None:
    def first() -> str:
        return colleague.page.locator(".slick-row").first.inner_text().replace("\n", " ").strip()

    author = Author()
    author.show(table("before", False))
    with watching(colleague, author):
        colleague.page.locator(".slick-header-column", has_text="B").click()
        assert first().split()[-1] == "0"
        colleague.page.locator(VIEWPORT).evaluate("(view) => { view.scrollTop = 500 }")
        again(author, colleague, patch_kind, lambda text, redrawn: table(text, redrawn, 61))
        assert colleague.page.locator(VIEWPORT).evaluate("(view) => view.scrollTop") == 500
        colleague.page.locator(VIEWPORT).evaluate("(view) => { view.scrollTop = 0 }")
        expect(colleague.page.locator(".slick-row").first).to_have_text(re.compile(r"\D0$|00$"))


SCROLL_AFTER_PATCH = """(viewport) => {
    const { prototype } = Bokeh.require("document/document").Document;
    const { apply_json_patch: apply } = prototype;
    prototype.apply_json_patch = function (...args) {
        prototype.apply_json_patch = apply;
        apply.call(this, ...args);
        Promise.resolve().then(() => { viewport.scrollTop = 300; });
    };
}"""
"""Scrolls the table before the views have followed the next patch."""


def test_a_table_that_is_scrolled_while_the_plot_beside_it_changes_stays_there(colleague: Colleague) -> None:
    author = Author()
    author.show(table("before", False))
    with watching(colleague, author):
        viewport = colleague.page.locator(VIEWPORT)
        viewport.evaluate("(view) => { view.scrollTop = 500 }")
        viewport.evaluate(SCROLL_AFTER_PATCH)
        author.show(table("after", False))
        catch_up(colleague)
        assert colleague.patch_kinds == ["patch"]
        assert viewport.evaluate("(view) => view.scrollTop") == 300
        assert colleague.troubles == []


def dots(text: str, redrawn: bool, start: int = 0, stop: int = 20, shuffled: bool = False) -> Any:
    p = titled(figure(width=300, height=250, tools="tap,pan,reset"), text, redrawn)
    rows = np.arange(start, stop, dtype=float)
    rows = np.random.default_rng(5).permutation(rows) if shuffled else rows
    p.scatter("x", "y", size=9, source=ColumnDataSource({"x": rows, "y": rows % 7}))
    return p


KEYBOARD = """() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at?.className;
}"""
SELECT = """(rows) => {
    const models = [...Bokeh.documents.at(-1)._all_models.values()];
    models.find(({ selected }) => selected).selected.indices = rows;
}"""
SELECTED = """(({ data, selected }) => {
    const x = data instanceof Map ? data.get("x") : data.x;
    return selected.indices.map((index) => x[index]).sort((one, other) => one - other);
})(model)"""


@PATCH_KINDS
@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({}, [2, 7]),
        ({"stop": 25}, [2, 7]),
        ({"start": 1, "stop": 21}, [2, 7]),
        ({"start": 4, "stop": 24}, [7]),
        ({"start": -3, "stop": 20}, [2, 7]),
        ({"start": 5, "stop": 12}, [7]),
        ({"shuffled": True}, [2, 7]),
    ],
    ids=["nothing", "appended", "slid", "slid off", "in front", "fewer", "shuffled"],
)
def test_selected_rows_as_long_as_they_are_there(
    colleague: Colleague, patch_kind: str, change: dict[str, Any], left: list[int]
) -> None:
    author = Author()
    author.show(dots("before", False))
    with watching(colleague, author):
        colleague.page.evaluate(SELECT, [2, 7])
        again(author, colleague, patch_kind, lambda text, redrawn: dots(text, redrawn, **change))
        assert evaluate_in(colleague, "ColumnDataSource", SELECTED) == left


@REDRAW_KINDS
def test_a_selected_area_of_a_map_as_long_as_it_is_there(colleague: Colleague, patch_kind: str) -> None:
    def make(text: str, redrawn: bool = False) -> Any:
        names = "xabc" if text == "before" else "bxc"
        p = titled(figure(width=300, height=250, tools="tap"), text, redrawn)
        places = [{"type": "Point", "coordinates": [ord(name), 1]} for name in names]
        features = [
            {"type": "Feature", "geometry": place, "properties": {"name": name}}
            for name, place in zip(names, places, strict=True)
        ]
        geojson = json.dumps({"type": "FeatureCollection", "features": features})
        p.scatter("x", "y", size=9, source=GeoJSONDataSource(geojson=geojson))
        return p

    author = Author()
    author.show(make("before"))
    with watching(colleague, author):
        colleague.page.evaluate(SELECT, [1, 2, 3])
        again(author, colleague, patch_kind, make)
        selected = "model.selected.indices.map((index) => model.data.name[index])"
        assert evaluate_in(colleague, "GeoJSONDataSource", selected) == ["b", "c"]


@REDRAW_KINDS
def test_no_tool_offers_to_undo_what_was_done_in_a_drawing_that_is_gone(
    colleague: Colleague, patch_kind: str
) -> None:
    def make(text: str, redrawn: bool = False) -> Any:
        p = titled(figure(width=300, height=250, tools="pan,undo"), text, redrawn)
        p.line([1, 2, 3], [1, 4, 9])
        return p

    author = Author()
    author.show(make("before"))
    with watching(colleague, author):
        seen = colleague.pan()
        assert evaluate_in(colleague, "UndoTool", "model.disabled") is False
        again(author, colleague, patch_kind, make)
        assert colleague.ranges() == seen
        assert evaluate_in(colleague, "UndoTool", "model.disabled") is True


@PATCH_KINDS
def test_a_zoom_by_wheel_and_the_place_of_the_keyboard(colleague: Colleague, patch_kind: str) -> None:
    author = Author()
    author.show(lines())
    with watching(colleague, author):
        seen = colleague.pan()
        colleague.page.locator("section.card .bk-Figure").click(position={"x": 100, "y": 100})
        again(author, colleague, patch_kind, lines)
        assert colleague.ranges() == seen
        assert "events" in colleague.page.evaluate(KEYBOARD)


@PATCH_KINDS
@pytest.mark.parametrize("empty", [([], []), ([1, 2, 3], [np.nan] * 3)], ids=["no rows", "no numbers"])
def test_a_drag_on_a_plot_without_data_is_no_zoom(colleague: Colleague, patch_kind: str, empty: Any) -> None:
    def make(text: str, redrawn: bool = False) -> Any:
        p = titled(figure(width=300, height=250, tools="pan,reset"), text, redrawn)
        p.line(*(empty if text == "before" else ([1, 2, 3], [1, 4, 9])))
        return p

    author, fresh = Author(), Author()
    fresh.show(make("after", patch_kind != "patch"))
    with watching(colleague, fresh):
        wanted = colleague.ranges()
    author.show(make("before"))
    with watching(colleague, author):
        assert colleague.ranges() != wanted
        colleague.drag()
        if patch_kind == "whole":
            colleague.fall_behind()
        author.show(make("after", patch_kind != "patch"))
        catch_up(colleague)
        assert colleague.ranges() == wanted
        seen = colleague.pan()
        author.show(make("later", patch_kind != "patch"))
        catch_up(colleague)
        assert colleague.ranges() == seen
        # BokehJS says of each plot without data that it has no ranges yet
        assert all("could not set initial ranges" in trouble for trouble in colleague.troubles)


def test_two_plots_in_a_row_each_keep_their_own_when_they_are_swapped(colleague: Colleague) -> None:
    def make(names: str) -> Any:
        return row(*(lines(name) for name in names))

    author = Author()
    author.show(make("ab"))
    with watching(colleague, author):
        first = "Bokeh.documents.at(-1).roots()[0].children.map((p) => [p.title.text, p.x_range.start])"
        colleague.page.evaluate(
            "() => { const range = Bokeh.documents.at(-1).roots()[0].children[0].x_range;"
            "range.have_updated_interactively = true; range.setv({ start: 1.5, end: 2 }) }"
        )
        author.show(make("ba"))
        catch_up(colleague)
        found = dict(colleague.page.evaluate(f"() => {first}"))
        assert found["a"] == 1.5
        assert found["b"] != 1.5
