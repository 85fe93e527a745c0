"""On a wall and in full screen, plots that changed look as for somebody who comes afterwards."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
from browser.test_full_screen import enter
from PIL import Image
from playwright.sync_api import Browser
from support.batches import Batches
from support.colleague import Author, Colleague, all_caught_up, compare
from support.edits import EDITS, Edit

HD = {"width": 1920, "height": 1080}
WALL = 4
"""Plots of a wall."""
ON_WALL = EDITS[::5]
"""Some of the edits, of all kinds."""
IN_FULL_SCREEN = EDITS[2::11]

Outcomes = Batches[Edit, str | None]
"""How the plot looks otherwise than for one who came afterwards."""


class Pair:
    """Two colleagues with large screens: one who watches, and one who comes late."""

    def __init__(self, browser: Browser, folder: Path, query: str = "") -> None:
        self._here, self._late = (Colleague(browser, query=query, viewport=HD) for _ in range(2))
        self._folder = folder

    def close(self) -> None:
        for each in (self._here, self._late):
            each.close()

    def play_on_wall(self, edits: Sequence[Edit]) -> Mapping[Edit, str | None]:
        """Let the plots of one wall change at once."""
        here, late, author = self._here, self._late, Author()
        for edit in edits:
            author.show(edit.before(), edit.themes[0], name=edit.name)
        with here.watching(author):
            here.until_drawn()
            for edit in edits:
                author.show(edit.after(), edit.themes[1], name=edit.name)
            with late.watching(author):
                all_caught_up(here, late)
                for each in (here, late):
                    each.until_settled()
                return {edit: self._compare(place) for place, edit in enumerate(edits)}

    def play_in_full_screen(self, edits: Sequence[Edit]) -> Mapping[Edit, str | None]:
        """Let a plot in full screen change, one after the other."""
        return {edit: self._play_one_in_full_screen(edit) for edit in edits}

    def _play_one_in_full_screen(self, edit: Edit) -> str | None:
        here, late, author = self._here, self._late, Author()
        author.show(edit.before(), edit.themes[0], name=edit.name)
        with here.watching(author):
            here.until_drawn()
            enter(here.page, edit.name)
            author.show(edit.after(), edit.themes[1], name=edit.name)
            with late.watching(author):
                all_caught_up(here, late)
                enter(late.page, edit.name)
                for each in (here, late):
                    each.page.mouse.move(1, 1)
                    each.until_settled()
                found = self._compare(0)
                for each in (here, late):
                    each.page.keyboard.press("Escape")
                return found

    def _compare(self, place: int) -> str | None:
        one, other = (partial(_capture, each, place) for each in (self._here, self._late))
        return compare(one, other, self._folder / f"{place}")


def _capture(colleague: Colleague, place: int) -> Image.Image:
    box = colleague.page.locator("section.card .plot").nth(place).bounding_box()
    assert box is not None
    raw = colleague.page.screenshot(clip={**box}, caret="initial")
    return Image.open(io.BytesIO(raw)).convert("RGB")


def in_batches(edits: Sequence[Edit], size: int) -> list[Sequence[Edit]]:
    return [edits[start : start + size] for start in range(0, len(edits), size)]


@pytest.fixture(scope="module")
def on_walls(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    pair = Pair(browser, tmp_path_factory.mktemp("wall"), query=f"?wall=3600&plots={WALL}")
    yield Batches(in_batches(ON_WALL, WALL), pair.play_on_wall)
    pair.close()


@pytest.fixture(scope="module")
def in_full_screens(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcomes]:
    pair = Pair(browser, tmp_path_factory.mktemp("full screen"))
    yield Batches(in_batches(IN_FULL_SCREEN, 1), pair.play_in_full_screen)
    pair.close()


@pytest.mark.parametrize("edit", ON_WALL, ids=lambda edit: edit.name)
def test_a_plot_that_changes_on_a_wall_looks_as_on_one_that_is_opened_afterwards(
    edit: Edit, on_walls: Outcomes
) -> None:
    assert on_walls[edit] is None, edit.name


@pytest.mark.parametrize("edit", IN_FULL_SCREEN, ids=lambda edit: edit.name)
def test_a_plot_that_changes_in_full_screen_looks_as_one_that_enters_it_afterwards(
    edit: Edit, in_full_screens: Outcomes
) -> None:
    assert in_full_screens[edit] is None, edit.name
