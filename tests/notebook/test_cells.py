from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from bokeh.models import Div
from support.looks import as_json

from bokeh_share.errors import UnknownName
from bokeh_share.notebook.cell import CellRun, Outcome
from bokeh_share.notebook.cells import Cells
from bokeh_share.notebook.key_chooser import MAX_UNNAMED_PLOTS
from bokeh_share.notebook.notebook_file import NotebookFile
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.tracker import PlotTracker


class Author:
    """Somebody at a notebook: runs cells, and sees what is on the page."""

    def __init__(self, file: Path | None = None) -> None:
        self.names: dict[str, Any] = {}
        self.capture = PlotTracker()
        self.cells = Cells(self.capture, self.names, file)

    def run(
        self, id: str | None, *shown: Any, fails: bool = False, code: str = "", **marks: Any
    ) -> list[Outcome]:
        cell = CellRun.from_code(id, code)
        for mark, value in marks.items():
            setattr(cell, mark, value)
        on_page = [self.cells.show(each, cell) for each in shown]
        self.cells.finish_run(cell, success=not fails)
        return on_page

    @property
    def keys(self) -> list[PlotKey]:
        return [plot.key for plot in self.capture.page.plots]

    @property
    def texts(self) -> list[str]:
        models = [as_json(plot.snapshot) for plot in self.capture.page.plots]
        return [model["attributes"]["text"] for model in models]

    @property
    def captions(self) -> list[str | None]:
        return [plot.caption for plot in self.capture.page.plots]


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


def test_what_is_shared_by_name_leaves_the_place_where_a_cell_had_put_it(author: Author) -> None:
    p = Div(text="p")
    author.run("c", p)
    author.cells.share(p, "sales")
    author.run("d", p)
    assert author.keys == [PlotKey("name", "sales")]


def test_a_plot_that_was_named_apart_outlives_its_cell(author: Author) -> None:
    p = Div(text="p")
    author.cells.share(p, "sales")
    author.run("c", p)
    author.run("c")
    assert author.keys == [PlotKey("name", "sales")]


def test_a_shared_variable_follows_what_it_is_bound_to_and_keeps_the_last_plot(author: Author) -> None:
    author.names["p"] = Div(text="a")
    author.cells.share_variable("p")
    author.names["p"] = Div(text="b")
    author.run("c")
    assert author.texts == ["b"]
    for other in (3, None):
        author.names["p"] = other
        author.run("c")
        assert author.texts == ["b"]


def test_what_is_dropped_stays_away_until_it_is_shared_by_name(author: Author) -> None:
    p = Div(text="p")
    author.run("c", p, name="sales")
    author.cells.drop(author.keys)
    assert author.run("c", p, name="sales") == [Outcome.DROPPED]
    assert not author.keys
    author.cells.share(p, "sales")
    assert author.run("c", p, name="sales") == [Outcome.ON_PAGE]


def test_a_dropped_plot_keeps_its_place_so_that_its_neighbours_keep_theirs(author: Author) -> None:
    author.run("c", Div(text="a"), Div(text="b"))
    author.cells.drop([PlotKey("cell", "c", 0)])
    author.run("c", Div(text="c"), Div(text="d"))
    assert author.keys == [PlotKey("cell", "c", 1)]
    assert author.texts == ["d"]


def test_a_dropped_variable_is_no_longer_followed(author: Author) -> None:
    author.names["p"] = Div(text="a")
    author.cells.share_variable("p")
    author.cells.drop([PlotKey("name", "p")])
    author.names["p"] = Div(text="b")
    author.run("c")
    assert not author.keys


def test_a_variable_that_was_dropped_stays_away_when_its_cell_shows_it(author: Author) -> None:
    for text in "ab":
        author.names["p"] = Div(text=text)
        if text == "a":
            author.run("c", author.names["p"])
            author.cells.share_variable("p")
            author.cells.drop(author.keys)
        assert author.run("c", author.names["p"]) == [Outcome.DROPPED]
    assert not author.keys


def test_a_plot_that_was_dropped_under_its_name_stays_away_when_a_cell_shows_it(author: Author) -> None:
    p = Div(text="p")
    author.cells.share(p, "sales")
    author.cells.drop(author.keys)
    assert author.run("c", p) == [Outcome.DROPPED]
    author.cells.share(p, "sales")
    assert author.run("c", p) == [Outcome.ON_PAGE]


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


def test_the_caption_of_a_named_plot_stays_when_a_cell_shows_it(author: Author) -> None:
    p = Div(text="a")
    author.cells.share(p, "sales", "in euros")
    author.run("c", p)
    assert author.captions == ["in euros"]


def written(path: Path, *ids: str) -> Path:
    path.write_text(json.dumps({"cells": [{"id": id} for id in ids]}))
    return path


def test_plots_stand_in_the_order_of_the_notebooks_cells(tmp_path: Path) -> None:
    author = Author(written(tmp_path / "n.ipynb", "a", "b", "c"))
    for id in "cab":
        author.run(id, Div(text=id), Div(text=id + "2"))
    assert author.texts == ["a", "a2", "b", "b2", "c", "c2"]


def test_a_cell_that_the_file_does_not_have_yet_comes_last(tmp_path: Path) -> None:
    author = Author(written(tmp_path / "n.ipynb", "a", "b"))
    for id in ("new", "b", "a"):
        author.run(id, Div(text=id))
    assert author.texts == ["a", "b", "new"]


def test_the_order_follows_the_file_when_it_is_saved_again(tmp_path: Path) -> None:
    path = written(tmp_path / "n.ipynb", "a", "b")
    author = Author(path)
    author.run("a", Div(text="a"))
    author.run("b", Div(text="b"))
    written(path, "x", "b", "a")
    os.utime(path, ns=(1, 1))
    author.run("a", Div(text="a"))
    assert author.texts == ["b", "a"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', "\xff"])
def test_a_file_that_is_no_notebook_changes_nothing(tmp_path: Path, content: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(content, "latin-1")
    file = NotebookFile(path)
    file.update_order()
    assert file.find_index("a") is None
    NotebookFile(tmp_path / "missing").update_order()


def test_what_the_author_orders_comes_first(author: Author) -> None:
    for name in ("a", "b", "c"):
        author.cells.share(Div(text=name), name)
    author.cells.arrange(["c", "a"])
    assert author.texts == ["c", "a", "b"]
    with pytest.raises(UnknownName) as caught:
        author.cells.arrange(["bb"])
    assert caught.value.suggestion == "b"
    assert author.texts == ["c", "a", "b"]
