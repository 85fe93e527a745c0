from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from support.apart import apart

from bokeh_share import limits
from bokeh_share.apps import schedule
from bokeh_share.apps.schedule import FairScheduler


class Clock:
    """A clock that work and pauses advance. Pauses of the loop pass at once, and are recorded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.pauses: list[float] = []
        self._monkeypatch = monkeypatch

    def __call__(self) -> float:
        return self.now

    def takes(self, seconds: float) -> Callable[[], None]:
        def work() -> None:
            self.now += seconds

        return work

    def run(self, steps: Coroutine[Any, Any, None]) -> None:
        async def inside() -> None:
            loop = asyncio.get_running_loop()

            def call_later(delay: float, function: Callable[..., None], *args: Any) -> asyncio.Handle:
                def called() -> None:
                    self.now += delay
                    self.pauses += [delay] if delay else []
                    function(*args)

                return loop.call_soon(called)

            self._monkeypatch.setattr(loop, "call_later", call_later)
            await steps

        apart(inside)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def test_a_long_task_is_followed_by_a_pause_before_the_next(clock: Clock) -> None:
    work = FairScheduler(clock=clock)
    done: list[str] = []

    async def one(name: str) -> None:
        await work.run(clock.takes(0.1))
        done.append(name)

    async def all_at_once() -> None:
        await asyncio.gather(*(one(name) for name in "abc"))

    clock.run(all_at_once())
    assert done == ["a", "b", "c"]
    assert clock.pauses == [pytest.approx(limits.MAX_APP_YIELD_DELAY)] * 2


def test_in_the_pause_a_cell_gets_all_the_loop_iterations_that_it_needs() -> None:
    work, order = FairScheduler(), list[str]()

    async def opening(number: int) -> None:
        await work.run(lambda: order.append(f"opening {number}"))
        work.charge(1.0)

    async def cell() -> None:
        for _ in range(30):  # rounds, from the message to the first line
            await asyncio.sleep(0)
        order.append("cell")

    async def all_at_once() -> None:
        await asyncio.gather(opening(1), opening(2), cell(), opening(3))

    apart(all_at_once)
    assert order == ["opening 1", "cell", "opening 2", "opening 3"]


def test_short_work_rests_for_as_long_as_it_took(clock: Clock) -> None:
    work = FairScheduler(clock=clock)

    async def many() -> None:
        for _ in range(1000):
            await work.run(clock.takes(0.001))

    clock.run(many())
    assert 1.0 <= sum(clock.pauses) <= 1.0 + 1000 * schedule.TASK_OVERHEAD


def test_who_comes_seldom_does_not_wait_at_all(clock: Clock) -> None:
    work = FairScheduler(clock=clock)

    async def a_plot_that_is_moved() -> None:
        for _ in range(360):
            clock.now += 1 / 360
            await work.run(clock.takes(0.0005))

    clock.run(a_plot_that_is_moved())
    assert clock.pauses == []


def test_many_viewers_in_one_network_delay_only_each_other(clock: Clock) -> None:
    work, order = FairScheduler(clock=clock), list[str]()

    async def one(network: str, number: int) -> None:
        await work.run(lambda: order.append(f"{network}{number}"), queue_key=(network, "app"))

    async def all_at_once() -> None:
        first = asyncio.ensure_future(work.run(clock.takes(1.0)))
        await asyncio.gather(
            *(one("a", number) for number in range(5)), *(one("b", each) for each in range(2))
        )
        await first

    clock.run(all_at_once())
    assert order == ["a0", "b0", "a1", "b1", "a2", "a3", "a4"]


def test_what_makes_bytes_waits_for_room_and_holds_up_nothing_else(clock: Clock) -> None:
    rooms, asked, order = [False], list[tuple[str, int]](), list[str]()

    def has_room(network: str, size: int) -> bool:
        asked.append((network, size))
        return rooms[-1]

    work = FairScheduler(has_room, clock=clock)

    async def all_at_once() -> None:
        large = asyncio.ensure_future(work.run(lambda: order.append("large"), queue_key=("a", "app"), size=7))
        await asyncio.sleep(0)
        assert work.waiting_networks == {"a"}
        await work.run(lambda: order.append("small"), queue_key=("a", "app"))
        assert order == ["small"]
        rooms.append(True)
        await large

    clock.run(all_at_once())
    assert order == ["small", "large"]
    assert set(asked) == {("a", 7)}
    assert not work.waiting_networks


def test_who_leaves_waits_for_room_no_longer() -> None:
    work = FairScheduler(lambda network, size: False)

    async def leaving() -> None:
        viewer = object()
        waits = asyncio.ensure_future(work.run(lambda: "nothing is made", owner=viewer, size=1))
        await asyncio.sleep(0)
        work.cancel_room_wait(viewer)
        assert await waits == "nothing is made"

    apart(leaving)


def test_who_is_cancelled_holds_up_nobody() -> None:
    work = FairScheduler()

    async def cancelling() -> None:
        work.charge(1.0)  # so that all have to wait
        waits = [asyncio.ensure_future(work.run(lambda: None)) for _ in range(3)]
        await asyncio.sleep(0)
        waits[1].cancel()
        first = waits[0]
        while work._running is None:
            await asyncio.sleep(0)
        first.cancel()  # as it begins
        assert await waits[2] is None
        assert first.cancelled() or first.done()

    apart(cancelling)


def test_work_that_fails_raises_for_its_caller_and_ends() -> None:
    work = FairScheduler()

    def fails() -> None:
        raise ValueError("no luck")

    async def both() -> None:
        with pytest.raises(ValueError, match="no luck"):
            await work.run(fails)
        assert await work.run(lambda: "served") == "served"

    apart(both)
