"""A change is painted once, and repeated paints leave no trace."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bokeh.models import Model
from bokeh.plotting import figure
from playwright.sync_api import Browser
from support.colleague import Author, Colleague, Two, all_caught_up, compare_all

COUNT = """() => Bokeh.documents.flatMap(({ views_manager }) => {
    return [...views_manager.query(({ _render_count }) => _render_count !== undefined)];
}).map(({ _render_count }) => _render_count)"""
TITLE = """(text) => {
    for (const shown of Bokeh.documents) for (const root of shown.roots()) root.title.text = text;
}"""


@pytest.fixture(scope="module", params=[1, 2], ids=["at 1 ×", "at 2 ×"])
def colleagues(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Two]:
    two = (
        Colleague(browser, device_scale_factor=request.param),
        Colleague(browser, device_scale_factor=request.param),
    )
    yield two
    for colleague in two:
        colleague.close()


def dark(title: str, **options: Any) -> Model:
    """A figure whose edges would show what is left there: dark, and half transparent on the white card."""
    look = {"border_fill_color": "black", "border_fill_alpha": 0.5, "outline_line_color": "red"}
    p = figure(width=301, height=203, title=title, **{**look, **options})
    p.line([1, 2, 3], [3, 1, 2], legend_label="sales")
    p.legend.background_fill_color = "navy"
    p.legend.background_fill_alpha = 0.5
    return p


@pytest.mark.parametrize("backend", ["canvas", "webgl", "svg"])
def test_many_paints_look_like_one(colleagues: Two, backend: str, tmp_path: Path) -> None:
    here, late = colleagues
    author = Author()
    author.show(dark("Sales 0", output_backend=backend))
    with here.watching(author):
        here.until_drawn()
        for number in range(1, 8):
            author.show(dark(f"Sales {number}", output_backend=backend))
            all_caught_up(here)
        with late.watching(author):
            all_caught_up(here, late)
            (look,) = compare_all(here, late, tmp_path)
            assert look.difference is None
            assert [*here.troubles, *late.troubles] == []


def paints(colleague: Colleague) -> list[int]:
    counts: list[int] = colleague.page.evaluate(COUNT)
    return counts


def test_a_change_is_painted_as_often_as_bokehjs_paints_it(colleagues: Two) -> None:
    here, _ = colleagues
    author = Author()
    author.show(dark("Sales"))
    with here.watching(author):
        here.until_drawn()
        here.until_settled()
        before = paints(here)
        here.page.evaluate(TITLE, "Sales of May")
        here.until_settled()
        alone = paints(here)
        author.show(dark("Sales of June"))
        all_caught_up(here)
        here.until_settled()
        assert [now - then for now, then in zip(paints(here), alone, strict=True)] == [
            now - then for now, then in zip(alone, before, strict=True)
        ]
