"""A long run: colleagues come, go, stall and come back at random, while an author works."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from support.apart import apart
from support.kernel_driver import Kernel
from support.looks import Screen, opened
from support.page_messages import merge_page
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

VIEWERS = 50
SEED = 20261126
PATIENCE = 120.0
"""Seconds after which a colleague without the last state counts as failed."""

SETUP = """
import ctypes, gc, logging, sys, threading
logged = []
class Keep(logging.Handler):
    def emit(self, record):
        logged.append(f"{record.name}: {record.getMessage()}")
logging.getLogger().addHandler(Keep(logging.WARNING))
sys.unraisablehook = lambda what: logged.append(f"unraisable: {what.exc_value!r} in {what.object!r}")
threading.excepthook = lambda what: logged.append(f"in a thread: {what.exc_value!r}")

def trimmed():
    gc.collect()
    if sys.platform == "linux" and hasattr(ctypes.CDLL(None), "malloc_trim"):
        ctypes.CDLL(None).malloc_trim(0)
    return True

import time
from bokeh.models import Row
rows = ColumnDataSource({"x": np.arange(500.0), "y": np.zeros(500), "t": ["a"] * 500})
def sales(title, points, log=False, extra=0):
    p = figure(title=title, width=300, height=200, y_axis_type="log" if log else "linear")
    p.scatter(np.arange(points) + 1.0, np.arange(points) % 97 + 1.0, size=3)
    for number in range(extra):
        p.line([1, 2], [3, number], legend_label=f"line {number}")
    return p
def live(title):
    p = figure(title=title, width=300, height=200)
    p.line("x", "y", source=rows)
    return p
