"""The order of plots on the page."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from bokeh.models import Div
from support.author import Author

from bokeh_share.errors import UnknownName


@pytest.fixture
def author() -> Author:
    return Author()


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


def test_what_the_author_orders_comes_first(author: Author) -> None:
    for name in ("a", "b", "c"):
        author.named.share(Div(text=name), name)
    author.order.arrange(["c", "a"])
    assert author.texts == ["c", "a", "b"]
    with pytest.raises(UnknownName) as caught:
        author.order.arrange(["bb"])
    assert caught.value.suggestion == "b"
    assert author.texts == ["c", "a", "b"]
