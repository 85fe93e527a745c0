"""Remarks on the plots of the page: few, and about what the author should know."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from bokeh.layouts import column
from bokeh.models import (
    AjaxDataSource,
    CDSView,
    ColumnDataSource,
    CustomJS,
    CustomJSFilter,
    DataTable,
    GroupFilter,
    HoverTool,
    HTMLTemplateFormatter,
    Slider,
    TableColumn,
)
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.card.note import Section, Severity
from bokeh_share.card.plot_notes import (
    MAX_NAMED_COLUMNS,
    REMOTE_DATA_REMARK,
    PlotNotes,
    find_remark,
    list_draw_failures,
    list_undrawn_columns,
)
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Snapshot
from bokeh_share.wire.messages import DRAW_FAILURE_REASONS, DrawFailure


def source(*names: str) -> ColumnDataSource:
    return ColumnDataSource({name: [1, 2] for name in names})


def taken(root: Any) -> Snapshot:
    return capture_plot(root, theme=Theme(json={})).snapshot


def undrawn(root: Any) -> list[str]:
    return list_undrawn_columns(taken(root))


def scattered(data: Any, title: str = "") -> Any:
    p = figure(title=title)
    p.scatter("a", "b", source=data)
    return p


def page_of(*roots: Any) -> Page:
    page = Page()
    for number, root in enumerate(roots):
        page = page.put(PlotKey("cell", "c", number), taken(root), now=1)
    return page


def texts(page: Page, callback_keys: Any = ()) -> list[str]:
    return [note.text for note in PlotNotes().list_notes(page.plots, callback_keys, lambda key: 14)]


def test_a_plot_that_draws_all_it_sends_has_no_remark() -> None:
    assert undrawn(scattered(source("a", "b"))) == []
    assert texts(page_of(scattered(source("a", "b")))) == []


def test_columns_that_are_sent_and_not_drawn_are_named() -> None:
    data = source("a", "b", "customer_email", "margin")
    assert texts(page_of(scattered(data, "Sales"))) == ["'Sales' also sends customer_email, margin"]
    (note,) = PlotNotes().list_notes(page_of(scattered(data)).plots, ())
    assert (note.section, note.severity) == (Section.DATA, Severity.EXPOSED)


def test_a_remark_names_a_few_columns_and_counts_the_others() -> None:
    names = [f"c{number}" for number in range(MAX_NAMED_COLUMNS)]
    listed = ", ".join(names)
    assert texts(page_of(scattered(source("a", "b", *names), "S"))) == [f"'S' also sends {listed}"]
    more = scattered(source("a", "b", *names, "d", "e"), "S")
    assert texts(page_of(more)) == [f"'S' also sends {listed}, and 2 more columns"]
    (text,) = texts(page_of(scattered(source("a", "b", "{}" * 100), "S")))
    assert text == f"'S' also sends {'{}' * 20}…"


# Bokeh 3.9 calls it so
@pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")
def test_the_index_that_pandas_adds_by_itself_is_not_counted() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    assert undrawn(scattered(ColumnDataSource(frame))) == []
    assert undrawn(scattered(ColumnDataSource(frame.iloc[1:]))) == []
    assert undrawn(scattered(ColumnDataSource(frame.assign(index=[5, 6])))) == ["index"]
    assert undrawn(scattered(ColumnDataSource(frame.set_index(pd.Index([5, 6], name="id"))))) == ["id"]
    assert undrawn(scattered(ColumnDataSource(frame.set_index(pd.Index(["x@a", "y@b"]))))) == ["index"]


def test_what_a_tooltip_mentions_is_drawn() -> None:
    p = figure(tools=[HoverTool(tooltips=[("x", "@a{0.0}"), ("n", "@{the name}")])])
    p.scatter("a", "b", source=source("a", "b", "the name", "salary"))
    assert undrawn(p) == ["salary"]


def test_what_a_table_lists_or_has_in_a_template_is_drawn() -> None:
    template = HTMLTemplateFormatter(template="<b><%= value %> <%= d %></b>")
    columns = [TableColumn(field="a", formatter=template), TableColumn(field="b")]
    assert undrawn(DataTable(source=source("a", "b", "c", "d"), columns=columns)) == ["c"]


def test_what_a_view_filters_by_is_drawn() -> None:
    p = figure()
    view = CDSView(filter=GroupFilter(column_name="region", group="North"))
    p.scatter("a", "b", source=source("a", "b", "region", "c"), view=view)
    assert undrawn(p) == ["c"]


def test_what_a_script_works_with_counts_as_drawn() -> None:
    shared = source("a", "b", "c")
    p = figure()
    p.line("a", "b", source=shared)
    slider = Slider(start=0, end=1, value=0)
    slider.js_on_change("value", CustomJS(args={"source": shared}, code="0"))
    assert undrawn(column(p, slider)) == []


def test_a_script_that_filters_works_with_the_source_of_its_glyph_only() -> None:
    p = figure()
    script = CustomJSFilter(code="return source.data.c.map((c) => c > 1)")
    p.scatter(
        "a",
        "b",
        source=source("a", "b", "c"),
        view=CDSView(filter=script & GroupFilter(column_name="a", group="x")),
    )
    p.scatter("a", "b", source=source("a", "b", "d"))
    assert undrawn(p) == ["d"]


def test_a_source_that_is_passed_to_a_script_that_filters_counts_as_drawn() -> None:
    p = figure()
    script = CustomJSFilter(args={"other": source("c")}, code="return other.data.c")
    p.scatter("a", "b", source=source("a", "b"), view=CDSView(filter=script))
    assert undrawn(p) == []


def test_a_plot_whose_data_is_elsewhere_has_a_remark() -> None:
    p = figure()
    p.line("x", "y", source=AjaxDataSource(data_url="https://other.test/data"))
    assert find_remark(taken(p)) == REMOTE_DATA_REMARK
    (text,) = texts(page_of(p))
    assert text.startswith("figure, cell [14] asks another server for its data")


def test_plots_with_the_same_remark_are_one_note() -> None:
    regions = [scattered(source("a", "b", "margin"), f"Region {number}") for number in range(18)]
    page = page_of(*regions, scattered(source("a", "b", "salary"), "Staff"))
    assert texts(page) == [
        "18 plots, the first is 'Region 0' in cell [14], also send margin",
        "'Staff' also sends salary",
    ]
    keys = [plot.key for plot in page.plots[:3]]
    assert texts(page, keys)[1].startswith(
        "3 plots, the first is 'Region 0' in cell [14]: their Python callbacks do nothing for viewers"
    )
    assert texts(page, keys[:1])[1].startswith("'Region 0': its Python callbacks do nothing for viewers")


def test_a_plot_is_looked_at_once_in_each_generation(monkeypatch: pytest.MonkeyPatch) -> None:
    page, notes, looks = page_of(scattered(source("a", "b", "c"))), PlotNotes(), []
    monkeypatch.setattr(
        "bokeh_share.card.plot_notes.list_undrawn_columns", lambda snapshot: looks.append(snapshot) or ["c"]
    )
    for _ in range(2):
        assert len(notes.list_notes(page.plots, ())) == 1
    assert len(looks) == 1
    page = page.put(page.plots[0].key, taken(scattered(source("a", "b", "d"))), now=2)
    notes.list_notes(page.plots, ())
    assert len(looks) == 2


def test_what_viewers_pages_could_not_draw_is_one_note_for_each_reason() -> None:
    page = page_of(*(figure(title=name) for name in "abcde"))
    failures = {
        plot.id: DrawFailure(plot.id, 1, "drawing" if plot is page.plots[-1] else "type")
        for plot in page.plots
    }
    assert list_draw_failures(page.plots, {}) == []
    several = "4 plots, the first is 'a' in cell [14]"
    notes = list_draw_failures(page.plots, failures, lambda key: 14)
    assert [note.text for note in notes] == [
        f"a viewer's page could not draw {several}: {DRAW_FAILURE_REASONS['type']}",
        f"a viewer's page could not draw 'e': {DRAW_FAILURE_REASONS['drawing']}",
    ]
    assert {note.severity for note in notes} == {Severity.MISSING}
    id = page.plots[0].id
    assert list_draw_failures(page.plots, {id: DrawFailure(id, 2, "type")}) == [], "it has changed meanwhile"
