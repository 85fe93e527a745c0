"""What a cell prints about what it shows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from bokeh.models import Div
from support.author import Author

from bokeh_share.card import NOT_SHARING_NOTE
from bokeh_share.notebook.announcer import Announcer
from bokeh_share.notebook.cell import CellRun, Outcome
from bokeh_share.notebook.cell_notices import CellNotices
from bokeh_share.plots.tracker import PlotTracker

P = Div(text="p")
NOTEBOOK: Any = SimpleNamespace(kernel=object(), display_pub=object())


@pytest.fixture
def announcer() -> Announcer:
    return Announcer(PlotTracker(), CellNotices(None, lambda: None))


def test_a_plot_on_the_page_is_announced_as_the_share_says(
    announcer: Announcer, capsys: pytest.CaptureFixture[str]
) -> None:
    announcer.announce_plot(P, Outcome.ON_PAGE)
    assert capsys.readouterr().out == f"bokeh_share: {NOT_SHARING_NOTE}\n"
    announcer.connect_share(lambda: "live at x")
    announcer.announce_plot(P, Outcome.ON_PAGE)
    announcer.announce_app("trend")
    assert capsys.readouterr().out == "bokeh_share: live at x\nbokeh_share: app 'trend' is live at x\n"


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.HIDDEN, Outcome.DROPPED])
@pytest.mark.parametrize("is_muted", [False, True])
def test_a_plot_that_is_not_on_the_page_has_its_reason_in_quiet_too(
    announcer: Announcer, capsys: pytest.CaptureFixture[str], outcome: Outcome, is_muted: bool
) -> None:
    if is_muted:
        announcer.mute()
    announcer.announce_plot(P, outcome)
    assert capsys.readouterr().out == f"bokeh_share: {outcome.value}\n"


def test_in_quiet_nothing_is_printed_for_a_plot_on_the_page(
    announcer: Announcer, capsys: pytest.CaptureFixture[str]
) -> None:
    announcer.mute()
    announcer.announce_plot(P, Outcome.ON_PAGE)
    announcer.announce_plot(P, None)
    assert capsys.readouterr().out == ""


def test_for_what_the_notebook_has_drawn_only_what_was_dropped_is_said(
    announcer: Announcer, capsys: pytest.CaptureFixture[str]
) -> None:
    for outcome in (*Outcome, None):
        announcer.announce_drawn_plot(P, outcome)
    assert capsys.readouterr().out == f"bokeh_share: {Outcome.DROPPED.value}\n"


def test_a_notebook_is_told_once_how_it_draws_plots_too(capsys: pytest.CaptureFixture[str]) -> None:
    announcer = Announcer(PlotTracker(), CellNotices(NOTEBOOK, lambda: None))
    for _ in range(2):
        announcer.announce_plot(P, Outcome.ON_PAGE)
    assert capsys.readouterr().out.splitlines()[1:] == [
        "bokeh_share: output_notebook() draws plots here too",
        f"bokeh_share: {NOT_SHARING_NOTE}",
    ]


def test_a_named_cell_without_a_plot_says_so_unless_a_line_below_it_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    cell = CellRun("c")
    notices = CellNotices(NOTEBOOK, lambda: cell.area)
    announcer = Announcer(PlotTracker(), notices)
    announcer.announce_missing_plot(cell)
    assert capsys.readouterr().out == "", "it has no name"
    cell.set_options(name="sales")
    announcer.announce_missing_plot(cell)
    cell.set_options(caption="in euros")
    announcer.announce_missing_plot(cell)
    advice = "show one by show(), or as the last expression"
    assert capsys.readouterr().out.splitlines() == [
        f"bokeh_share: this cell showed no plot for 'sales': {advice}",
        f"bokeh_share: this cell showed no plot for its caption: {advice}",
    ]
    notices.is_new("the reason")
    announcer.announce_missing_plot(cell)
    assert capsys.readouterr().out == ""


def test_a_cell_with_a_caption_whose_plot_has_a_name_of_its_own_is_not_without_a_plot(
    capsys: pytest.CaptureFixture[str],
) -> None:
    author = Author()
    author.names["p"] = Div(text="p")
    author.named.share(author.names["p"], "p")
    cell = author.begin("c", caption="in euros")
    author.cells.show(author.names["p"], cell)
    author.end(cell)
    assert (author.captions, cell.plot_keys) == (["in euros"], [])
    Announcer(PlotTracker(), CellNotices(NOTEBOOK, lambda: cell.area)).announce_missing_plot(cell)
    assert capsys.readouterr().out == ""
