"""The configuration blocks of docs/networks.md, in front of a real share, with a real browser before them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser.test_apps import TREND, opened, until_titled
from playwright.sync_api import Browser
from support.notebook_pages import Kernel, Open, link_in
from support.reverse_proxies import NGINX, VARIANTS, ReverseProxy, Setup, find_free_port, make_certificate

# What passes a proxy are addresses, headers and frames; plots only have to be there.
pytestmark = pytest.mark.one_pairing
FIRST = "p = figure(title='first', width=300, height=200)\np.line([1, 2], [3, 4])\nshow(p)"


@pytest.fixture
def link(kernel: Kernel, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The link that the card shows first, which leads through nginx or the proxy of the test's parameter."""
    proxy: ReverseProxy = getattr(request, "param", NGINX)
    certificate, _ = make_certificate(tmp_path)
    port = find_free_port()
    said = kernel.run(f"%bokeh_share --public-url https://localhost:{port}/sales", cell="sharing")
    link = link_in(said)
    assert link.startswith(f"https://localhost:{port}/sales/")
    assert f"{link}  (for colleagues)" in said
    share = kernel.ask("__import__('bokeh_share').share().urls[-1]")
    folder = tmp_path / "proxy"
    folder.mkdir()
    with proxy.run(Setup(folder, port, urlsplit(share).port or 0, certificate)):
        yield link


@pytest.mark.parametrize("link", VARIANTS.values(), ids=[*VARIANTS], indirect=True)
def test_page_and_websocket_live_behind_it(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(FIRST, cell="the plot's")
    viewer = visit(link, ignore_https_errors=True).in_step_with(kernel)
    viewer.mark()
    kernel.run("p.title.text = 'second'\nshow(p)", cell="the plot's")
    viewer.in_step_with(kernel)
    assert viewer.titles() == ["second"]
    assert not viewer.was_reloaded
    viewer.page.goto(link.rstrip("/"))
    viewer.wait_for_state("live")
    assert viewer.page.url == link


def test_an_app_lives_behind_it(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.run(TREND + "share(trend, controls=True)", cell="the app's")
    viewer = opened(visit(f"{link}trend?days=7", ignore_https_errors=True))
    until_titled(viewer, "7 days")
    viewer.page.goto(f"{link}trend/?days=8")
    until_titled(opened(viewer), "8 days")
    assert viewer.page.url == f"{link}trend?days=8"


def test_the_password_is_asked_for_behind_it_and_its_cookie_is_for_https(
    kernel: Kernel, link: str, browser: Browser
) -> None:
    kernel.run("import os; os.environ['BOKEH_SHARE_PASSWORD'] = 'x'\n%bokeh_share --password", cell="sharing")
    context = browser.new_context(ignore_https_errors=True)
    try:
        page = context.new_page()
        page.goto(f"{link}#there")
        page.fill("#password", "x")
        page.press("#password", "Enter")
        page.wait_for_selector("html[data-state=live]", state="attached")
        assert page.url == f"{link}#there"
        (cookie,) = context.cookies()
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
        assert f"{cookie['path']}/" == urlsplit(link).path
    finally:
        context.close()
        kernel.run("del os.environ['BOKEH_SHARE_PASSWORD']")
