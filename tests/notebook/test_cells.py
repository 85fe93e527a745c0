"""What cells show, run again, and no longer show."""

from __future__ import annotations

import pytest
from bokeh.models import Div
from support.author import Author

from bokeh_share.notebook.cell import CellRun, Outcome
from bokeh_share.plots.key_chooser import MAX_UNNAMED_PLOTS
from bokeh_share.plots.page import PlotKey


@pytest.fixture
def author() -> Author:
    return Author()


def test_a_cell_run_again_replaces_its_plots_by_place_and_lets_extra_ones_go(author: Author) -> None:
    author.run("c", Div(text="a"), Div(text="b"))
    author.run("c", Div(text="c"))
    assert author.keys == [PlotKey("cell", "c", 0)]
    assert author.texts == ["c"]


def test_a_cell_that_fails_keeps_what_it_had_not_reached(author: Author) -> None:
    author.run("c", Div(text="a"), Div(text="b"))
    author.run("c", Div(text="new"), fails=True)
    assert author.texts == ["new", "b"]


def test_a_plot_shown_twice_by_one_cell_is_one_and_by_two_cells_two(author: Author) -> None:
    p = Div(text="p")
    author.run("c", p, p)
    author.run("d", p)
    assert author.keys == [PlotKey("cell", "c", 0), PlotKey("cell", "d", 0)]


def test_a_deleted_cells_plots_go(author: Author) -> None:
    author.run("c", Div(text="a"))
    author.run("d", Div(text="b"))
    author.cells.delete_cells(["c", "unknown"])
    assert author.texts == ["b"]


def test_without_a_cells_id_each_plot_of_a_run_has_a_place_and_the_same_code_finds_it_again(
    author: Author,
) -> None:
    for run in "ab":
        plots = [Div(text=run + str(number)) for number in range(4)]
        author.names["p"] = plots[-1]
        author.run(None, *plots, code="for i in range(4): p = make(i); show(p)")
        assert author.texts == [f"{run}{number}" for number in range(4)]
    author.run(None, Div(text="fewer"), code="for i in range(4): p = make(i); show(p)")
    assert author.texts == ["fewer"]


def test_without_a_cells_id_other_code_is_another_cell_whatever_its_variables_are_called(
    author: Author,
) -> None:
    for text in "ab":
        author.names["p"] = Div(text=text)
        author.run(None, author.names["p"], code=f"p = make({text}); show(p)")
    assert author.texts == ["a", "b"]


def test_without_cell_ids_the_same_object_is_there_once_whichever_code_shows_it(author: Author) -> None:
    p, q = Div(text="p"), Div(text="q")
    author.run(None, p, code="show(p)")
    author.run(None, q, p, code="show(q); show(p)")
    author.run(None, p, q, code="show(p); show(q)")
    assert author.texts == ["p", "q"]


def test_code_that_is_no_utf_8_has_an_id_too() -> None:
    assert CellRun.from_code(None, "\ud800").id != CellRun.from_code(None, "\ud801").id


def test_outside_of_cells_the_variables_name_is_the_key(author: Author) -> None:
    for text in "ab":
        author.names["p"] = Div(text=text)
        author.cells.show(author.names["p"], None)
    assert author.keys == [PlotKey("variable", "p", 0)]
    assert author.texts == ["b"]


def test_a_cells_name_is_its_plots_name(author: Author) -> None:
    author.run("c", Div(text="a"), Div(text="b"), name="sales")
    assert [key.name for key in author.keys] == ["sales", "sales 2"]
    author.run("c", Div(text="c"), name="costs")
    assert [key.name for key in author.keys] == ["costs"]


def test_a_dropped_plot_keeps_its_place_so_that_its_neighbours_keep_theirs(author: Author) -> None:
    author.run("c", Div(text="a"), Div(text="b"))
    author.named.drop([PlotKey("cell", "c", 0)])
    author.run("c", Div(text="c"), Div(text="d"))
    assert author.keys == [PlotKey("cell", "c", 1)]
    assert author.texts == ["d"]


def test_what_is_shown_after_its_cell_has_places_of_its_own_of_a_limited_number(author: Author) -> None:
    plots = [Div(text=str(number)) for number in range(50)]
    for each in plots:
        assert author.cells.show(each, None)
        assert author.cells.show(each, None)
    assert len(author.keys) == MAX_UNNAMED_PLOTS
    assert {"49", "48", "31"} <= set(author.texts)


def test_a_skipped_cell_shows_nothing_and_what_it_showed_before_goes(author: Author) -> None:
    author.run("c", Div(text="a"))
    assert author.run("c", Div(text="b"), is_skipped=True) == [Outcome.SKIPPED]
    assert not author.keys


def test_a_caption_stands_by_what_the_cell_shows_and_goes_with_it(author: Author) -> None:
    p = Div(text="a")
    author.run("c", p, caption="in euros")
    assert author.captions == ["in euros"]
    p.text = "b"
    author.run("d")
    assert author.captions == ["in euros"]
    author.run("c", p)
    assert author.captions == [None]
