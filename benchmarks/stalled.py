"""Measures large updates to many viewers, one of whom reads nothing, and the same where all read."""

from __future__ import annotations

import time
from statistics import median, quantiles

from benchmarks.audience import Audience, gathered
from benchmarks.kernel import Kernel, running
from benchmarks.plots import marker
from benchmarks.result import Goal, Row, Table
from benchmarks.rounds import START

GOOD = 29
UPDATES = 200
BLOCK = 20
"""Number of updates with the stalled viewer, and of as many without, in turns."""
PAGE = 1.6
"""The size of an update, and of the whole page, in MB."""
SLOWER, MEMORY = Goal(1.5, unit="×"), Goal(2 * PAGE, unit=" MB")


def measure() -> tuple[list[float], list[float], float]:
    """Seconds that each update took to each viewer who reads, without and with a stalled one; MB that the
    kernel needs more with it."""
    took: dict[bool, list[float]] = {False: [], True: []}
    needed: dict[bool, list[float]] = {False: [], True: []}
    with gathered() as audience, running() as kernel:
        kernel.run(START.format(name="ours"), "starting")
        _show(kernel, 0)
        audience.come("ours", kernel.ask("link"), 1 + GOOD, marker("large", 0))
        for number in range(1, 2 * UPDATES + 1):
            stalled = (number - 1) // BLOCK % 2 == 1
            if (number - 1) % BLOCK == 0:
                audience.stall("ours", int(stalled))
            found = _update(kernel, audience, number)
            if number > BLOCK:
                took[stalled] += found
            if number % BLOCK == 0 and number > 2 * BLOCK:
                needed[stalled].append(kernel.memory() / 1e6)
    return took[False], took[True], median(needed[True]) - median(needed[False])


def _show(kernel: Kernel, number: int) -> None:
    kernel.run(f"contender.prepare('large', {number}, 0)", "preparing")
    kernel.run("stopwatch.start(); contender.show()", "showing")


def _update(kernel: Kernel, audience: Audience, number: int) -> list[float]:
    kernel.run(f"contender.prepare('large', {number}, 0)", "preparing")
    time.sleep(0.06)  # an earlier update would wait for its turn
    audience.expect("ours", marker("large", number))
    kernel.run("stopwatch.start(); contender.show()", "showing")
    arrivals = audience.result("ours").arrivals
    began = kernel.ask("stopwatch.began")
    return [each - began for each in arrivals]


def table() -> Table:
    """Takes half a minute."""
    without, beside, memory = measure()
    percentiles = [quantiles(each, n=100)[98] for each in (beside, without)]
    return Table(
        (f"{UPDATES} updates of {PAGE} MB to {GOOD} viewers who read and one who does not", "", "goal"),
        (
            Row(
                "the 99th percentile of those who read: times as long as without the other",
                (percentiles[0] / percentiles[1],),
                (SLOWER,),
                unit="×",
            ),
            Row("memory that the other costs", (max(0.0, memory),), (MEMORY,), unit=" MB"),
        ),
    )
