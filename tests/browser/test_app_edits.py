"""What a viewer of an app sees after another choice: what a new viewer would see, drawn by BokehJS."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.test_apps import OPENED
from playwright.sync_api import Browser, Page
from support.edits import EDITS
from support.notebook_pages import Kernels, difference, link_in, picture_of

PATIENCE = 5.0
"""Seconds until two pictures that should be the same are said to differ."""
SIZE = {"width": 900, "height": 900}
SHARE = """
import sys
sys.path.insert(0, {folder!r})
from support.edits import EDITS
from bokeh_share import share

def edits(edit: int = 0, after: bool = False):
    return EDITS[edit].make(after)

share(edits, controls=True)
"""
CHOOSE = """([edit, after]) => {
    const [bokeh] = Bokeh.documents;
    const find = (name) => [...bokeh._all_models.values()].find((model) => model.name === name);
    if (edit !== null) Object.assign(find("edit"), { value: edit, value_throttled: edit });
    if (after !== null) find("after").active = after ? [0] : [];
}"""
CHOSEN = """(query) => Bokeh.documents[0].get_model_by_name("bokeh_share").tags[0] === query
    && !document.querySelector(".offscreen")"""
STAYS = "both directions get the same scale"
"""Known to fail: ranges that have followed their data in a document keep the scale that they have there."""
SAMPLE = [edit for edit in EDITS[::12] if "legend" not in edit.name and edit.name != STAYS]
"""On the page of plots all are tried; here it is BokehJS that builds views for new models in a document. Each
painting leaves a shade on a legend's edge, which the page of plots wipes off, and that of an app does not."""


@pytest.fixture(scope="module")
def share(kernels: Kernels) -> Iterator[str]:
    """The link of an app that makes any of the edits."""
    with kernels.lend() as kernel:
        link = link_in(kernel.run("%bokeh_share", cell="the sharing cell"))
        folder = str(Path(__file__).resolve().parents[1])
        kernel.run(SHARE.format(folder=folder), cell="edits")
        yield f"{link}edits"


@pytest.fixture(scope="module")
def pages(browser: Browser, share: str) -> Iterator[tuple[Page, Page]]:
    """Of a viewer who chooses, and of one who opens the page each time."""
    context = browser.new_context(viewport=SIZE, reduced_motion="reduce")  # type: ignore[arg-type]
    pages = context.new_page(), context.new_page()
    for page in pages:
        page.goto(share)
        page.wait_for_function(OPENED, arg=1)
    yield pages
    context.close()


def choose(page: Page, query: str, *, edit: int | None = None, after: bool | None = None) -> None:
    page.evaluate(CHOOSE, [edit, after])
    page.wait_for_function(CHOSEN, arg=query)


def captured(page: Page) -> Any:
    page.mouse.move(1, 1)
    return picture_of(page.locator(".app .plot"))


@pytest.mark.parametrize("name", [edit.name for edit in SAMPLE])
def test_it_looks_as_for_a_new_viewer(pages: tuple[Page, Page], share: str, name: str) -> None:
    page, other = pages
    edit = [each.name for each in EDITS].index(name)
    former = f"edit={edit}" if edit else ""
    page.evaluate(CHOOSE, [None, False])
    choose(page, former, edit=edit, after=False)
    query = "&".join(filter(None, (former, "after=true")))
    choose(page, query, after=True)
    other.goto(f"{share}?{query}")
    other.wait_for_function(OPENED, arg=1)
    deadline = time.monotonic() + PATIENCE
    while difference(captured(page), captured(other)):
        assert time.monotonic() < deadline, "it looks otherwise"
