"""The author's own page in a real kernel: who gets it, and what ends it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from kernel.test_password import Browser
from support.kernel_driver import DEADLINE, Kernel
from support.looks import opened
from support.page_messages import merge_page
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

pytestmark = pytest.mark.one_pairing  # links do not depend on the versions

LINK = re.compile(r"open as author: (http://\S+)")


def author_link(kernel: Kernel, cell: str = "author") -> str:
    output = kernel.run("%bokeh_share --author", cell)
    match = LINK.search(output.displays[-1]["text/plain"])
    assert match is not None, output
    return match[1]


def open_link(link: str) -> Browser:
    """Open the author's link as its page does."""
    base, _, query = link.partition("?")
    browser = Browser(base)
    assert browser.ask(f"?{query}")[0] == 200
    status, headers, _ = browser.ask(f"?{query}", "POST")
    assert status == 204
    browser.cookie = headers["Set-Cookie"].partition(";")[0]
    return browser


def is_author(kernel: Kernel, browser: Browser) -> bool:
    """Ask the running share, which tells nobody else."""
    token = browser.cookie.partition("=")[2]
    control = "__import__('bokeh_share').sharing.current._process_state.runner.author_links._author"
    return bool(kernel.ask(f"{control}.is_valid_token({token!r})"))


def test_nothing_that_works_later_stays_in_the_notebook(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    url = kernel.share()
    link = author_link(kernel)
    assert link.startswith(f"{url}?author=")
    secret = link.partition("=")[2]
    assert any(secret in str(bundle) for bundle in kernel.displays.values())
    browser = open_link(link)
    assert is_author(kernel, browser)
    kernel.wait(lambda: not any(secret in str(bundle) for bundle in kernel.displays.values()))
    assert Browser(url).ask(f"?author={secret}", "POST")[0] == 405
    assert secret not in str(kernel.outputs[-1].stdout)


@pytest.mark.parametrize("end", ["%bokeh_share --fresh", "%bokeh_share --stop\n%bokeh_share"])
def test_it_ends_with_the_link_and_with_the_share(kernel: Kernel, end: str) -> None:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    kernel.share()
    browser, unused = open_link(author_link(kernel)), author_link(kernel, "another")
    kernel.run(end, "c2")
    assert not is_author(kernel, browser)
    query = urlsplit(unused).query
    assert Browser(kernel.url).ask(f"?{query}", "POST")[0] == 405
    assert not any(query in str(bundle) for bundle in kernel.displays.values())


def test_it_starts_a_share_and_python_has_it_too(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    output = kernel.run("%bokeh_share --author", "c2")
    assert len(output.displays) >= 2, "the card, and the link below it"
    assert LINK.search(output.displays[-1]["text/plain"])
    output = kernel.run("from bokeh_share import share\nlive = share()\nprint(live.author_link())", "c3")
    match = LINK.search(output.stdout)
    assert match is not None
    assert is_author(kernel, open_link(match[1]))
    output = kernel.run("live.stop()\nlive.author_link()", "c4", fails=True)
    assert output.error == "NothingShared"


class AuthorsPage:
    """An open page of the author: its websocket, and the state that it was sent."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._count = 0
        self.state: dict[str, Any] = {}
        self.answers: list[dict[str, Any]] = []
        self.page: dict[str, Any] = {}

    def do(self, command: str, /, **arguments: Any) -> int:
        self._count += 1
        message = {"do": command, "number": self._count, **arguments}
        self._connection.send(json.dumps(message, separators=(",", ":")))
        return self._count

    def until(self, condition: Callable[[], object]) -> None:
        while not condition():
            message = opened(self._connection.recv(DEADLINE))[0]  # type: ignore[arg-type]  # binary
            if message["kind"] == "author":
                self.state = message
            elif message["kind"] == "answer":
                self.answers.append(message)
            elif message["kind"] == "page":
                self.page = merge_page(self.page, message)

    def done(self, command: str, /, **arguments: Any) -> dict[str, Any]:
        """Ask for a change, and wait until it was made."""
        number = self.do(command, **arguments)
        self.until(lambda: self._find(number, ("done", "failed")))
        answer = self._find(number, ("done", "failed"))
        assert answer is not None
        assert answer["state"] == "done", answer
        return answer

    def waits(self, number: int) -> None:
        self.until(lambda: self._find(number, ("waiting",)))

    def _find(self, number: int, states: tuple[str, ...]) -> dict[str, Any] | None:
        found = (each for each in self.answers if each["number"] == number and each["state"] in states)
        return next(found, None)

    @property
    def titles(self) -> list[str]:
        return [plot["heading"] or plot["name"] for plot in self.page["plots"]]


@contextmanager
def opened_page(browser: Browser) -> Iterator[AuthorsPage]:
    parts = urlsplit(browser.url)
    with connect(
        f"{browser.url.replace('http', 'ws', 1)}ws?author",
        origin=f"{parts.scheme}://{parts.netloc}",  # type: ignore[arg-type]
        additional_headers={"Cookie": browser.cookie},
        max_size=None,
        proxy=None,
        close_timeout=1,
    ) as connection:
        page = AuthorsPage(connection)
        page.until(lambda: page.state and page.page)
        yield page


@pytest.fixture
def browser(kernel: Kernel) -> Browser:
    kernel.run("%load_ext bokeh_share\nshow(fig('a'))", "c1")
    kernel.run("show(fig('b'))", "c2")
    kernel.share()
    return open_link(author_link(kernel))


def test_while_a_cell_runs_it_pauses_at_once_and_the_rest_waits(kernel: Kernel, browser: Browser) -> None:
    with opened_page(browser) as page, kernel.watch() as viewer:
        page.until(lambda: len(page.state["viewers"]) == 1)
        assert (page.state["viewers"][0]["slow"], page.state["link"]) == (False, kernel.url)
        running = kernel.begin("import time, os\nwhile not os.path.exists('end'): time.sleep(0.01)", "c3")
        page.done("pause")
        viewer.until(lambda: viewer.page["paused"])
        page.done("resume")
        viewer.until(lambda: not viewer.page["paused"])
        page.waits(page.do("set_title", title="<b>New</b>"))
        page.until(lambda: page.state["waiting"] == 1)
        page.done("send_away", viewer=page.state["viewers"][0]["viewer"])
        assert viewer.until_closed() == (4008, "the author closed this page")
        page.until(lambda: page.state["viewers"] == [])
        (kernel.folder / "end").write_text("")
        kernel.finish(running)
        page.until(lambda: page.page["title"] == "<b>New</b>" and page.state["waiting"] == 0)
        (kernel.folder / "end").unlink()
    kernel.wait(lambda: "the title is now '<b>New</b>'" in kernel.card, what="the card follows")


def test_it_changes_the_plots_as_the_magic_does(kernel: Kernel, browser: Browser) -> None:
    with opened_page(browser) as page:
        first, second = [plot["id"] for plot in page.page["plots"]]
        page.done("arrange", plots=[second, first])
        page.until(lambda: page.titles == ["b", "a"])
        page.done("set_caption", plot=first, caption="about a")
        page.until(lambda: page.page["plots"][1]["caption"] == "about a")
        kernel.run("show(fig('a again'))", "c1")
        page.until(lambda: page.titles == ["b", "a again"])
        assert page.page["plots"][1]["caption"] == "about a"
        page.done("drop", name=first)
        page.until(lambda: page.titles == ["b"] and page.state["dropped"])
        assert page.state["dropped"] == [{"item": first, "label": "a again"}]
        kernel.run("show(fig('a once more'))", "c1")
        assert page.titles == ["b"], "it stays away"
        page.done("drop", name=first)
        page.done("restore", name=first)
        page.until(lambda: sorted(page.titles) == ["a once more", "b"] and not page.state["dropped"])
        kernel.run("show(fig('a for ever'))", "c1")
        page.until(lambda: sorted(page.titles) == ["a for ever", "b"])
        page.done("set_password", password="open sesame")
        page.until(lambda: page.state["password"])
        assert Browser(kernel.url).ask()[0] == 401
        assert "open sesame" not in str(kernel.displays)


def test_a_new_link_moves_the_page_that_made_it(kernel: Kernel, browser: Browser) -> None:
    with opened_page(browser) as page, opened_page(browser) as other:
        former = kernel.url
        url = page.done("replace_link")["url"]
        assert kernel.url != former
        with pytest.raises(ConnectionClosed):
            other.until(lambda: False)
    moved = open_link(urljoin(former, url))
    assert moved.url == kernel.url
    with opened_page(moved) as page:
        assert page.state["link"] == kernel.url
        page.do("stop")
        with pytest.raises(ConnectionClosed) as end:
            page.until(lambda: False)
        assert end.value.rcvd is not None
        assert (end.value.rcvd.code, end.value.rcvd.reason) == (4000, "sharing ended")
    kernel.wait(lambda: "ended" in kernel.card, what="the card follows")
