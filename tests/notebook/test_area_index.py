"""What is cleared, and whose place what is shown next takes."""

from __future__ import annotations

import pytest
from bokeh.models import Div
from support.author import Author

from bokeh_share.notebook.area_index import MAX_REMEMBERED_RUNS
from bokeh_share.notebook.cell import Area, Outcome
from bokeh_share.plots.key_chooser import MAX_UNNAMED_PLOTS
from bokeh_share.plots.page import PlotKey


@pytest.fixture
def author() -> Author:
    return Author()


@pytest.mark.parametrize("wait", [True, False])
def test_what_is_cleared_stays_until_another_takes_its_place(author: Author, wait: bool) -> None:
    cell = author.begin()
    author.show("a", "b", cell=cell)
    author.cells.clear_area(cell.area, wait=wait)
    assert author.texts == ["a", "b"]
    author.show("A", cell=cell)
    assert author.texts == ["A", "b"]
    author.end(cell)
    assert author.texts == ["A"]
    assert author.capture.page.plots[0].short_id == "k1"


def test_what_waits_for_an_output_that_never_comes_stays(author: Author) -> None:
    cell = author.begin()
    author.show("a", cell=cell)
    author.cells.clear_area(cell.area, wait=True)
    author.cells.remove_cleared(cell.area)
    author.end(cell)
    assert author.texts == ["a"]
    author.end(author.begin())
    assert author.texts == []


def test_what_does_not_wait_is_gone_with_the_cell_even_if_that_fails(author: Author) -> None:
    cell = author.begin()
    author.show("a", cell=cell)
    author.cells.clear_area(cell.area, wait=False)
    author.end(cell, fails=True)
    assert author.texts == []


def test_a_place_is_kept_after_what_was_there_is_gone(author: Author) -> None:
    cell = author.begin()
    author.show("a", "b", cell=cell)
    author.cells.clear_area(cell.area, wait=False)
    author.cells.remove_cleared(cell.area)
    assert author.texts == []
    author.show("A", "B", "C", cell=cell)
    assert author.positions == [0, 1, 2]


def test_the_same_object_takes_its_own_place_again(author: Author) -> None:
    cell = author.begin()
    a, b = Div(text="a"), Div(text="b")
    for each in (a, b):
        author.cells.show(each, cell)
    author.cells.clear_area(cell.area, wait=True)
    for each in (b, a):
        author.cells.show(each, cell)
    author.end(cell)
    assert author.texts == ["a", "b"]


def test_what_was_cleared_and_is_not_shown_again_goes_with_the_next_clear(author: Author) -> None:
    cell = author.begin()
    author.show("a", "b", cell=cell)
    author.cells.clear_area(cell.area, wait=True)
    author.show("A", cell=cell)
    author.cells.clear_area(cell.area, wait=True)
    assert author.texts == ["A"]


def test_clearing_again_before_anything_is_shown_keeps_the_places_and_does_not_bring_back(
    author: Author,
) -> None:
    cell = author.begin()
    author.show("a", cell=cell)
    for wait in (False, True):
        author.cells.clear_area(cell.area, wait=wait)
    author.cells.remove_cleared(cell.area)
    assert author.texts == []
    author.show("A", cell=cell)
    assert author.positions == [0]


def test_an_area_of_a_widget_is_cleared_apart_and_goes_with_the_cell(author: Author) -> None:
    cell = author.begin()
    widget = Area(cell.area)
    author.show("cell", cell=cell)
    author.show("widget", cell=cell, area=widget)
    author.end(cell)
    for text in "ab":
        author.cells.clear_area(widget, wait=True)
        author.show(text, area=widget)
        assert author.texts == ["cell", text]
    again = author.begin()
    author.show("cell", cell=again)
    assert author.show("c", area=widget) == [Outcome.SKIPPED]
    author.end(again)
    assert author.texts == ["cell"]


def test_a_widget_that_is_displayed_elsewhere_belongs_there(author: Author) -> None:
    first, second = author.begin("c"), author.begin("d")
    widget = Area(first.area)
    author.show("a", cell=first, area=widget)
    author.end(first)
    author.cells.display_area(widget, second.area)
    author.end(second)
    author.end(author.begin("c"))
    assert author.texts == ["a"]
    author.end(author.begin("d"))
    assert author.texts == []


