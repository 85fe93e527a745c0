"""When the viewers' thread is woken, and which page it sends."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from support.plain_snapshots import plot, say

from bokeh_share.broadcast.hub import Hub
from bokeh_share.broadcast.update_scheduler import (
    COLLECTION_TIME,
    MAX_UPDATE_INTERVAL,
    MIN_UPDATE_INTERVAL,
    UpdateScheduler,
)
from bokeh_share.plots.lazy_page import LazyPage
from bokeh_share.plots.page import Page, PlotKey

P = PlotKey("name", "p")
PAGE = Page().put(P, plot("one"), now=1)


class Thread:
    """A thread and its loop, which run when a test says so."""

    def __init__(self) -> None:
        self.loop = self
        self.woken: list[Callable[[], None]] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.now = 10.0
        self.is_interrupted = False

    def call_soon(self, function: Callable[..., None], *args: object) -> None:
        if self.is_interrupted:
            self.is_interrupted = False
            raise KeyboardInterrupt
        self.woken.append(lambda: function(*args))

    def call_at(self, when: float, function: Callable[[], None]) -> Any:
        timer = (when, function)
        self.timers.append(timer)
        return SimpleNamespace(cancel=lambda: self.timers.remove(timer))

    def time(self) -> float:
        return self.now

    def run(self) -> None:
        while self.woken:
            self.woken.pop(0)()
        while self.timers:
            when, function = self.timers.pop(0)
            self.now = max(self.now, when)
            function()


class Recipients:
    """Keep what the hub has at each update."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.pages: list[Page] = []

    def send_updates(self) -> None:
        self.pages.append(self.hub.page)


@pytest.fixture
def thread() -> Thread:
    return Thread()


@pytest.fixture
def recipients() -> Recipients:
    return Recipients(Hub(PAGE))


@pytest.fixture
def scheduler(thread: Thread, recipients: Recipients) -> UpdateScheduler:
    return UpdateScheduler(LazyPage(PAGE), recipients.hub, recipients, thread)  # type: ignore[arg-type]


def test_a_page_is_sent_as_it_is_when_the_thread_reads_it(
    scheduler: UpdateScheduler, thread: Thread, recipients: Recipients
) -> None:
    page = LazyPage(PAGE, [(P, say(1, "two"))])
    scheduler.publish(page)
    assert recipients.pages == []
    assert page.add_edit(P, say(1, "three"))
    thread.run()
    assert recipients.pages == [page.page]
    assert recipients.hub.page.plots[0].snapshot.nodes[1].attributes["text"].text == '"three"'
    assert not page.add_edit(P, say(1, "four"))


def test_the_thread_is_woken_once_for_each_update_and_sends_the_newest_page(
    scheduler: UpdateScheduler, thread: Thread, recipients: Recipients
) -> None:
    pages = [PAGE.update_title(f"{number}") for number in range(10)]
    for page in pages:
        scheduler.publish(LazyPage(page))
    assert len(thread.woken) == 1
    thread.run()
    assert recipients.pages == [pages[-1]]
    scheduler.publish(LazyPage(pages[0]))
    assert len(thread.woken) == 1


def run_updates(scheduler: UpdateScheduler, thread: Thread, count: int) -> list[float]:
    """Publish pages without a pause, and return the times at which they are sent."""
    times = []
    for number in range(count):
        scheduler.publish(LazyPage(PAGE.update_title(f"{number}")))
        scheduler.schedule_update()  # a viewer has asked for a plot again
        thread.run()
        times.append(thread.now)
    return times


def test_the_first_updates_follow_quickly_and_later_ones_are_so_far_apart(
    scheduler: UpdateScheduler, thread: Thread, recipients: Recipients
) -> None:
    start = thread.now
    times = run_updates(scheduler, thread, 12)
    assert len(recipients.pages) == 12
    assert times[0] == start
    gaps = [min(MIN_UPDATE_INTERVAL * 2**number, MAX_UPDATE_INTERVAL) for number in range(11)]
    assert [after - before for before, after in pairwise(times)] == pytest.approx(gaps)
    assert gaps[-1] == MAX_UPDATE_INTERVAL


def test_after_a_pause_updates_follow_quickly_again(scheduler: UpdateScheduler, thread: Thread) -> None:
    run_updates(scheduler, thread, 12)
    thread.now += 1
    start = thread.now
    assert run_updates(scheduler, thread, 2) == pytest.approx([start, start + MIN_UPDATE_INTERVAL])


