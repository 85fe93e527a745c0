"""Measures how much a cell's loop slows while the author presents to many viewers."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from benchmarks.audience import Audience, gathered
from benchmarks.kernel import Kernel, running
from benchmarks.plots import marker
from benchmarks.result import Goal, Row, Table
from benchmarks.rounds import START

VIEWERS = 200
MOVING = 30.0
"""Seconds for which the author moves, in turns with as many without."""
TURN = 0.5
"""Seconds of a cell's loop: many short ones, since other programs disturb some of them."""
INTERVAL = 0.1
"""Seconds between two messages of the author's page."""
STEP = '"kind":"present"'
SLOWER = Goal(1.05, unit="×")

SETUP = """
import time
import bokeh_share

def loop(count):
    began = time.perf_counter()
    for _ in range(count):
        sum(number * number for number in range(100))
    return time.perf_counter() - began
"""


@contextmanager
def presenting(link: str) -> Iterator[ClientConnection]:
    """Open the author's page by its link, and present."""
    parts = urlsplit(link)
    origin = f"{parts.scheme}://{parts.netloc}"
    asked = http.client.HTTPConnection(parts.netloc)
    asked.request("POST", f"{parts.path}?{parts.query}", headers={"Origin": origin})
    cookie = (asked.getresponse().getheader("Set-Cookie") or "").partition(";")[0]
    asked.close()
    with connect(
        f"ws://{parts.netloc}{parts.path}ws?author",
        origin=origin,  # type: ignore[arg-type]  # a string
        additional_headers={"Cookie": cookie},
        max_size=None,
        proxy=None,
    ) as page:
        _send(page, {"do": "start_presenting", "number": 1})
        yield page


class Move:
    """Moves the author's view ten times a second while the block runs."""

    def __init__(self, page: ClientConnection) -> None:
        self._page = page
        self._number = 0
        self._end = threading.Event()

    def __enter__(self) -> None:
        self._end.clear()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __exit__(self, *error: object) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(INTERVAL):
            self._number += 1
            start = self._number / 7
            fields = [["r0", f"{start},{start + 10}"], ["r1", f"{-start},{start}"], ["s0", [self._number]]]
            pointer = {"plot": "k1", "model": "k1.1.1", "x": start, "y": start}
            _send(self._page, {"present": {"plots": {"k1": fields}, "pointer": pointer}})
            with suppress(TimeoutError):
                while True:
                    self._page.recv(timeout=0)


def _send(page: ClientConnection, message: dict[str, Any]) -> None:
    page.send(json.dumps(message, separators=(",", ":")))


def measure(seconds: float) -> tuple[float, float]:
    """How many times as long the loop takes while the author moves for so many seconds, and the number of
    steps per second that each viewer gets then."""
    with gathered() as audience, running() as kernel:
        kernel.run(START.format(name="ours"), "starting")
        kernel.run(SETUP, "setup")
        kernel.run("contender.prepare('large', 0, 0)\ncontender.show()", "showing")
        audience.come("ours", kernel.ask("link"), VIEWERS, marker("large", 0))
        count = max(10, round(TURN / _took(kernel, 1000) * 1000))
        with presenting(kernel.ask("bokeh_share.share().author_link().url")) as page:
            return _turns(kernel, audience, Move(page), count, max(2, round(seconds / TURN)))


def _turns(kernel: Kernel, audience: Audience, move: Move, count: int, turns: int) -> tuple[float, float]:
    ratios, steps, moving_time = [], 0.0, 0.0
    for number in range(turns):
        took: dict[bool, float] = {}
        for is_moving in (True, False) if number % 2 else (False, True):
            audience.expect("ours", STEP)
            with move if is_moving else nullcontext():
                took[is_moving] = _took(kernel, count)
            if is_moving:
                steps += median(audience.counted("ours"))
                time.sleep(2 * INTERVAL)  # the last step arrives
        ratios.append(took[True] / took[False])
        moving_time += took[True]
    return median(ratios), steps / moving_time


def _took(kernel: Kernel, count: int) -> float:
    kernel.run(f"took = loop({count})", "loop")
    return float(kernel.ask("took"))


def table(seconds: float = MOVING) -> Table:
    """Takes a minute and a half."""
    slower, often = measure(seconds)
    return Table(
        (f"presenting to {VIEWERS} viewers, the author moving for {seconds:.0f} s", "", "goal"),
        (
            Row("a cell's loop: times as long as without", (slower,), (SLOWER,), unit="×"),
            Row("steps a second that a viewer sees beside that loop", (often,)),
        ),
    )
