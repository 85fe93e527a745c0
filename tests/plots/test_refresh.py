"""When changes are taken up: at once, and without holding the author up."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from bokeh_share.plots.refresh import MAX_CHEAP_REFRESH, MAX_REFRESH_BURST, REFRESH_INTERVAL, RefreshThrottle


class Bench:
    """A clock that is set by hand, and a loop that runs its timers when asked."""

    def __init__(self, cost: float = 0.0) -> None:
        self.now = 0.0
        self.cost = cost
        self.taken = 0
        self.waiting: list[tuple[float, Callable[[], None]]] = []
        self.during: Callable[[], None] = lambda: None
        self.upkeep = RefreshThrottle(
            self.take, lambda *later: self.waiting.append(later), clock=lambda: self.now
        )

    def take(self) -> None:
        self.taken += 1
        self.now += self.cost
        self.during()

    def run_timers(self) -> None:
        waiting, self.waiting = self.waiting, []
        for _, function in waiting:
            function()


def test_a_change_is_taken_up_at_once() -> None:
    bench = Bench()
    bench.upkeep.request_refresh()
    assert (bench.taken, bench.waiting) == (1, [])


def test_three_changes_in_a_millisecond_are_taken_up_one_by_one() -> None:
    bench = Bench()
    for _ in range(3):
        bench.now += 0.0003
        bench.upkeep.request_refresh()
    assert (bench.taken, bench.waiting) == (3, [])


def test_a_loop_without_a_pause_is_delayed_twenty_times_a_second_at_most() -> None:
    bench = Bench()
    for _ in range(10_000):
        bench.upkeep.request_refresh()
        bench.now += 0.001
    assert 195 <= bench.taken <= 200 + MAX_REFRESH_BURST


@pytest.mark.parametrize("cost", [0.01, 0.1, 1.0])
def test_what_takes_longer_takes_a_tenth_of_a_loops_time_at_most(cost: float) -> None:
    bench = Bench(cost)
    while bench.now < 100 * cost / MAX_CHEAP_REFRESH * REFRESH_INTERVAL:
        bench.upkeep.request_refresh()
        bench.now += 0.001
    assert bench.taken * cost < bench.now / 10


def test_what_is_left_over_is_taken_up_on_the_loop_once() -> None:
    bench = Bench()
    for _ in range(MAX_REFRESH_BURST + 5):
        bench.upkeep.request_refresh()
    assert bench.taken == MAX_REFRESH_BURST
    ((delay, _),) = bench.waiting
    assert delay == REFRESH_INTERVAL
    bench.run_timers()
    assert bench.taken == MAX_REFRESH_BURST + 1
    bench.run_timers()
    assert bench.taken == MAX_REFRESH_BURST + 1


def test_what_changes_while_changes_are_taken_up_is_taken_up_after_that() -> None:
    bench = Bench()

    def again() -> None:
        if bench.taken < 3:
            bench.upkeep.request_refresh()

    bench.during = again
    bench.upkeep.request_refresh()
    assert bench.taken == 3


def test_what_fails_is_logged_and_not_the_authors(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()

    def fail() -> None:
        raise ValueError("no")

    bench.during = fail
    bench.upkeep.request_refresh()
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "refreshing changed plots failed")
    bench.during = lambda: None
    bench.upkeep.request_refresh()
    assert bench.taken == 2


def test_an_interrupt_is_the_authors_and_the_next_change_is_taken_up() -> None:
    bench = Bench()

    def interrupt() -> None:
        raise KeyboardInterrupt

    bench.during = interrupt
    with pytest.raises(KeyboardInterrupt):
        bench.upkeep.request_refresh()
    bench.during = lambda: None
    bench.upkeep.request_refresh()
    assert bench.taken == 2
