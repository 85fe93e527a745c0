"""The objects that browser tests drive: a real kernel, as JupyterLab does, and viewers' open pages."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from jupyter_client import BlockingKernelClient, KernelManager
from PIL import Image, ImageChops
from playwright.sync_api import ConsoleMessage, Locator, Page, Request
from support.ordinary import FORGET, ORDINARY

CALM = ".page-header { visibility: hidden } .card, .card * { border-radius: 0 !important }"
"""A style for pictures: the line on top may cover a plot, and round corners blend with the background."""
LIFTED = "[data-lifted] { position: fixed !important; inset: 0 auto auto 0; z-index: 99; background: white }"
"""A style to compare drawings at different places: at whole pixels, on top, on the same background."""
NOT_OURS = re.compile(
    r".*(jquery-ui is required|allowHTML will default|GPU stall due to ReadPixels|Unknown browser detected)"
)
"""Complaints that Bokeh's own pages also cause, and Panel's in a browser without windows."""
DRAW_ALL = "() => { dispatchEvent(new Event('beforeprint')) }"
"""Makes a page draw all of its plots, also those that are far from the window, as before printing."""
DRAWN = f"""(plots) => {{
    ({DRAW_ALL})();
    const cards = [...document.querySelectorAll("section.card")];
    const shown = cards.map((card) => [card.dataset.plot, Number(card.dataset.generation)]);
    return JSON.stringify(shown) === JSON.stringify(plots) && !document.querySelector(".offscreen");
}}"""
RECEIVED = """(plots) => {
    const cards = [...document.querySelectorAll("section.card")].map((card) => card.dataset.plot);
    const { version } = document.documentElement.dataset;
    return version === `${plots.version}` && JSON.stringify(cards) === JSON.stringify(plots.ids);
}"""

PRELUDE = "import numpy as np\nfrom bokeh.io import show\nfrom bokeh.plotting import figure"
CLEAN = f"""
if "bokeh_share" in get_ipython().extension_manager.loaded:
    get_ipython().extension_manager.unload_extension("bokeh_share")
    {FORGET}
__import__("bokeh.io").io.state.curstate().reset()
get_ipython().run_line_magic("reset", "-f")
_resolver = __import__("bokeh.core.has_props").core.has_props._default_resolver
for _model in _resolver.known_models.values():
    if _model.__module__ == "__main__":  # Bokeh 3.9 looks for the file of this module
        _resolver.remove(_model)
