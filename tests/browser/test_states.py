"""Sentences that fill the window: states without plots, and a script or a websocket that does not come."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from support.notebook_pages import Kernel, Open

# Texts of the page's own, without a plot.
pytestmark = pytest.mark.one_pairing
NO_SCRIPT = "The script of this page did not start."
DROPPED = re.compile(rb"^(upgrade|connection): .*\r\n", re.I | re.M)


@contextmanager
def proxy_without_websockets(link: str) -> Iterator[str]:
    """A proxy that passes on each request without its upgrade, as nginx does by itself. Yields its link."""
    target = urlsplit(link)
    assert target.port
    address = ("127.0.0.1", target.port)

    def pass_on(visitor: socket.socket) -> None:
        with visitor, socket.create_connection(address) as server, suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                head += visitor.recv(65536)
            head = DROPPED.sub(b"", head).replace(own_host, target.netloc.encode())
            server.sendall(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            while data := server.recv(65536):
                visitor.sendall(data)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=pass_on, args=(listener.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        own_host = f"localhost:{listener.getsockname()[1]}".encode()
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield link.replace(target.netloc, own_host.decode())
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def is_in_the_middle(page: Page) -> bool:
    """Return True if the notice is in the middle of the window."""
    box = page.locator(".notice-title").bounding_box()
    size = page.viewport_size
    assert box
    assert size
    across = abs(box["x"] + box["width"] / 2 - size["width"] / 2) < 20
    return across and 0.2 < box["y"] / size["height"] < 0.6


def test_a_page_without_plots_says_its_state_and_what_happens_next(
    kernel: Kernel, link: str, visit: Open
) -> None:
    viewer = visit(link)
    title, following = viewer.page.locator(".notice-title"), viewer.page.locator(".notice-next")
    expect(title).to_have_text("There are no plots yet.")
    expect(following).to_have_text("They appear here when the author shows them.")
    assert is_in_the_middle(viewer.page)
    kernel.run("%bokeh_share --max-viewers 1", cell="c1")
    second = visit(link, state="full")
    expect(second.page.locator(".notice-title")).to_have_text("This page is full.")
    expect(second.page.locator(".notice-next")).to_have_text("It opens by itself when someone leaves.")
    with viewer.without_server(), second.without_server():
        kernel.run("%bokeh_share --stop", cell="c2")
        viewer.wait_for_state("ended")
        expect(title).to_have_text(re.compile(r"^Sharing ended at \d\d:\d\d( [AP]M)?\.$"))
        expect(following).to_have_text("This page opens by itself when they share again.")
        kernel.run("%bokeh_share", cell="the sharing cell")
        viewer.wait_for_state("live")
    kernel.show("sales", "p = figure(height=200)\np.line([1, 2], [2, 1])\nshow(p)")
    expect(title).to_be_hidden()


def test_a_page_that_gets_no_websocket_says_so_and_the_card_says_it_too(
    kernel: Kernel, link: str, browser: Browser
) -> None:
    kernel.show("sales", "p = figure(height=200)\np.line([1, 2], [2, 1])\nshow(p)")
    context = browser.new_context()
    with proxy_without_websockets(link) as proxied:
        page = context.new_page()
        page.goto(proxied)
        page.wait_for_selector("html[data-state=blocked]", timeout=20_000)
        assert page.locator(".notice-title").inner_text() == (
            "Something between this browser and the author’s computer lets no websocket through."
        )
        assert is_in_the_middle(page)
        note = "lets no websocket through. If 127.0.0.1 is a proxy, it must pass on websockets"
        assert note in kernel.run("%bokeh_share --status", cell="c2")
        page.goto(link.replace("localhost", "127.0.0.1"))
        page.wait_for_selector("html[data-state=live]")
        assert note not in kernel.run("%bokeh_share --status", cell="c2")
    context.close()


@pytest.mark.parametrize("path", ["", "trend"])
def test_a_page_whose_script_is_blocked_says_so(
    kernel: Kernel, link: str, browser: Browser, path: str
) -> None:
    kernel.run("from bokeh_share import share\ndef trend():\n    return figure()\nshare(trend)", cell="c1")
    context = browser.new_context()
    context.route(re.compile(r".*/(page|app)\.js"), lambda route: route.abort())
    page = context.new_page()
    answer = page.goto(link + path)
    assert answer
    # a browser that is driven shows no `noscript`, even if it runs no scripts
    assert "<noscript>" in answer.text()
    notice = page.locator(".script-notice")
    assert notice.evaluate("(notice) => getComputedStyle(notice).visibility") == "hidden"
    page.evaluate("for (const each of document.getAnimations()) each.finish()")
    expect(notice).to_contain_text(NO_SCRIPT)
    assert notice.evaluate("(notice) => getComputedStyle(notice).visibility") == "visible"
    context.close()


def test_in_a_low_window_the_header_scrolls_away(kernel: Kernel, link: str, visit: Open) -> None:
    kernel.show("sales", "p = figure(height=600, width=280)\np.line([1, 2], [2, 1])\nshow(p)")
    viewer = visit(link, viewport={"width": 320, "height": 256}).in_step_with(kernel)
    viewer.page.evaluate("scrollTo(0, 200)")
    header = "document.querySelector('.page-header').getBoundingClientRect()"
    viewer.page.wait_for_function(f"{header}.bottom < 0")
    viewer.page.set_viewport_size({"width": 390, "height": 844})
    viewer.page.wait_for_function(f"{header}.top === 0")
