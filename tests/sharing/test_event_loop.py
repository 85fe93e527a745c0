"""The loop of a script, which has none of its own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

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
