"""The example in docs/nginx.md, in front of a real share, with a real browser before it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser.test_apps import TREND, opened, until_titled
from playwright.sync_api import Browser
from support.nginx import nginx
from support.notebook_pages import Kernel, Open, link_in

# What passes a proxy are addresses and headers; plots only have to be there.
pytestmark = pytest.mark.one_pairing
FIRST = "p = figure(title='first', width=300, height=200)\np.line([1, 2], [3, 4])\nshow(p)"


@pytest.fixture
def port() -> int:
    """One that nginx can have."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


@pytest.fixture(params=[False, True], ids=["strips the path", "leaves the path on"])
def link(kernel: Kernel, port: int, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The link that the card shows first, which leads through nginx."""
    said = kernel.run(f"%bokeh_share --public-url https://localhost:{port}/sales", cell="sharing")
    link = link_in(said)
    assert link.startswith(f"https://localhost:{port}/sales/")
    assert f"{link}  (for colleagues)" in said
    share = kernel.ask("__import__('bokeh_share').share().urls[-1]")
    with nginx(tmp_path, port, urlsplit(share).port or 0, leaves_path=request.param):
        yield link


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


def test_another_path_or_name_of_the_proxy_lets_nobody_in(link: str, browser: Browser) -> None:
    context = browser.new_context(ignore_https_errors=True)
    try:
        page = context.new_page()
        prefix = urlsplit(link).path.removeprefix("/sales")
        origin = link.removesuffix(f"/sales{prefix}")
        for path in ("/sales/", "/sales/x/", prefix, f"/other{prefix}"):
            response = page.request.get(origin + path)
            assert response.status == 404
    finally:
        context.close()
