"""What a cell prints about what it shows."""

from __future__ import annotations

import pytest
from bokeh.models import Div

from bokeh_share.card import NOT_SHARING_NOTE
from bokeh_share.notebook.announcer import Announcer
from bokeh_share.notebook.cell import Outcome
from bokeh_share.notebook.cell_notices import CellNotices
from bokeh_share.plots.tracker import PlotTracker

P = Div(text="p")


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
