"""A plot that changed before it was drawn, or meanwhile, looks as on a page that was opened later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from bokeh.model import Model
from playwright.sync_api import Browser
from support.batches import Batches
from support.colleague import Author, Colleague, compare_several
from support.edits import EDITS, Edit

BATCH = 16
"""Plots of a page."""
ROW_HEIGHT = 750
"""Pixels from one plot to the next: grids of plots are high."""
RATIOS = (1, 2)
"""Pixels of the screen for each pixel of the page."""
HAS_BEGUN = "() => document.querySelector('section.card[data-generation], .drawing.offscreen')"

MakePlots = Callable[[Edit], tuple[Model, Model]]
"""Makes the plot before and after an edit."""


@dataclass(frozen=True)
class Outcome:
    """How plots differ from those of a page that was opened later."""

    unseen: str | None
    """One that changed before it was drawn."""
    half_drawn: str | None
    """One that changed while the page was being drawn."""
    complaints: list[str]


class Pages:
    """The pages of one who looks elsewhere, one who looks just when it changes, and one who comes late."""

    def __init__(self, browser: Browser, folder: Path, make_plots: MakePlots, pixel_ratio: float) -> None:
        self._pages = [
            Colleague(browser, rows=BATCH, row_height=ROW_HEIGHT, device_scale_factor=pixel_ratio)
            for _ in range(3)
        ]
        self._folder = folder
        self._make_plots = make_plots

    def close(self) -> None:
        for each in self._pages:
            each.close()

    def play(self, edits: Sequence[Edit]) -> dict[Edit, Outcome]:
        unseen, half, late = self._pages
        author = Author()
        plots = [self._make_plots(edit) for edit in edits]
        for place, (edit, (before, _)) in enumerate(zip(edits, plots, strict=True)):
            author.show(before, edit.themes[0], name=f"plot {place}")
        with ExitStack() as stack:
            for each in (unseen, half):
                stack.enter_context(each.watching(author, away=True))
                each.until_received()
            for place, (edit, (_, after)) in enumerate(zip(edits, plots, strict=True)):
                author.show(after, edit.themes[1], name=f"plot {place}")
            unseen.deliver()
            unseen.until_received()
            assert [each.drawn_count for each in (unseen, half)] == [0, 0]
            unseen.look_back()
            half.look_back()
            half.page.wait_for_function(HAS_BEGUN)
            half.deliver()
            stack.enter_context(late.watching(author))
            for each in (unseen, half, late):
                each.until_drawn()
            watching = {self._folder / "unseen": unseen, self._folder / "half drawn": half}
            found = compare_several(watching, late)
            # a page that was opened later logs the same
            complaints = [trouble for each in (unseen, half, late) for trouble in each.troubles]
            complaints += [] if unseen.console == late.console else [f"the log is {unseen.console}"]
        return {
            edit: Outcome(*(looks[place].difference for looks in found.values()), complaints)
            for place, edit in enumerate(edits)
        }


Outcomes = Batches[Edit, Outcome]


@pytest.fixture(scope="module")
def make_plots() -> MakePlots:
    """Make the plots of an edit once for all pixel ratios: a capture leaves models as they are."""
    return cache(lambda edit: (edit.before(), edit.after()))


@pytest.fixture(scope="module", params=RATIOS, ids=lambda ratio: f"{ratio}x")
def of_edits(
    request: pytest.FixtureRequest,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    make_plots: MakePlots,
) -> Iterator[Outcomes]:
    pages = Pages(browser, tmp_path_factory.mktemp("first"), make_plots, request.param)
    batches = [EDITS[start : start + BATCH] for start in range(0, len(EDITS), BATCH)]
    yield Batches(batches, pages.play)
    pages.close()


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.name)
def test_a_plot_that_changed_before_it_was_drawn_looks_as_on_a_page_opened_later(
    edit: Edit, of_edits: Outcomes
) -> None:
    outcome = of_edits[edit]
    assert outcome.unseen is None, edit.name
    assert outcome.half_drawn is None, edit.name
    assert outcome.complaints == []
