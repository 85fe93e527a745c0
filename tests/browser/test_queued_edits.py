"""A plot that changes while it is redrawn is redrawn once for all changes that wait, and is exact."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from bokeh.plotting import figure
from playwright.sync_api import Browser
from support.batches import Batches
from support.colleague import Author, Colleague, compare_all
from support.edits import EDITS, Edit

BATCH = 16
"""Plots of a page."""
SAMPLE = Random(7).sample(EDITS, 2 * BATCH)
ROW_HEIGHT = 750
"""Pixels from one plot to the next: grids of plots are high."""
CHANGES = 20
HOLD_DRAWINGS = """() => {
    const [figure] = Bokeh.documents.at(-1).views_manager.roots;
    const prototype = Object.getPrototypeOf(figure);
    const { lazy_initialize: initialize } = prototype;
    const released = new Promise((resolve) => { window.releaseDrawings = resolve; });
    prototype.lazy_initialize = async function () {
        await released;
        prototype.lazy_initialize = initialize;
        await initialize.call(this);
    };
    window.drawingCount = 0;
    new MutationObserver((records) => {
        const added = records.flatMap(({ addedNodes }) => [...addedNodes]);
        window.drawingCount += added.filter(({ classList }) => classList?.contains("drawing")).length;
    }).observe(document.querySelector("section.card .plot"), { childList: true });
}"""
"""Holds the next drawings of a figure until they are released, and counts drawings."""


@dataclass(frozen=True)
class Outcome:
    """How a plot differs from that of a page that was opened later."""

    difference: str | None
    complaints: list[str]


class Pages:
    """A page that is open while plots change quickly, and one that is opened afterwards."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._open, self._late = (Colleague(browser, rows=BATCH, row_height=ROW_HEIGHT) for _ in range(2))
        self._folder = folder

    def close(self) -> None:
        self._open.close()
        self._late.close()

    def compare(self, edits: Sequence[Edit]) -> dict[Edit, Outcome]:
        """Change each plot there, back and there again, faster than it is drawn."""
        author = Author()
        _show(author, edits, is_after=False)
        with ExitStack() as stack:
            stack.enter_context(self._open.watching(author))
            self._open.until_drawn()
            for is_after in (True, False, True):
                _show(author, edits, is_after=is_after)
                self._open.deliver()
            stack.enter_context(self._late.watching(author))
            for each in (self._open, self._late):
                each.until_drawn()
            looks = compare_all(self._open, self._late, self._folder)
            complaints = [trouble for each in (self._open, self._late) for trouble in each.troubles]
        return {edit: Outcome(look.difference, complaints) for edit, look in zip(edits, looks, strict=True)}


def _show(author: Author, edits: Sequence[Edit], *, is_after: bool) -> None:
    for place, edit in enumerate(edits):
        author.show((edit.after if is_after else edit.before)(), edit.themes[is_after], name=f"plot {place}")


@pytest.fixture(scope="module")
def outcomes(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Batches[Edit, Outcome]]:
    pages = Pages(browser, tmp_path_factory.mktemp("queued"))
    batches = [SAMPLE[start : start + BATCH] for start in range(0, len(SAMPLE), BATCH)]
    yield Batches(batches, pages.compare)
    pages.close()


@pytest.mark.parametrize("edit", SAMPLE, ids=lambda edit: edit.name)
def test_a_plot_that_changes_faster_than_it_is_drawn_looks_as_on_a_page_opened_later(
    edit: Edit, outcomes: Batches[Edit, Outcome]
) -> None:
    outcome = outcomes[edit]
    assert outcome.difference is None, edit.name
    assert outcome.complaints == []


def test_changes_that_wait_are_drawn_once(browser: Browser) -> None:
    colleague, author = Colleague(browser), Author()

    def show(number: int) -> None:
        plot = figure(
            width=300,
            height=200,
            title=f"change {number}",
            y_axis_type="log" if number % 2 else "linear",
        )
        plot.line([1, 2, 3], [1, 2, 3 + number])
        author.show(plot)

    try:
        show(0)
        with colleague.watching(author):
            colleague.until_drawn()
            colleague.page.evaluate(HOLD_DRAWINGS)
            for number in range(1, CHANGES + 1):
                show(number)
                colleague.deliver()
            colleague.page.evaluate("() => window.releaseDrawings()")
            colleague.until_drawn()
            assert colleague.patch_kinds == ["redraw"] * CHANGES
            assert colleague.titles() == [f"change {CHANGES}"]
            assert colleague.page.evaluate("() => window.drawingCount") == 2, "the first, and all others"
            assert colleague.troubles == []
    finally:
        colleague.close()