"""
REMAINS = """
import asyncio as _asyncio, json as _json, threading as _threading
print(_json.dumps({
    "callbacks of IPython": {name: len(each) for name, each in get_ipython().events.callbacks.items()},
    "sockets that listen": sorted(
        each.laddr.port for each in __import__("psutil").Process().net_connections()
        if each.status == "LISTEN"),
    "threads": sorted(each.name for each in _threading.enumerate() if "bokeh_share" in each.name),
    # Panel has one of its own from its first app on.
    "timers": "panel" not in __import__("sys").modules and sum(
        not each.cancelled() for each in _asyncio.get_running_loop()._scheduled),
    "variables": sorted(name for name in get_ipython().user_ns if not name.startswith("_")),
}))
"""
"""Expressions for everything that a test might leave behind."""


class CellFailed(AssertionError):
    """A cell raised an error; the traceback as text."""


class Kernel:
    """A kernel in a separate process. Exists until `close`."""

    def __init__(self) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel()
        self.client: BlockingKernelClient = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)
        self._remains: Any = None
        self.run(ORDINARY)

    def load(self) -> None:
        """Load the extension, with an empty page."""
        self.run(PRELUDE, cell="the first cell")
        if self._remains is None:
            self._remains = self._read_remains()
        self.run("%load_ext bokeh_share", cell="the first cell")

    def clean(self) -> None:
        """Restore the state after `load`, except for imports; fail if something remains."""
        self.run(CLEAN, cell="the last cell")
        self.run(PRELUDE, cell="the last cell")
        deadline = time.monotonic() + 10
        while (remains := self._read_remains()) != self._remains:
            assert time.monotonic() < deadline, f"what remains is {remains}, and before was {self._remains}"

    def _read_remains(self) -> Any:
        return json.loads(self.run(REMAINS, cell="the asking cell"))

    def close(self) -> None:
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def run(self, code: str, *, cell: str = "a cell", deleted: tuple[str, ...] = ()) -> str:
        """Run `code` as the cell with this id, and return its output as text."""
        return self._finish(self._begin(code, cell, deleted))

    @contextmanager
    def busy(self, folder: Path, *, work: str = "time.sleep(0.01)") -> Iterator[None]:
        """Keep the kernel busy while the block runs, by a cell that repeats this work."""
        begun, end = folder / "begun", folder / "end"
        loop = f"while not os.path.exists({str(end)!r}): {work}"
        number = self._begin(f"import os, time\nopen({str(begun)!r}, 'w').close()\n{loop}", "the long one")
        try:
            while not begun.exists():
                assert self.client.is_alive(), "the kernel died"
            yield
        finally:
            end.touch()
            self._finish(number)

    def _begin(self, code: str, cell: str, deleted: tuple[str, ...] = ()) -> str:
        content = {"code": code, "silent": False, "store_history": True, "stop_on_error": True}
        content |= {"user_expressions": {}, "allow_stdin": False}
        message = self.client.session.msg("execute_request", content)
        message["metadata"] = {"cellId": cell, "deletedCells": list(deleted)}
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def _finish(self, number: str) -> str:
        texts = []
        while True:
            answer = self.client.get_iopub_msg(timeout=60)
            if answer["parent_header"].get("msg_id") != number:
                continue
            kind, content = answer["msg_type"], answer["content"]
            if kind == "stream":
                texts.append(content["text"])
            elif kind in ("display_data", "update_display_data", "execute_result"):
                texts.append(content["data"].get("text/plain", ""))
            elif kind == "error":
                raise CellFailed("\n".join([*texts, *content["traceback"]]))
            elif kind == "status" and content["execution_state"] == "idle":
                return "".join(texts)

    def ask(self, expression: str) -> Any:
        """Return the value of `expression`, which must be valid JSON."""
        return json.loads(self.run(f"print(__import__('json').dumps({expression}))", cell="the asking cell"))

    def plots(self) -> list[list[Any]]:
        """Return id and generation of each plot on the page, in order."""
        found = "[[plot.id, plot.generation] for plot in __import__('bokeh_share').share().plots]"
        plots: list[list[Any]] = self.ask(found)
        return plots

    def show(self, name: str, code: str) -> None:
        """Run `code`, whose last line shows a plot, as a cell with its own name on the page."""
        self.run(f"%%bokeh_share {name}\n{code}", cell=f"cell {name}")


class Kernels:
    """Lends a kernel to tests, one after the other, and starts another if one cannot be restored."""

    def __init__(self, ipython: Path) -> None:
        self._ipython = ipython
        """The IPYTHONDIR of the kernels."""
        self._kernel: Kernel | None = None

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @contextmanager
    def lend(self) -> Iterator[Kernel]:
        if self._kernel is None:
            with pytest.MonkeyPatch.context() as environ:
                environ.setenv("IPYTHONDIR", str(self._ipython))
                self._kernel = Kernel()
        self._kernel.load()
        yield self._kernel
        try:
            self._kernel.clean()
        except BaseException:
            self._close()
            raise

    def _close(self) -> None:
        if self._kernel is not None:
            self._kernel.close()
        self._kernel = None


def link_in(text: str) -> str:
    """Return the first link in a cell's output."""
    found = re.search(r"https?://\S+", text)
    assert found, f"no link in {text!r}"
    return found[0]


