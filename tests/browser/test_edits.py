"""Whoever watched a cell being run again sees what somebody sees who opens the page afterwards.

The changes go in batches: a page has many plots, each in its card, and all of them change at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser
from support.batches import Batches
from support.colleague import SIZE, Author, Colleague, Ranges, all_caught_up, compare_all
from support.edits import EDITS, Edit
from support.notebook_pages import difference

SHUFFLED = Random(4).sample(EDITS, len(EDITS))
PAIRS = list(zip(SHUFFLED[:45], SHUFFLED[45:90], strict=True))
BATCH = 16
"""Plots of a page."""
ROW_HEIGHT = 750
"""Pixels from one plot to the next: grids of plots are high."""

IN_COLUMNS = SHUFFLED[-BATCH:]
WIDE = 1920
"""The width of a window in which cards are in columns, beside the contents."""

Change = tuple[Edit, Edit]
"""A plot is as before the first at first, and as after the second then."""


@dataclass(frozen=True)
class Pan:
    """What becomes of a pan."""

    before: Ranges | None
    """What of the plot was shown at first."""
    panned: Ranges | None
    """What of it was shown after the pan."""
    seen: Ranges | None
    """What of it is shown after the change."""
    fresh: Ranges | None
    """What of it is shown on a page that was opened afterwards."""
    resets: tuple[int, int]
    """How many buttons to reset it there are, here and on that page."""
    unlike_fresh: str | None
    """How it looks otherwise than on that page after all of them were pressed."""


@dataclass(frozen=True)
class Outcome:
    """What becomes of one plot of a batch."""

    unlike_fresh: str | None
    """How it looks otherwise than on a page that was opened afterwards."""
    unlike_before: str | None
    """How it looks otherwise than before."""
    pan: Pan | None
    complaints: list[str]
    """What is wrong with the batch: errors, patches that failed, other logs than on a fresh page."""


class Pages:
    """The pages of one who only watches, one who pans what can be panned, and one who comes late."""

    def __init__(self, browser: Browser, folder: Path, *, width: int = SIZE["width"]) -> None:
        self._here, self._panning, self._late = (
            Colleague(browser, rows=BATCH, row_height=ROW_HEIGHT, width=width) for _ in range(3)
        )
        self._folder = folder

    def close(self) -> None:
        for each in (self._here, self._panning, self._late):
            each.close()

    def play(self, changes: Sequence[Change], *, pans: bool) -> dict[Change, Outcome]:
        """Let these plots change, each in its card, before the eyes of all."""
        here, panning, late = self._here, self._panning, self._late
        panned = [place for place, (edit, _) in enumerate(changes) if pans and edit.pan != "none"]
        watching = [here, panning] if panned else [here]
        author = Author()
        for place, (edit, _) in enumerate(changes):
            author.show(edit.before(), edit.themes[0], name=f"plot {place}")
        with ExitStack() as stack:
            for each in watching:
                stack.enter_context(each.watching(author))
            for each in watching:
                each.until_drawn()
            ranges = [panning.all_ranges(), panning.pan_all(panned)] if panned else []
            here.until_settled()
            before = here.all_captured()
            logged = [len(each.console) for each in watching]
            for place, (_, edit) in enumerate(changes):
                author.show(edit.after(), edit.themes[1], name=f"plot {place}")
            stack.enter_context(late.watching(author))
            all_caught_up(*watching, late)
            ranges += [panning.all_ranges(), late.all_ranges()] if panned else []
            looks = compare_all(here, late, self._folder / "as it changed")
            complaints = [
                f"the logs differ: {each.console[start:]}, and on a fresh page {late.console}"
                for each, start in zip(watching, logged, strict=True)
                if each.console[start:] != late.console
            ]
            fates: list[Pan | None] = [None] * len(changes)
            if panned:
                late.pan_all(panned)  # a wheel zoom wakes up where somebody pans
                resets = list(zip(panning.reset_all(), late.reset_all(), strict=True))
                pressed = [place for place in panned if any(resets[place])]
                after_reset = compare_all(panning, late, self._folder / "after Reset", pressed)
                for place in panned:
                    seen = [each[place] for each in ranges]
                    fates[place] = Pan(*seen, resets[place], after_reset[place].difference)
            complaints += [trouble for each in (*watching, late) for trouble in each.troubles]
        return {
            change: Outcome(look.difference, difference(former, look.picture), fate, complaints)
            for change, look, former, fate in zip(changes, looks, before, fates, strict=True)
        }


Outcomes = Batches[Change, Outcome]


def split(changes: Sequence[Change]) -> list[Sequence[Change]]:
    return [changes[start : start + BATCH] for start in range(0, len(changes), BATCH)]


@pytest.fixture(scope="module")
def pages(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    pages = Pages(browser, tmp_path_factory.mktemp("edits"))
    yield pages
    pages.close()


@pytest.fixture(scope="module")
def of_edits(pages: Pages) -> Outcomes:
    return Batches(split([(edit, edit) for edit in EDITS]), partial(pages.play, pans=True))


@pytest.fixture(scope="module")
def of_pairs(pages: Pages) -> Outcomes:
    return Batches(split(PAIRS), partial(pages.play, pans=False))


@pytest.fixture(scope="module")
def of_edits_in_columns(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    pages = Pages(browser, tmp_path_factory.mktemp("columns"), width=WIDE)
    yield Batches(split([(edit, edit) for edit in IN_COLUMNS]), partial(pages.play, pans=True))
    pages.close()


def named(edit: Edit) -> str:
    return edit.name


def test_there_are_enough_edits_and_each_has_a_name_of_its_own() -> None:
    assert len(EDITS) >= 80
    assert len({edit.name for edit in EDITS}) == len(EDITS)


@pytest.mark.parametrize("edit", EDITS, ids=named)
def test_a_page_that_was_patched_looks_like_one_opened_afterwards(edit: Edit, of_edits: Outcomes) -> None:
    outcome = of_edits[edit, edit]
    assert outcome.unlike_fresh is None, edit.name
    if edit.visible:
        assert outcome.unlike_before is not None, f"{edit.name}: the picture stayed"
    else:
        assert outcome.unlike_before is None, f"{edit.name}: the picture changed"
    assert outcome.complaints == []


@pytest.mark.parametrize("edit", [edit for edit in EDITS if edit.pan != "none"], ids=named)
def test_what_a_colleague_panned_to_stays_and_reset_goes_where_it_goes_for_all(
    edit: Edit, of_edits: Outcomes
) -> None:
    outcome = of_edits[edit, edit]
    pan = outcome.pan
    assert pan is not None
    assert pan.before, "there is no figure to pan"
    assert pan.panned, "there is no figure to pan"
    assert pan.seen, edit.name
    assert pan.fresh, edit.name
    for axis, dimension in enumerate(("x", "y")):
        assert pan.before[axis] != pan.panned[axis], f"the pan moved nothing in {dimension}"
        keeps = edit.pan in ("keeps", dimension)
        wanted = pan.panned[axis] if keeps else pan.fresh[axis]
        kind = "keep the pan" if keeps else "start afresh"
        assert pan.seen[axis] == pytest.approx(wanted, rel=1e-9), f"{edit.name}: {dimension} should {kind}"
    assert pan.resets[0] == pan.resets[1], f"{edit.name}: the toolbars differ"
    assert pan.unlike_fresh is None, f"{edit.name}, after Reset"
    assert outcome.complaints == []


@pytest.mark.parametrize("edit", IN_COLUMNS, ids=named)
def test_a_page_with_columns_that_was_patched_looks_like_one_opened_afterwards(
    edit: Edit, of_edits_in_columns: Outcomes
) -> None:
    outcome = of_edits_in_columns[edit, edit]
    assert outcome.unlike_fresh is None, edit.name
    assert outcome.pan is None or outcome.pan.unlike_fresh is None, f"{edit.name}, after Reset"
    assert outcome.complaints == []


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{former.name} > {latter.name}" for former, latter in PAIRS])
def test_one_plot_takes_the_place_of_quite_another(pair: Change, of_pairs: Outcomes) -> None:
    outcome = of_pairs[pair]
    assert outcome.unlike_fresh is None, f"{pair[0].name}, then {pair[1].name}"
    assert outcome.complaints == []
