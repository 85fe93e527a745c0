from __future__ import annotations

from typing import Any

import pytest
from bokeh.layouts import column
from bokeh.models import AjaxDataSource, ColumnDataSource, CustomJS, DataTable, HoverTool, Slider, TableColumn
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.card.notes import (
    MAX_NAMED_FAILURES,
    REMOTE_DATA_NOTE,
    count_columns,
    describe_missing_viewers,
    describe_remote_data,
    describe_undrawn_columns,
    describe_untested_bokeh,
    list_draw_failures,
)
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.wire.messages import DRAW_FAILURE_REASONS, DrawFailure


def source(*names: str) -> ColumnDataSource:
    return ColumnDataSource({name: [1, 2] for name in names})


def counted(root: Any) -> tuple[int, int]:
    return count_columns(capture_plot(root, theme=Theme(json={})).snapshot)


def test_a_plot_that_draws_all_it_sends_has_no_note() -> None:
    p = figure()
    p.line("a", "b", source=source("a", "b"))
    snapshot = capture_plot(p, theme=Theme(json={})).snapshot
    assert count_columns(snapshot) == (2, 2)
    assert describe_undrawn_columns(snapshot) == ""


def test_columns_that_are_sent_and_not_drawn_are_counted() -> None:
    p = figure()
    p.scatter("a", "b", source=source("a", "b", "salary", "name"))
    assert (
        describe_undrawn_columns(capture_plot(p, theme=Theme(json={})).snapshot)
        == "sends 4 columns and draws 2"
    )


def test_a_plot_whose_data_is_elsewhere_has_a_note() -> None:
    p = figure()
    p.line("x", "y", source=AjaxDataSource(data_url="https://other.test/data"))
    assert describe_remote_data(capture_plot(p, theme=Theme(json={})).snapshot) == REMOTE_DATA_NOTE
    p = figure()
    p.line("x", "y", source=source("x", "y"))
    assert describe_remote_data(capture_plot(p, theme=Theme(json={})).snapshot) == ""


def test_what_a_tooltip_mentions_is_drawn() -> None:
    p = figure(tools=[HoverTool(tooltips=[("x", "@a{0.0}"), ("n", "@{the name}")])])
    p.scatter("a", "b", source=source("a", "b", "the name", "salary"))
    assert counted(p) == (4, 3)


def test_what_a_table_lists_is_drawn() -> None:
    table = DataTable(source=source("a", "b", "c"), columns=[TableColumn(field="a"), TableColumn(field="b")])
    assert counted(table) == (3, 2)


def test_what_a_script_works_with_counts_as_drawn() -> None:
    shared = source("a", "b", "c")
    p = figure()
    p.line("a", "b", source=shared)
    slider = Slider(start=0, end=1, value=0)
    slider.js_on_change("value", CustomJS(args={"source": shared}, code="0"))
    assert counted(column(p, slider)) == (3, 3)


@pytest.mark.parametrize("version", ["3.9.2", "3.10.0", "3.10.11", "3.9"])
def test_a_bokeh_that_was_tried_has_no_note(version: str) -> None:
    assert describe_untested_bokeh(version) == ""


@pytest.mark.parametrize("version", ["3.8.1", "3.11.0", "3.90.1", "4.0.0", "3.1"])
def test_of_another_bokeh_one_line_says_what_it_means_for_viewers(version: str) -> None:
    assert describe_untested_bokeh(version) == (
        f"Bokeh {version} was not tried yet, 3.9 and 3.10 were: "
        "viewers get each change drawn anew, a little later"
    )


@pytest.mark.parametrize(
    ("system", "programs", "command"),
    [
        ("linux", ["ufw", "firewall-cmd"], "sudo ufw allow 5006/tcp"),
        ("linux", ["firewall-cmd"], "sudo firewall-cmd --add-port=5006/tcp"),
        ("linux", [], "sudo iptables -I INPUT -p tcp --dport 5006 -j ACCEPT"),
        ("win32", [], "localport=5006"),
        ("darwin", [], "System Settings"),
    ],
)
def test_when_nobody_came_the_command_is_this_systems(system: str, programs: list[str], command: str) -> None:
    text = describe_missing_viewers(
        5006, system=system, find_program=lambda name: name if name in programs else None
    )
    assert text.endswith(command) or command in text
    assert "same network" in text
    assert "5006" in text


def test_what_viewers_pages_could_not_draw_is_named_and_after_the_first_plots_counted() -> None:
    page = Page()
    for name in "abcde":
        page = page.put(PlotKey("name", name), capture_plot(figure(), theme=Theme(json={})).snapshot, now=1)
    failures = {plot.id: DrawFailure(plot.id, 1, "type") for plot in page.plots}
    notes = [f"a viewer's page could not draw {name}: {DRAW_FAILURE_REASONS['type']}" for name in "abcde"]
    assert list_draw_failures(page.plots, {}) == []
    assert list_draw_failures(page.plots[:1], failures) == notes[:1]
    assert list_draw_failures(page.plots[:MAX_NAMED_FAILURES], failures) == notes[:MAX_NAMED_FAILURES]
    assert list_draw_failures(page.plots[: MAX_NAMED_FAILURES + 1], failures) == [
        *notes[:MAX_NAMED_FAILURES],
        "nor 1 more plot",
    ]
    assert list_draw_failures(page.plots, failures) == [*notes[:MAX_NAMED_FAILURES], "nor 2 more plots"]
    assert list_draw_failures(page.plots, {"k1": DrawFailure("k1", 2, "type")}) == [], (
        "it has changed meanwhile"
    )
