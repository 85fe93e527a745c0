"""One browser for all, one kernel for each module, one share for each test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from support.colleague import Colleague, Two
from support.notebook_pages import Kernel, Open, Viewer, link_in
from support.ordinary import FORGET


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright, chromium: str, chromium_args: list[str]) -> Iterator[Browser]:
    browser = playwright.chromium.launch(executable_path=chromium, args=chromium_args)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def _kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        kernel = Kernel()
    try:
        kernel.run("import numpy as np\nfrom bokeh.io import show\nfrom bokeh.plotting import figure")
        yield kernel
    finally:
        kernel.close()


@pytest.fixture
def kernel(_kernel: Kernel) -> Iterator[Kernel]:
    """With the extension loaded, and nothing on the page."""
    _kernel.run("%load_ext bokeh_share", cell="the first cell")
    yield _kernel
    if _kernel.manager.is_alive():
        _kernel.run(f"%unload_ext bokeh_share\n{FORGET}", cell="the last cell")


@pytest.fixture
def link(kernel: Kernel) -> str:
    """Of a share that has just been started."""
    return link_in(kernel.run("%bokeh_share -t Plots", cell="the sharing cell"))


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """Opens a link as one more colleague. Whatever the page complains of fails the test."""
    viewers: list[Viewer] = []
    contexts = []

    def open_link(url: str, *, state: str = "live", **options: Any) -> Viewer:
        size = {"width": 1280, "height": 900}
        context = browser.new_context(**{"viewport": size, "reduced_motion": "reduce", **options})
        contexts.append(context)
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
