"""An attempt that BokehJS could not draw leaves nothing behind once the author has corrected it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.models import Div, LinearColorMapper
from bokeh.plotting import figure
from playwright.sync_api import expect
from support.colleague import Author, Colleague, Two, all_caught_up, compare

FIELD = np.arange(12.0).reshape(3, 4)
FAIL_AT_COLUMNS = """() => {
    const source = [...Bokeh.documents.at(-1)._all_models.values()].find((model) => model.selected);
    source.change.connect(() => { throw new Error("half-way") });
}"""


def image(month: str, field: Any, kind: str) -> figure:
    """Has more to change in another month; unless `kind` is "patch", also what BokehJS redraws wrongly."""
    p = figure(title=month, width=400, height=300, tools="pan,reset")
    p.background_fill_color = "white" if month == "January" else "pink"
    if kind != "patch":
        p.title.text_font_size = "13px" if month == "January" else "20px"
    mapper = LinearColorMapper(palette="Viridis256", low=0, high=12)
    p.image([field], x=0, y=0, dw=4, dh=3, color_mapper=mapper)
    p.scatter([1, 2], [1, 2], size=9, color="white" if month == "January" else "red")
    return p


def expect_failure(colleague: Colleague) -> None:
    colleague.deliver()
    expect(colleague.page.locator(".error")).to_be_visible()


@pytest.mark.parametrize("kind", ["patch", "redraw", "whole"])
def test_a_change_that_failed_and_was_corrected(colleagues: Two, kind: str, tmp_path: Path) -> None:
    here, late = colleagues
    author = Author()
    author.show(image("January", FIELD, kind))
    with here.watching(author):
        here.until_drawn()
        panned = here.pan()
        if kind == "whole":
            here.fall_behind()
        author.show(image("February", FIELD[..., None], kind))
        expect_failure(here)
        assert here.patch_kinds == ([] if kind == "whole" else [kind])
        author.show(image("February", FIELD, kind))
        with late.watching(author):
            all_caught_up(here, late)
            assert here.ranges() == panned
            here.reset()
            late.pan()  # a tool that was used looks otherwise
            late.reset()
            assert compare(here.captured, late.captured, tmp_path) is None
            assert late.troubles == []


def test_a_patch_that_failed_half_way_through_its_events(colleagues: Two, tmp_path: Path) -> None:
    here, late = colleagues
    author = Author()
    author.show(image("January", FIELD, "patch"))
    with here.watching(author):
        here.until_drawn()
        panned = here.pan()
        here.page.evaluate(FAIL_AT_COLUMNS)
        author.show(image("February", FIELD + 1, "patch"))
        with late.watching(author):
            all_caught_up(here, late)
            assert here.patch_kinds == ["patch"]
            assert here.resend_count == 1
            assert here.ranges() == panned
            here.reset()
            late.pan()
            late.reset()
            assert compare(here.captured, late.captured, tmp_path) is None


def test_another_plot_that_failed_and_was_corrected(colleagues: Two, tmp_path: Path) -> None:
    here, late = colleagues
    author = Author()
    author.show(Div(text="January"))
    with here.watching(author):
        here.until_drawn()
        author.show(image("February", FIELD[..., None], "patch"))
        expect_failure(here)
        assert here.patch_kinds == [], "it was sent whole"
        author.show(image("March", FIELD, "patch"))
        with late.watching(author):
            all_caught_up(here, late)
            assert here.titles() == ["March"]
            assert compare(here.captured, late.captured, tmp_path) is None
