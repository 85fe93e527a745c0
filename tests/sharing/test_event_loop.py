"""The loop of a script, which has none of its own, and what threads ask of one that runs."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.apart import apart

from bokeh_share.errors import KernelBusy
from bokeh_share.sharing.event_loop import EventLoop


def interrupted(loop: EventLoop, waiting: int) -> None:
    """`loop` runs until an interrupt hits a task for which so many others wait, each for the one before."""

    async def hit(number: int) -> None:
        if number == 0:
            raise KeyboardInterrupt
        await loop._asyncio_loop.create_task(hit(number - 1))

    loop._io_loop.add_callback(hit, waiting)
    with pytest.raises(KeyboardInterrupt):
        loop.run()


@pytest.mark.parametrize("waiting", [0, 1, 5])
def test_an_interrupt_that_hit_a_task_does_not_come_up_again_at_the_end(waiting: int) -> None:
    ended = []

    async def end() -> None:
        ended.append(True)

    def script() -> None:
        loop = EventLoop()
        interrupted(loop, waiting)
        assert loop.call(lambda: 1) == 1
        loop.finish(end)
        loop.close()

    with ThreadPoolExecutor(1) as apart:  # where no loop runs
        try:
            apart.submit(script).result()
        except KeyboardInterrupt:
            pytest.fail("it came up again")
    assert ended == [True]


def test_what_a_thread_has_given_up_is_not_called_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bokeh_share.sharing.event_loop.LOOP_TIMEOUT", 0.01)
    called = []

    async def cell() -> None:
        loop = EventLoop()
        with ThreadPoolExecutor(1) as thread:
            call = thread.submit(loop.call, lambda: called.append(True))
            with pytest.raises(KernelBusy):
                call.result()
        for _ in range(3):
            await asyncio.sleep(0)

    apart(cell)
    assert called == []
