"""WebKit, driven by WebDriver, on a screen in memory."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from engines import SCREEN, WEBKIT_DRIVER
from support.engine_page import EnginePage, Point, ScriptError
from support.programs import run_program
from support.webdriver import WebDriverSession

ENVIRON = {
    "GDK_BACKEND": "x11",
    "GSK_RENDERER": "cairo",
    "LIBGL_ALWAYS_SOFTWARE": "1",
    "WEBKIT_DISABLE_DMABUF_RENDERER": "1",
    # No desktop's services: settings, files, accessibility.
    "GSETTINGS_BACKEND": "memory",
    "GIO_USE_VFS": "local",
    "GTK_A11Y": "none",
    "NO_AT_BRIDGE": "1",
    "DBUS_SESSION_BUS_ADDRESS": "disabled:",
}
SIZE = (1280, 900)
LISTEN = """() => {
    const troubles = window.__troubles = [];
    // BokehJS's tables cause it: the browser reports some changes of sizes in the next frame only
    const isHarmless = (message) => message.startsWith("ResizeObserver loop");
    addEventListener("error", ({ message }) => {
        if (!isHarmless(message)) troubles.push(`error: ${message}`);
    });
    addEventListener("unhandledrejection", ({ reason }) => { troubles.push(`unhandled: ${reason}`) });
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
        troubles.push(`policy: ${violatedDirective} refuses ${blockedURI}`);
    });
    for (const level of ["error", "warn"]) {
        const write = console[level];
        console[level] = (...texts) => { troubles.push(`${level}: ${texts.join(" ")}`); write(...texts); };
    }
}"""
"""Records the errors and warnings of a page that was just loaded. The driver reports none."""
REPAINT = """() => {
    const dot = document.createElement("div");
    dot.style.cssText = "position: fixed; right: 0; bottom: 0; width: 1px; height: 1px";
    document.documentElement.append(dot);
    let count = 0;
    window.__repainting = setInterval(() => {
        dot.style.background = (count += 1) % 2 ? "black" : "white";
    }, 10);
    window.__dot = dot;
}"""
STOP_REPAINTING = "() => { clearInterval(window.__repainting); window.__dot.remove() }"


class WebKit:
    """A driver of WebKit, and a screen for its windows."""

    name = "webkit"
    has_touch = False

    def __init__(self, port: int) -> None:
        self._port = port

    def open_page(self, *, width: int = SIZE[0], height: int = SIZE[1]) -> WebKitPage:
        """Start a browser with an empty page, and nothing stored. There is one at a time."""
        return WebKitPage(self._port, (width, height))


class WebKitPage(EnginePage):
    """The window of a browser with this engine."""

    def __init__(self, port: int, size: tuple[int, int]) -> None:
        self._session = WebDriverSession(port, {})
        self._session.send("POST", "/timeouts", script=60_000)
        self._session.send("POST", "/window/rect", x=0, y=0, width=size[0], height=size[1])
        self._former: list[str] = []
        """The troubles of pages that were left."""

    def navigate(self, url: str) -> None:
        self._former = self.list_troubles()
        self._session.send("POST", "/url", url=url)
        self.evaluate(LISTEN)

    def call(self, function: str) -> str:
        script = f"""
            const done = arguments[arguments.length - 1];
            ({function})().then((text) => done([text, null]), (error) => done([null, `${{error}}`]));
        """
        text, error = self._session.send("POST", "/execute/async", script=script, args=[])
        if error is not None:
            raise ScriptError(error)
        return str(text)

    def perform(self, *sources: dict[str, Any]) -> None:
        self._session.send("POST", "/actions", actions=sources)

    def touch(self, *paths: Sequence[Point]) -> None:
        raise NotImplementedError("WebKit's driver has no fingers")

    def take_screenshot(self) -> bytes:
        # the driver waits for the next paint, which may not come by itself
        self.evaluate(REPAINT)
        picture = base64.b64decode(self._session.send("GET", "/screenshot"))
        self.evaluate(STOP_REPAINTING)
        return picture

    def list_troubles(self) -> list[str]:
        return [*self._former, *self.evaluate("() => window.__troubles ?? []")]

    def close(self) -> None:
        self._session.close()


@contextmanager
def run_webkit(folder: Path) -> Iterator[WebKit]:
    """Run a screen, and a driver of browsers on it."""
    environ = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), **ENVIRON}
    screen = [SCREEN, "-displayfd", "1", "-screen", "0", "1400x1000x24", "-nolisten", "tcp", "-noreset"]
    with run_program(screen, folder / "screen.log", environ) as display:
        environ["DISPLAY"] = ":" + display.wait_for_output(r"^(\d+)$")
        with run_program([WEBKIT_DRIVER, "--port=0"], folder / "driver.log", environ) as driver:
            yield WebKit(driver.wait_for(lambda: find_port(driver.process.pid), "port"))


def find_port(process: int) -> int | None:
    """Return the port on which a process listens; None if there is none yet."""
    connections = psutil.Process(process).net_connections("tcp")
    return next((each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN), None)
