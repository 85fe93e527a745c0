"""One browser and one kernel for all, one share for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from support.colleague import Colleague, Two
from support.notebook_pages import Kernel, Kernels, Open, Viewer, link_in


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str, chromium_args: list[str]) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=chromium_args)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernels]:
    """For tests one after the other. A module whose tests change a kernel for good has some of its own."""
    with Kernels(tmp_path_factory.mktemp("ipython")) as kernels:
        yield kernels


@pytest.fixture
def kernel(kernels: Kernels) -> Iterator[Kernel]:
    """With the extension loaded, and nothing on the page; cleaned after each test."""
    with kernels.lend() as kernel:
        yield kernel


@pytest.fixture
def link(kernel: Kernel) -> str:
    """Of a share that has just been started."""
    return link_in(kernel.run("%bokeh_share -t Plots", cell="the sharing cell"))


@pytest.fixture(autouse=True)
def _no_page_is_left_open(browser: Browser) -> Iterator[None]:
    before = [page for context in browser.contexts for page in context.pages]
    yield
    after = [page for context in browser.contexts for page in context.pages]
    assert [page.url for page in after if page not in before] == []


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens a link as one more colleague, whose page runs `script` before its own ones. Whatever the page
    complains of fails the test."""
    viewers: list[Viewer] = []
    contexts = []

    def open_link(url: str, *, state: str = "live", script: str = "", **options: Any) -> Viewer:
        size = {"width": 1280, "height": 900}
        context = browser.new_context(**{"viewport": size, "reduced_motion": "reduce", **options})
        contexts.append(context)
        context.add_init_script(script)
        viewers.append(Viewer(context.new_page(), url))
        return viewers[-1].open(state)

    try:
        yield open_link
    finally:
        for context in contexts:
            context.close()
    assert [trouble for viewer in viewers for trouble in viewer.troubles] == []


@pytest.fixture(scope="module")
def colleagues(browser: Browser) -> Iterator[Two]:
    """One who is there from the start, and one who comes late."""
    two = Colleague(browser), Colleague(browser)
    yield two
    for colleague in two:
        colleague.close()