def wake(scheduler: UpdateScheduler, thread: Thread, title: str) -> None:
    """Publish a page, and let the thread schedule its update."""
    scheduler.publish(LazyPage(PAGE.update_title(title)))
    while thread.woken:
        thread.woken.pop(0)()


def test_the_changes_of_a_cell_are_sent_together_when_it_ends(
    scheduler: UpdateScheduler, thread: Thread, recipients: Recipients
) -> None:
    scheduler.update_busy(True)
    start = thread.now
    for number in range(20):
        wake(scheduler, thread, f"{number}")
    assert [when for when, _ in thread.timers] == [start + COLLECTION_TIME]
    scheduler.update_busy(False)
    thread.run()
    assert [page.title for page in recipients.pages] == ["19"]
    assert thread.now == start


def test_the_changes_of_a_cell_that_goes_on_are_sent_after_the_time_of_collection(
    scheduler: UpdateScheduler, thread: Thread, recipients: Recipients
) -> None:
    scheduler.update_busy(True)
    start = thread.now
    wake(scheduler, thread, "one")
    thread.run()
    assert (len(recipients.pages), thread.now) == (1, start + COLLECTION_TIME)


def test_cells_that_end_one_after_the_other_do_not_send_without_end(
    scheduler: UpdateScheduler, thread: Thread
) -> None:
    times = []
    for number in range(12):
        scheduler.update_busy(True)
        wake(scheduler, thread, f"{number}")
        scheduler.update_busy(False)
        thread.run()
        times.append(thread.now)
    assert times[-1] - times[-2] == pytest.approx(MAX_UPDATE_INTERVAL)


def flush(scheduler: UpdateScheduler, thread: Thread) -> None:
    """Flush, while the thread runs what it was woken for."""
    call_soon = thread.call_soon

    def call_now(function: Callable[..., None], *args: object) -> None:
        call_soon(function, *args)
        while thread.woken:
            thread.woken.pop(0)()

    thread.call_soon = call_now  # type: ignore[method-assign]
    scheduler.flush()
    thread.call_soon = call_soon  # type: ignore[method-assign]


def test_a_flush_sends_the_changes_of_a_cell_before_it_ends(
    scheduler: UpdateScheduler, thread: Thread, recipients: Recipients
) -> None:
    scheduler.update_busy(True)
    scheduler.publish(LazyPage(PAGE.update_title("one")))
    flush(scheduler, thread)
    assert [page.title for page in recipients.pages] == ["one"]
    assert thread.timers == []
    wake(scheduler, thread, "two")  # soon after
    flush(scheduler, thread)
    assert [page.title for page in recipients.pages] == ["one"]
    thread.run()
    assert [page.title for page in recipients.pages] == ["one", "two"]


def test_a_flush_without_changes_does_not_wake_the_thread(scheduler: UpdateScheduler, thread: Thread) -> None:
    scheduler.flush()
    assert thread.woken == []


def test_a_flush_does_not_wait_for_a_thread_that_is_late(
    scheduler: UpdateScheduler, thread: Thread, recipients: Recipients
) -> None:
    scheduler.publish(LazyPage(PAGE.update_title("one")))
    scheduler.flush()  # returns, although nothing runs
    assert recipients.pages == []
    thread.run()
    assert [page.title for page in recipients.pages] == ["one"]


def test_a_cell_that_changes_nothing_sends_nothing(
    scheduler: UpdateScheduler, thread: Thread, recipients: Recipients
) -> None:
    scheduler.update_busy(True)
    scheduler.update_busy(False)
    thread.run()
    assert recipients.pages == []


def test_who_is_interrupted_wakes_the_thread_with_the_next_page(
    scheduler: UpdateScheduler, thread: Thread, recipients: Recipients
) -> None:
    thread.is_interrupted = True
    with pytest.raises(KeyboardInterrupt):
        scheduler.publish(LazyPage(PAGE.update_title("one")))
    scheduler.publish(LazyPage(PAGE.update_title("two")))
    thread.run()
    assert [page.title for page in recipients.pages] == ["two"]


def test_nothing_is_kept_after_the_end(scheduler: UpdateScheduler, recipients: Recipients) -> None:
    scheduler.clear()
    assert recipients.hub.page.plots == ()
    assert recipients.pages == []
