"""Measures a first visit on a slow phone: a slow processor, and a slow network with long ways."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser

from benchmarks.browser import Traffic, browser
from benchmarks.pixels import NOTEBOOKS, started
from benchmarks.result import Goal, Row, Table, ratio
from benchmarks.screen import SCRIPT, Screen
from benchmarks.visits import FIRST, unpacked_more_than_came

SLOWER = 6
SPEED, LATENCY = 200_000, 150
"""Bytes per second, and milliseconds."""
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True
}  # fmt: skip
# At first a Bokeh server took 3.6 times as long as ours, and Panel 2.9 times; the goal is 0.85 of that time.
GOALS = (None, Goal(4.2, least=True, unit="×"), Goal(3.4, least=True, unit="×"))
SECONDS = Goal(6.5, unit=" s")


@dataclass(frozen=True)
class PhoneVisit:
    seconds: float
    """Seconds from the link until the first plot is on the screen."""
    bytes: int
    """Bytes that came over the network for it."""


Found = dict[str, list[PhoneVisit]]
"""The visits of each contender."""


def measure(times: int) -> Found:
    """Visit a line chart of 1,000 points in turn; takes a minute per round."""
    found: Found = {name: [] for name in NOTEBOOKS}
    with browser() as chromium, ExitStack() as stack:
        kernels = {name: stack.enter_context(started(name)) for name in NOTEBOOKS}
        urls = {}
        for name, kernel in kernels.items():
            kernel.run("notebook.show(CHANGES['title'], 0)", "show")
            urls[name] = kernel.ask("url")
        packed = {name: _count_packed(url) if name == "ours" else 0 for name, url in urls.items()}
        for again in range(times):
            for name in NOTEBOOKS[:: 1 if again % 2 else -1]:
                found[name].append(_visit(chromium, urls[name], packed[name]))
    return found


def _visit(chromium: Browser, url: str, packed: int) -> PhoneVisit:
    with chromium.new_context(**PHONE) as context:
        page = context.new_page()
        page.add_init_script(SCRIPT)
        session = context.new_cdp_session(page)
        traffic = Traffic(session)
        speed = {"downloadThroughput": SPEED, "uploadThroughput": SPEED}
        network = {"offline": False, "latency": LATENCY, **speed}
        session.send("Network.emulateNetworkConditions", network)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.goto(url, wait_until="commit")
        seconds = Screen(page).drawn()
        page.wait_for_timeout(100)  # for events that come a little later
        return PhoneVisit(seconds, traffic.bytes - packed)


def _count_packed(url: str) -> int:
    """Bytes that our compression saves, which the browser does not report."""
    parts = urlsplit(url)
    return unpacked_more_than_came({"host": parts.hostname, "port": parts.port, "path": f"{parts.path}ws"})


def table(found: Found) -> Table:
    head = (
        f"a phone with a processor {SLOWER} times slower, {SPEED // 1000} kB/s and {LATENCY} ms",
        "ours",
        "Bokeh server",
        "Panel",
        "goal",
    )
    seconds = [[visit.seconds for visit in found[name]] for name in NOTEBOOKS]
    weights = tuple(median(visit.bytes for visit in found[name]) / 1e6 for name in NOTEBOOKS)
    ratios = (None, *(ratio(each, seconds[0]) for each in seconds[1:]))
    return Table(
        head,
        (
            Row("the first plot: times ours", ratios, GOALS, unit="×"),
            Row("the first plot", tuple(map(median, seconds)), (SECONDS,), unit=" s"),
            Row("what comes over the network until then", weights, (FIRST,), unit=" MB"),
        ),
    )