def test_a_cell_run_again_takes_the_places_of_its_widgets_also_where_they_are_displayed_elsewhere(
    author: Author,
) -> None:
    first, second = author.begin("c"), author.begin("d")
    former = Area(first.area)
    author.show("a", cell=first, area=former)
    author.cells.display_area(former, second.area)
    again = author.begin("c")
    author.show("b", cell=again, area=Area(again.area))
    author.end(again)
    assert author.texts == ["b"]
    assert not former.plots


def test_what_is_displayed_in_an_area_is_cleared_with_it_and_seen_again_when_displayed_again(
    author: Author,
) -> None:
    cell = author.begin()
    outer, inner = Area(cell.area), Area(cell.area)
    author.cells.display_area(outer, cell.area)
    author.cells.display_area(inner, outer)
    shown = [Div(text=text) for text in "ab"]
    for each in shown:
        author.cells.show(each, cell, area=inner)
    author.cells.clear_area(cell.area, wait=False)
    author.cells.remove_cleared(cell.area)
    assert author.texts == []
    assert author.show("hidden", area=inner) == [Outcome.HIDDEN]
    author.cells.display_area(outer, cell.area)
    author.end(cell)
    assert author.texts == ["a", "b", "hidden"]


def test_what_was_cleared_while_it_was_hidden_is_not_seen_again(author: Author) -> None:
    cell = author.begin()
    widget = Area(cell.area)
    author.cells.display_area(widget, cell.area)
    shown = Div(text="a")
    author.cells.show(shown, cell, area=widget)
    author.cells.clear_area(cell.area, wait=False)
    author.show("hidden", area=widget)
    author.cells.clear_area(widget, wait=True)
    author.cells.display_area(widget, cell.area)
    author.end(cell)
    assert author.texts == []


def test_a_widget_that_is_displayed_in_itself_does_no_harm(author: Author) -> None:
    cell = author.begin()
    widget = Area(cell.area)
    for _ in range(2):
        author.cells.display_area(widget, cell.area)
        author.cells.display_area(widget, widget)
    author.show("a", cell=cell, area=widget)
    author.cells.clear_area(cell.area, wait=False)
    author.end(cell)
    assert author.texts == []


def test_a_widget_that_is_closed_takes_all_along(author: Author) -> None:
    cell = author.begin()
    widget = Area(cell.area)
    author.show("a", "b", cell=cell, area=widget)
    author.cells.clear_area(widget, wait=True)
    author.show("A", cell=cell, area=widget)
    author.cells.close_area(widget)
    assert author.texts == []


def test_callbacks_have_a_limited_number_of_places(author: Author) -> None:
    cell = author.begin()
    widget = Area(cell.area)
    author.end(cell)
    author.show(*map(str, range(50)), area=widget)
    assert sorted(author.texts, key=int) == [str(number) for number in range(50 - MAX_UNNAMED_PLOTS, 50)]


def test_what_is_shared_by_name_is_not_cleared(author: Author) -> None:
    cell = author.begin()
    p = Div(text="p")
    author.cells.show(p, cell)
    author.named.share(p, "sales")
    author.cells.show(p, cell)
    author.cells.clear_area(cell.area, wait=False)
    author.end(cell)
    assert [plot.key for plot in author.capture.page.plots] == [PlotKey("name", "sales")]


def test_code_that_runs_after_its_cell_takes_the_place_of_what_it_cleared(author: Author) -> None:
    cell = author.begin()
    author.end(cell)
    for text in "abc":
        author.cells.clear_area(cell.area, wait=True)
        author.show(text, area=cell.area)
    assert author.texts == ["c"]


def test_the_cell_of_a_request_is_known_until_it_is_run_again_and_for_a_limited_number(
    author: Author,
) -> None:
    first = author.begin("c", request_id="r1")
    author.end(first)
    assert author.cells.find_last_run("r1") is first
    author.end(author.begin("c", request_id="r2"))
    assert author.cells.find_last_run("r1") is None
    assert author.cells.find_last_run("") is None
    for number in range(MAX_REMEMBERED_RUNS):
        author.end(author.begin(str(number)))
    assert author.cells.find_last_run("r2") is None
