"""What stands below a cell about its plots: each text once, with their number."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from bokeh.models import Div

from bokeh_share.notebook import cell_notices
from bokeh_share.notebook.cell import Area, CellRun
from bokeh_share.notebook.cell_notices import CellNotices


class Cell:
    """A cell that says things about its plots, in a notebook or in a terminal."""

    def __init__(self, *, is_terminal: bool = False) -> None:
        self.shell: Any = SimpleNamespace(display_pub=object())
        if not is_terminal:
            self.shell.kernel = object()
        self.area: Area | None = None
        self.run()
        self.notices = CellNotices(self.shell, lambda: self.area)

    def run(self) -> None:
        self.area = CellRun("c").area


@pytest.fixture
def displays(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The displays of the notebook, each with the texts that have stood there."""
    shown: list[list[str]] = []

    class Handle:
        def display(self, bundle: dict[str, str], *, raw: bool) -> None:
            self.texts = [bundle["text/plain"]]
            shown.append(self.texts)

        def update(self, bundle: dict[str, str], *, raw: bool) -> None:
            self.texts.append(bundle["text/plain"])

    monkeypatch.setattr(cell_notices, "DisplayHandle", Handle)
    return shown


def test_many_plots_are_one_line_that_counts_them(displays: list[list[str]]) -> None:
    cell = Cell()
    for _ in range(18):
        cell.notices.say("on the page", counted_plot=Div())
    (texts,) = displays
    assert texts[:2] == ["bokeh_share: 1 plot on the page", "bokeh_share: 2 plots on the page"]
    assert texts[-1] == "bokeh_share: 18 plots on the page"


def test_a_plot_that_is_shown_several_times_is_counted_once(displays: list[list[str]]) -> None:
    cell = Cell()
    first, second = Div(), Div()
    for plot in (first, first, first, second, first):
        cell.notices.say("on the page", counted_plot=plot)
    assert displays == [["bokeh_share: 1 plot on the page", "bokeh_share: 2 plots on the page"]]


def test_each_list_is_a_plot_of_its_own(displays: list[list[str]]) -> None:
    """As on the page, where a list that is shown again is another column."""
    cell = Cell()
    shown = [Div()]
    for _ in range(2):
        cell.notices.say("on the page", counted_plot=shown)
    assert displays[-1][-1] == "bokeh_share: 2 plots on the page"


def test_another_text_and_another_run_have_lines_of_their_own(displays: list[list[str]]) -> None:
    cell = Cell()
    cell.notices.say("on the page", counted_plot=Div())
    for _ in range(2):
        cell.notices.say("not shared")
    cell.run()
    cell.notices.say("on the page", counted_plot=Div())
    assert displays == [
        ["bokeh_share: 1 plot on the page"],
        ["bokeh_share: not shared"],
        ["bokeh_share: 1 plot on the page"],
    ]


def test_after_the_output_was_cleared_or_captured_there_is_another_line(displays: list[list[str]]) -> None:
    cell = Cell()
    assert cell.area is not None
    cell.notices.say("on the page", counted_plot=Div())
    cell.area.clear(wait=True)
    cell.notices.say("on the page", counted_plot=Div())
    cell.shell.display_pub = object()
    cell.notices.say("on the page", counted_plot=Div())
    assert displays == [["bokeh_share: 1 plot on the page"]] * 3


def test_in_a_terminal_it_is_printed_once(
    capsys: pytest.CaptureFixture[str], displays: list[list[str]]
) -> None:
    cell = Cell(is_terminal=True)
    for _ in range(18):
        cell.notices.say("on the page", counted_plot=Div())
    assert capsys.readouterr().out == "bokeh_share: on the page\n"
    assert displays == []


def test_in_a_widget_and_outside_of_cells_it_is_printed_each_time(
    capsys: pytest.CaptureFixture[str], displays: list[list[str]]
) -> None:
    cell = Cell()
    for area in (Area(parent=cell.area), None):
        cell.area = area
        for _ in range(2):
            cell.notices.say("on the page", counted_plot=Div())
        assert capsys.readouterr().out == "bokeh_share: on the page\n" * 2
    assert displays == []


def test_a_notice_of_another_kind_is_new_once_in_a_cell() -> None:
    cell = Cell()
    assert [cell.notices.is_new("a"), cell.notices.is_new("b"), cell.notices.is_new("a")] == [
        True,
        True,
        False,
    ]
    cell.run()
    assert cell.notices.is_new("a")


def test_what_goes_wrong_does_not_reach_the_authors_cell(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    def find_area() -> Area | None:
        raise ValueError("no luck")

    CellNotices(None, find_area).say("on the page")
    assert capsys.readouterr().out == "bokeh_share: on the page\n"
    assert "finding the output of a cell failed" in caplog.text
