"""An author's notebook on one host, and a colleague's browser on another."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any
from urllib.parse import urlsplit

from jupyter_client.manager import KernelManager
from playwright.sync_api import Page, sync_playwright
from support.hosts import Host
from support.ordinary import ORDINARY

DEADLINE = 40.0
"""Seconds after which a wait in a test fails."""

WAITS = """
import bokeh_share.limits, bokeh_share.sharing.network_watch, bokeh_share.sharing.no_viewer_reminder
bokeh_share.sharing.no_viewer_reminder.REMINDER_DELAY = 300.0
bokeh_share.sharing.network_watch.NETWORK_CHECK_INTERVAL = 0.1
bokeh_share.limits.PING_INTERVAL, bokeh_share.limits.PING_TIMEOUT = 20.0, 60.0
"""
"""Timeouts of the share. Changes of the network are detected sooner than usual."""

PRELUDE = """
from bokeh.io import show
from bokeh.plotting import figure

def fig(title):
    p = figure(title=title, width=200, height=200)
    p.line([1, 2, 3], [4.0, 5.0, 6.0])
    return p
"""


class Author:
    """A kernel on `host`, driven as JupyterLab does, from construction to `end`."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host = host
        self.forget_cards()
        # By files, since ports of another host cannot be reached.
        self.manager = KernelManager(transport="ipc", connection_file=str(folder / "k.json"))
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        self.manager.kernel_spec.argv = host.wrap(argv)
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=DEADLINE)
        self.run(WAITS + ORDINARY + PRELUDE)

    def end(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def run(self, code: str, cell: str = "a cell") -> str:
        """Run a cell to its end, and return its stderr."""
        content = {
            "code": code, "silent": False, "store_history": True,
            "user_expressions": {}, "allow_stdin": False, "stop_on_error": True,
        }  # fmt: skip
        message = self.client.session.msg("execute_request", content)
        message["metadata"] = {"cellId": cell, "deletedCells": []}
        self.client.shell_channel.send(message)
        written = []
        while True:
            answer = self._next(DEADLINE)
            mine = answer["parent_header"].get("msg_id") == message["header"]["msg_id"]
            if mine and answer["msg_type"] == "stream" and answer["content"]["name"] == "stderr":
                written.append(answer["content"]["text"])
            elif mine and answer["msg_type"] == "error":
                raise AssertionError("\n".join(answer["content"]["traceback"]))
            elif mine and answer["content"].get("execution_state") == "idle":
                return "".join(written)

    def forget_cards(self) -> None:
        """Forget former cards, so that their updates are not mistaken for the next share's."""
        self.card = ""
        """The newest card, as text."""
        self._displays: set[str | None] = set()

    def show(self, title: str) -> None:
        """Run a cell that shows one plot, the same cell each time."""
        assert self.run(f"show(fig({title!r}))", "the plot's cell") == ""

    def share(self, options: str) -> str:
        """Run `%bokeh_share` with `options`, and return the first link of its card."""
        assert self.run(f"%bokeh_share {options}", "the share's cell") == ""
        return self.url

    def refused(self, options: str) -> str:
        """Run `%bokeh_share` with invalid options, and return the one line that it prints."""
        (line,) = self.run(f"%bokeh_share {options}", "the share's cell").splitlines()
        return line

    @property
    def links(self) -> list[tuple[str, str]]:
        """Return the links on the card, each with its audience."""
        return re.findall(r"(https?://\S+)  \((.*)\)$", self.card, re.M)

    @property
    def places(self) -> list[tuple[str, str]]:
        """Return the same as `links`, with hosts instead of URLs."""
        return [(urlsplit(url).netloc.rpartition(":")[0], kind) for url, kind in self.links]

    @property
    def url(self) -> str:
        return self.links[0][0]

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until the card fulfils `condition`."""
        deadline = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < deadline, f"never came; the card is\n{self.card}"
            try:
                self._next(0.02)
            except Empty:
                assert self.client.is_alive(), "the kernel died"

    def wait_until_at(self, *places: str) -> None:
        """Wait until the card lists these hosts, and localhost."""
        self.wait(lambda: [place for place, _ in self.places] == [*places, "localhost"])

    def _next(self, timeout: float) -> dict[str, Any]:
        message: dict[str, Any] = self.client.get_iopub_msg(timeout=timeout)
        content = message["content"]
        if message["msg_type"] in ("display_data", "update_display_data"):
            display = content.get("transient", {}).get("display_id")
            if message["msg_type"] == "display_data":
                self._displays.add(display)
            text = content["data"].get("text/plain", "")
            if display in self._displays and text.startswith("bokeh_share  "):
                self.card = text
        return message


class Colleague:
    """A Chromium on `host`, from construction to `end`.

    Playwright runs in a separate thread here: a thread can have only one, and other tests may use it.
    """

    def __init__(self, host: Host, folder: Path, chromium: str, arguments: Sequence[str]) -> None:
        self.host = host
        self.troubles: list[str] = []
        self._thread = ThreadPoolExecutor(1)
        self._do(lambda: self._launch(host.wrapper(folder, chromium), arguments))

    def _launch(self, executable: Path, arguments: Sequence[str]) -> None:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=executable, args=list(arguments))

    def end(self) -> None:
        def close() -> None:
            self._browser.close()
            self._playwright.stop()

        self._do(close)
        self._thread.shutdown()

    def open(self, url: str, *, password: str | None = None) -> None:
        """Open a new page, wait until it is live, and close the former one.

        Accepts an unverified certificate, and enters a password if needed.
        """
        self.leave()

        def visit() -> Page:
            page = self._browser.new_context(ignore_https_errors=True).new_page()
            page.set_default_timeout(DEADLINE * 1000)
            page.on("pageerror", lambda error: self.troubles.append(str(error)))
            page.goto(url)
            if password is not None:
                page.fill("#password", password)
                page.press("#password", "Enter")
                page.wait_for_selector("html[data-state]", state="attached")
            page.evaluate("window.mark = 'still here'")
            return page

        self._page = self._do(visit)
        self.reads("live")

    def leave(self) -> None:
        def close() -> None:
            for context in self._browser.contexts:
                context.close()

        self._do(close)

    def reads(self, state: str) -> None:
        """Wait until the page shows this state."""
        self._do(lambda: self._page.wait_for_selector(f"html[data-state={state}]", state="attached"))

    def sees(self, *titles: str) -> None:
        """Wait until exactly these figures are drawn."""
        drawn = """(titles) => JSON.stringify(titles) === JSON.stringify(window.Bokeh?.documents
            .flatMap((each) => each.roots()).map((root) => root.title.text))
            && document.querySelectorAll(".card .bk-Figure").length === titles.length"""
        self._do(lambda: self._page.wait_for_function(drawn, arg=list(titles)))

    def sees_app(self, title: str) -> None:
        """Wait until an app has drawn a figure with this title."""
        drawn = """(title) => document.querySelector(".app .plot").dataset.openCount
            && window.Bokeh.documents.flatMap((each) => [...each._all_models.values()])
                .some((model) => model.title?.text === title)"""
        self._do(lambda: self._page.wait_for_function(drawn, arg=title))

    def chooses(self, label: str, value: str) -> None:
        """Choose a value by a widget."""
        self._do(lambda: self._page.get_by_label(label).select_option(value))

    def leads_to(self, netloc: str) -> None:
        """Wait until the page has moved to this host and port by itself."""
        self._do(lambda: self._page.wait_for_url(lambda url: urlsplit(url).netloc == netloc))

    @property
    def word(self) -> str:
        """Return the text beside the dot."""
        return self._do(lambda: str(self._page.inner_text(".page-header .state-text")))

    @property
    def stayed(self) -> bool:
        """Return True if the opened page was not reloaded."""
        return self._do(lambda: bool(self._page.evaluate("window.mark === 'still here'")))

    def _do(self, work: Callable[[], Any]) -> Any:
        return self._thread.submit(work).result()