"""
CELLS = {
    "live": "p = live('rows {n}'); curdoc().clear(); curdoc().add_root(p); show(p)",
    "sales": "show(sales('sales {n}', {points}, log={log}, extra={extra}))",
    "two": "show(Row(children=[sales('left {n}', 50), sales('right', {points}, extra={extra})]))",
    "large": "show(sales('large {n}', 20000 + {points}))",
}
DOINGS = {
    "streams": (
        "for k in range(30):\n    time.sleep(0.002)\n"
        "    rows.stream({{'x': [float(k)], 'y': [{n} % 7.0], 't': ['{n}']}}, rollover=500)"
    ),
    "patches": "rows.patch({{'y': [({points}, {n} / 3.0)], 't': [(slice(0, 2), ['b', '{n}'])]}})",
    "titles": "for k in range(20): p.title.text = f'{n} {{k}}'",
    "adds": "p.line([1, 2], [3, {n} % 5])\nif len(p.renderers) > 4: p.renderers = p.renderers[:1]",
    "replaces": "rows.data = {{'x': np.arange(500.0), 'y': np.arange(500.0) * {n}, 't': ['c'] * 500}}",
    "thinks": "time.sleep(0.3)",
    "computes": "show(sales('sales {n}', 60)); sum(range(3_000_000))",
    "fails": "show(sales('half {n}', 40)); 1 / 0",
}


@dataclass
class Author:
    """Runs cells, one after the other."""

    kernel: Kernel
    random: random.Random
    number: int = 0

    def begin(self) -> None:
        self.kernel.run(SETUP, "setup")
        for name in CELLS:
            self._run(CELLS[name], name)

    def work(self) -> None:
        if self.random.random() < 0.5:
            name = self.random.choice([*CELLS])
            self._run(CELLS[name], name)
        else:
            name = self.random.choice([*DOINGS])
            self._run(DOINGS[name], name, fails=name == "fails")

    def _run(self, code: str, cell: str, *, fails: bool = False) -> None:
        self.number += 1
        choices = {
            "n": self.number,
            "points": self.random.randrange(3, 400),
            "log": self.random.random() < 0.3,
            "extra": self.random.randrange(3),
        }
        self.kernel.run(code.format(**choices), cell, fails=fails)


@dataclass
class Colleague:
    """One page: its received frames, to be drawn when needed."""

    crowd: Crowd
    random: random.Random
    page: dict[str, Any] = field(default_factory=dict)
    paths: dict[str, list[bytes]] = field(default_factory=dict)
    """The frames that made each plot what it is, from the last whole one on."""
    generations: dict[str, int] = field(default_factory=dict)

    @property
    def in_step(self) -> bool:
        listed = {plot["id"]: plot["generation"] for plot in self.page.get("plots", ())}
        return bool(self.page) and listed == self.generations

    def is_done(self) -> bool:
        return self.crowd.last is not None and self.in_step and self.page["version"] >= self.crowd.last

    async def live(self) -> None:
        """Connect, and reconnect, until the last state has arrived."""
        while not self.is_done():
            with suppress(OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                query = f"?epoch={self.page['epoch']}&version={self.page['version']}" if self.in_step else ""
                if not query:
                    self.page, self.paths, self.generations = {}, {}, {}
                async with connect(
                    self.crowd.address + query, max_size=None, max_queue=1, proxy=None, close_timeout=1
                ) as connection:
                    await self._watch(connection)
            await asyncio.sleep(0.1 + self.random.random() / 2)

    async def _watch(self, connection: ClientConnection) -> None:
        what = self.random.choice(("reloads", "reloads", "is cut off", "stalls", "stalls", "asks again"))
        until = time.monotonic() + self.random.uniform(0.2, 20)
        while not self.is_done():
            if self.crowd.last is None and time.monotonic() > until:
                if what == "reloads":
                    self.page = {}
                    return
                if what == "is cut off":
                    connection.transport.abort()
                    return
                if what == "stalls":
                    await self.crowd.a_while(self.random.uniform(1, self.crowd.longest_stall))
                elif self.generations:
                    plot = self.random.choice(sorted(self.generations))
                    await connection.send(json.dumps({"resend": plot}))
                until = time.monotonic() + self.random.uniform(0.2, 20)
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    frame = await connection.recv()
                self._take(frame)

    def _take(self, frame: Any) -> None:
        frame = self.crowd.known.setdefault(frame, frame)  # stored once, however many receive it
        header, _ = opened(frame)
        if header["kind"] == "page":
            self.page = merge_page(self.page, header)
            listed = {plot["id"] for plot in self.page["plots"]}
            for gone in self.generations.keys() - listed:
                del self.generations[gone], self.paths[gone]
        elif header["kind"] == "plot":
            plot, base = header["plot"], header["base"]
            if base is None:
                self.paths[plot] = []
            elif base != self.generations.get(plot):
                raise AssertionError(f"a patch from {base} for who has {self.generations.get(plot)}")
            self.paths[plot].append(frame)
            self.generations[plot] = header["generation"]


class Crowd:
    """All colleagues, in a separate thread. Exists within `gathered`."""

    def __init__(self, url: str, seconds: float) -> None:
        self.address = url.replace("http://", "ws://") + "ws"
        self.known: dict[bytes, bytes] = {}
        self.last: int | None = None
        """The last version of the page, once it is known."""
        self.longest_stall = 90.0 if seconds > 300 else 10.0
        self._colleagues = [Colleague(self, random.Random(SEED + number)) for number in range(VIEWERS)]
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    async def a_while(self, seconds: float) -> None:
        """Wait this long, unless the run ends."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.last is None:
            await asyncio.sleep(0.1)

    def end(self, version: int) -> list[Colleague]:
        """Return all colleagues, and a new one, with the last state."""
        self.last = version
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "some never got the last state"
        if self._failed is not None:
            raise self._failed
        fresh = Colleague(self, random.Random(SEED))
        apart(fresh.live)
        return [*self._colleagues, fresh]

    def _run(self) -> None:
        async def all_of_them() -> None:
            async with asyncio.TaskGroup() as group:
                for colleague in self._colleagues:
                    group.create_task(colleague.live())

        try:
            asyncio.run(all_of_them())
        except BaseException as error:
            self._failed = error


@contextmanager
def gathered(url: str, seconds: float) -> Iterator[Crowd]:
    crowd = Crowd(url, seconds)
    crowd._thread.start()
    try:
        yield crowd
    finally:
        crowd.last = crowd.last or 0


def drawn(colleagues: list[Colleague]) -> list[dict[str, Any]]:
    """Return each colleague's view. Frames with the same history are applied once."""
    seen: dict[tuple[int, ...], Any] = {}

    def shows(path: list[bytes]) -> Any:
        way = tuple(map(id, path))
        if way not in seen:
            screen = Screen()
            for frame in path:
                screen.take(frame)
            seen[way] = screen.shows
        return seen[way]

    return [{plot: shows(path) for plot, path in each.paths.items()} for each in colleagues]