@dataclass(eq=False)
class Viewer:
    """A colleague's browser page, and all its errors."""

    page: Page
    url: str
    navigations: int = 0
    troubles: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    """All messages in its console, of any kind."""

    def __post_init__(self) -> None:
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        self.page.on("requestfailed", self._on_failed_request)
        self.page.on("request", lambda request: self._on_address(request.url))
        self.page.on("websocket", lambda socket: self._on_address(socket.url))
        self.page.on("framenavigated", self._on_navigated)

    def _on_console(self, message: ConsoleMessage) -> None:
        if NOT_OURS.match(message.text):
            return
        self.console.append(f"{message.type}: {message.text}")
        if message.type in ("error", "warning", "assert"):
            self.troubles.append(f"console {message.type}: {message.text}")

    def _on_failed_request(self, request: Request) -> None:
        self.troubles.append(f"request failed: {request.url} {request.failure}")

    def _on_address(self, url: str) -> None:
        address = urlsplit(url)
        if address.scheme not in ("data", "blob") and address.hostname != urlsplit(self.url).hostname:
            self.troubles.append(f"request to somebody else: {url}")

    def _on_navigated(self, frame: Any) -> None:
        self.navigations += frame is self.page.main_frame

    @contextmanager
    def without_server(self) -> Iterator[None]:
        """Allow the browser to report, while the block runs, that no server answers."""
        before = len(self.troubles)
        yield
        gone = re.compile(r"console error: WebSocket connection to '[^']+' failed|.*ERR_CONNECTION_REFUSED")
        self.troubles[before:] = [text for text in self.troubles[before:] if not gone.match(text)]

    def open(self, state: str = "live") -> Viewer:
        self.page.goto(self.url)
        self.wait_for_state(state)
        return self

    def mark(self) -> None:
        """Set a mark that no navigation preserves."""
        self.page.evaluate("window.__mark = 'still here'")

    @property
    def was_reloaded(self) -> bool:
        return self.navigations != 1 or self.page.evaluate("window.__mark") != "still here"

    def wait_for_state(self, state: str) -> None:
        self.page.wait_for_selector(f"html[data-state={state}]", state="attached", timeout=20_000)

    def wait_until_drawn(self, plots: list[list[Any]], *, timeout: float = 60_000) -> None:
        """Wait until exactly these plots, in these generations, are drawn, also those out of view."""
        self.page.wait_for_function(DRAWN, arg=plots, timeout=timeout)

    def in_step_with(self, kernel: Kernel) -> Viewer:
        self.wait_until_drawn(kernel.plots())
        return self

    def card(self, name: str) -> Locator:
        return self.page.locator(f"section.card[id='{name}']")

    def captured(self, name: str | None = None) -> Image.Image:
        """Return a picture of the named card, or of the only one."""
        card = self.card(name) if name is not None else self.page.locator("section.card")
        return picture_of(card.locator(".plot"))

    def titles(self) -> list[str]:
        """Return the title of every figure that BokehJS has, drawn or not, to detect forgotten ones."""
        read = """() => Bokeh.documents.flatMap((shown) => shown.roots()).map(
            (root) => root.title?.text ?? root.type)"""
        titles: list[str] = self.page.evaluate(read)
        return titles


def picture_of(locator: Locator) -> Image.Image:
    raw = locator.screenshot(animations="disabled", caret="hide", style=CALM)
    return Image.open(io.BytesIO(raw)).convert("RGB")


def drawing_of(figure: Locator) -> Image.Image:
    """Return a picture of a figure alone, at any position."""
    figure.evaluate("(figure) => { figure.dataset.lifted = '' }")
    raw = figure.screenshot(animations="disabled", style=LIFTED)
    figure.evaluate("(figure) => { delete figure.dataset.lifted }")
    return Image.open(io.BytesIO(raw)).convert("RGB")


def difference(one: Image.Image, other: Image.Image, *, tolerance: int = 0) -> str | None:
    """Return None if two pictures are equal to the pixel, else the difference. Colours may differ by
    `tolerance` of 255 levels."""
    if one.size != other.size:
        return f"sizes {one.size} and {other.size}"
    box = ImageChops.difference(one, other).point(lambda level: max(0, level - tolerance)).getbbox()
    return f"pixels differ within {box} of {one.size}" if box else None


def is_drawn_on(captured: Image.Image) -> bool:
    """Return True if the picture contains more than background and a frame."""
    colors = captured.getcolors(maxcolors=2**24) or []
    return len(colors) > 2


Open = Callable[..., Viewer]
"""Opens a link as one more colleague."""
