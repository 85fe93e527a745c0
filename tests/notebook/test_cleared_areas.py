"""When cleared plots leave the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.author import Author
from support.kernel_driver import until

from bokeh_share.notebook import cleared_areas
from bokeh_share.notebook.cleared_areas import ClearedAreas


@pytest.fixture
def author() -> Author:
    return Author()


@pytest.fixture
def areas(author: Author, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClearedAreas]:
    monkeypatch.setattr(cleared_areas, "REMOVAL_DELAY", 0.01)
    areas = ClearedAreas(author.cells)
    yield areas
    areas.close()


def test_what_is_cleared_now_soon_leaves_the_page(author: Author, areas: ClearedAreas) -> None:
    cell = author.begin()
    author.show("a", cell=cell)
    areas.clear(cell.area, wait=False)
    assert not areas.has_pending
    until(lambda: author.texts == [], what="the end of the plot")


def test_what_waits_leaves_it_with_the_next_output(author: Author, areas: ClearedAreas) -> None:
    cell = author.begin()
    author.show("a", cell=cell)
    areas.clear(cell.area, wait=True)
    assert areas.has_pending
    areas.handle_output(cell.area)
    assert not areas.has_pending
    until(lambda: author.texts == [], what="the end of the plot")


def test_of_what_waits_the_next_plot_replaces_one_and_the_others_leave(
    author: Author, areas: ClearedAreas
) -> None:
    cell = author.begin()
    author.show("a", "b", cell=cell)
    areas.clear(cell.area, wait=True)
    author.show("A", cell=cell)
    areas.handle_show(cell.area)
    assert not areas.has_pending
    until(lambda: author.texts == ["A"], what="the end of the other plot")


def test_nothing_waits_in_an_area_that_had_no_plots(author: Author, areas: ClearedAreas) -> None:
    areas.clear(author.begin().area, wait=True)
    assert not areas.has_pending


def test_after_its_end_nothing_leaves_the_page(author: Author, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleared_areas, "REMOVAL_DELAY", 1_000.0)
    areas = ClearedAreas(author.cells)
    cell = author.begin()
    author.show("a", cell=cell)
    areas.clear(cell.area, wait=False)
    areas.close()
    assert author.texts == ["a"]
    areas.close()
