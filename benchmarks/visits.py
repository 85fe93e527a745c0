"""Measures visits in a real browser, from the link to the plot: the time while a cell runs, and the bytes."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import BrowserContext, Page

from benchmarks.browser import Traffic, browser
from benchmarks.kernel import Kernel, running
from benchmarks.result import Goal, Row, Table, ratio
from benchmarks.rounds import START

DRAWN = "() => window.Bokeh?.index?.roots?.some(view => view.has_finished())"
PATIENCE = 30.0
"""Seconds after which a visit has failed."""
CELLS = {"sleeps": "time.sleep(0.05)", "reads and writes": "work()", "computes": "sum(range(1000))"}
WORK = """
import os, tempfile, time
_file = tempfile.TemporaryFile()
def work():
    _file.seek(0)
    _file.write(bytes(1_000_000))
    _file.flush()
    os.fsync(_file.fileno())
    time.sleep(0.001)
"""
GOALS = {name: Goal(3 if name == "computes" else 1.3, unit="×") for name in CELLS}
WAYS = ("a first visit", "a second tab", "a reload")
FIRST, NEXT = Goal(0.45, unit=" MB"), Goal(0.02, unit=" MB")
SERVERS = ("ours", "bokeh_server", "panel_pane")


@dataclass(frozen=True)
class Visit:
    seconds: float
    """Seconds from the link until the plot is drawn."""
    bytes: int
    """Bytes that came over the network for it."""


class Visitor:
    """A browser without a cache or cookies, for one URL. Exists within its `context`."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self._context = context
        self._url = url
        self._pages: list[Page] = []

    def come(self) -> Visit:
        """Visit the URL in a new tab."""
        page = self._context.new_page()
        self._pages.append(page)
        return self._measured(page, lambda: page.goto(self._url, wait_until="commit"))

    def reload(self) -> Visit:
        page = self._pages[-1]
        return self._measured(page, lambda: page.reload(wait_until="commit"))

    def _measured(self, page: Page, go: Any) -> Visit:
        session = self._context.new_cdp_session(page)
        traffic = Traffic(session)
        began = time.perf_counter()
        go()
        page.wait_for_function(DRAWN, timeout=PATIENCE * 1000)
        seconds = time.perf_counter() - began
        page.wait_for_timeout(100)  # for events that come a little later
        session.detach()
        return Visit(seconds, traffic.bytes)


def unpacked_more_than_came(link: dict[str, Any]) -> int:
    """The number of bytes that compression saves in the frames of a page, which no browser reports."""
    sizes = []
    host = f"{link['host']}:{link['port']}"
    for offered in ("", "Sec-WebSocket-Extensions: permessage-deflate\r\n"):
        with socket.create_connection((link["host"], link["port"]), timeout=PATIENCE) as sock:
            sock.sendall(
                f"GET {link['path']} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                f"Sec-WebSocket-Version: 13\r\n{offered}\r\n".encode()
            )
            came = b""
            sock.settimeout(1.0)  # of silence mean that nothing more comes
            with suppress(TimeoutError):
                while data := sock.recv(65536):
                    came += data
            sizes.append(len(came.partition(b"\r\n\r\n")[2]))
    return sizes[0] - sizes[1]


def in_turn(chromium: Any, url: str) -> dict[str, Visit]:
    """A first visit, a second tab, and a reload of it."""
    with chromium.new_context() as context:
        visitor = Visitor(context, url)
        return dict(zip(WAYS, (visitor.come(), visitor.come(), visitor.reload()), strict=True))


@dataclass(frozen=True)
class Found:
    states: dict[str, list[dict[str, Visit]]]
    """The visits of ours, between cells and while each kind of cell runs."""
    servers: dict[str, list[dict[str, Visit]]]
    """The visits of each other server, between cells."""
    packed: int
    """Bytes that ours saves by compression, in each visit."""


def measure(times: int) -> Found:
    with ExitStack() as stack:
        chromium = stack.enter_context(browser())
        kernels = {name: stack.enter_context(running()) for name in SERVERS}
        urls = {name: _opened(name, kernel) for name, kernel in kernels.items()}
        ours = kernels["ours"]
        ours.run(WORK, "setup")
        for url in urls.values():
            in_turn(chromium, url)
        states: dict[str, list[dict[str, Visit]]] = {name: [] for name in ("idle", *CELLS)}
        servers: dict[str, list[dict[str, Visit]]] = {name: [] for name in SERVERS}
        for number in range(times):
            for name in [*states][:: 1 if number % 2 else -1]:
                if name == "idle":
                    states[name].append(in_turn(chromium, urls["ours"]))
                else:
                    with ours.busy(CELLS[name]):
                        time.sleep(0.1)
                        states[name].append(in_turn(chromium, urls["ours"]))
            for name, url in urls.items():
                servers[name].append(in_turn(chromium, url))
        packed = unpacked_more_than_came(ours.ask("link"))
        return Found(states, servers, packed)


def _opened(name: str, kernel: Kernel) -> str:
    """Share a line chart of 1,000 points, and return its link."""
    kernel.run(START.format(name=name), "starting")
    kernel.run("contender.prepare('line', 1, 0); contender.show()", "showing")
    link = kernel.ask("link")
    page = link["path"].removesuffix("ws") if name == "ours" else "/"
    return f"http://{link['host']}:{link['port']}{page}"


def tables(times: int) -> list[Table]:
    found = measure(times)
    states, servers = found.states, found.servers
    head = ("a visitor's way from the link to the plot", *WAYS, "goal")
    idle = states["idle"]
    rows = [
        Row(
            f"while a cell {name}: times as long as between cells",
            tuple(ratio(_seconds(states[name], way), _seconds(idle, way)) for way in WAYS),
            (GOALS[name],) * len(WAYS),
            unit="×",
        )
        for name in CELLS
    ]
    rows += [
        Row(
            f"{'Panel' if name == 'panel_pane' else 'Bokeh server'}, between cells: times ours",
            tuple(ratio(_seconds(servers[name], way), _seconds(servers["ours"], way)) for way in WAYS),
            unit="×",
        )
        for name in SERVERS[1:]
    ]
    return [Table(head, tuple(rows)), Table(_BYTES, tuple(_weights(found)))]


_BYTES = (
    "what comes over the network for a line chart of 1,000 points",
    "ours",
    "Bokeh server",
    "Panel",
    "goal",
)


def _weights(found: Found) -> Iterator[Row]:
    for way, goal in zip(WAYS[:2], (FIRST, NEXT), strict=True):
        weights = [median(visit[way].bytes for visit in found.servers[name]) for name in SERVERS]
        weights[0] -= found.packed
        yield Row(f"for {way}", tuple(weight / 1e6 for weight in weights), (goal,), unit=" MB")


def _seconds(found: Sequence[dict[str, Visit]], way: str) -> list[float]:
    return [visits[way].seconds for visits in found]
