"""BokehJS is in several files, of which a page loads what its plots need, when they need it: in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from bokeh.model import Model
from bokeh.models import ColumnDataSource, DataTable, Div, TableColumn
from bokeh.plotting import figure
from PIL import Image
from playwright.sync_api import Browser
from support.colleague import Author, Colleague, compare


def formula() -> Model:
    p = figure(title=r"$$\sqrt{x^2}$$", width=300, height=200)
    p.line([1, 2, 3], [3, 1, 2])
    return p


def webgl() -> Model:
    p = figure(title="webgl", width=300, height=200, output_backend="webgl")
    steps = np.linspace(0, 9, 2_000)
    p.scatter(steps, np.sin(steps), size=9, color="navy", line_color=None)
    return p


def table() -> Model:
    source = ColumnDataSource({"a": [1, 2, 3]})
    return DataTable(source=source, columns=[TableColumn(field="a", title="a")], width=300, height=150)


KINDS: list[Callable[[], Model]] = [lambda: Div(text="hello"), formula, webgl, table]
NAMES = ["a text", "a formula", "webgl", "a table"]


@contextmanager
def page_of(browser: Browser) -> Iterator[Colleague]:
    """A page that has loaded no part yet."""
    colleague = Colleague(browser)
    try:
        yield colleague
    finally:
        colleague.close()


@pytest.fixture(scope="module")
def right(browser: Browser) -> list[Image.Image]:
    """What each kind looks like where it comes first."""
    pictures = []
    for kind in KINDS:
        author = Author()
        author.show(kind())
        with page_of(browser) as page, page.watching(author):
            page.until_drawn()
            pictures.append(page.settled())
    return pictures


@pytest.mark.parametrize("first", range(len(KINDS)), ids=NAMES)
def test_what_comes_after_looks_as_if_it_were_alone(
    first: int, browser: Browser, right: list[Image.Image], tmp_path: Path
) -> None:
    order = [first, *(number for number in range(len(KINDS)) if number != first)]
    author = Author()
    author.show(KINDS[first]())
    with page_of(browser) as page, page.watching(author):
        for number in order:
            author.show(KINDS[number]())
            page.deliver()
            page.until_drawn()
            found = compare(page.captured, lambda number=number: right[number], tmp_path)
            assert found is None, f"{NAMES[number]}, after {NAMES[first]}"
        assert page.troubles == []
