"""Half a minute of everything at once; `make soak` makes it ten."""

from __future__ import annotations

import os
import random
import time

import psutil
from support.kernel_driver import Kernel, until
from support.soak import SEED, VIEWERS, Author, drawn, gathered

SECONDS = float(os.environ.get("BOKEH_SHARE_SOAK", "30"))
MINUTE = 60.0
PAUSE = 0.1
"""Seconds between two cells: IPython keeps some kilobytes of each."""
LEAK = 10e6
"""Bytes by which memory may differ between the fifth minute and the last."""


def test_after_a_while_of_everything_each_page_is_right_and_nothing_is_left_over(fresh: Kernel) -> None:
    author = Author(fresh, random.Random(SEED))
    url = fresh.share()
    author.begin()
    process = psutil.Process(fresh.ask("__import__('os').getpid()"))
    before = process.num_fds(), process.num_threads()
    memory: list[tuple[float, int]] = []
    began = time.monotonic()
    with gathered(url, SECONDS) as crowd:
        looked = began
        while (now := time.monotonic()) < began + SECONDS:
            author.work()
            time.sleep(PAUSE)
            if now > looked + 5:
                assert fresh.ask("trimmed()")
                memory.append((now - began, process.memory_full_info().uss))
                looked = now
        colleagues = crowd.end(fresh.ask("__import__('bokeh_share').share()._tracker.page.version"))
    *others, latest = drawn(colleagues)
    assert latest
    assert len(others) == VIEWERS
    assert all(each == latest for each in others)
    assert fresh.ask("logged") == []
    assert all(output.stderr == "" for output in fresh.outputs)
    until(lambda: (process.num_fds(), process.num_threads()) <= before, what="all descriptors back")
    print(f"\n{author.number} cells, {len(crowd.known)} frames; memory in MB at the seconds:")
    print(" ".join(f"{at:.0f}: {used / 1e6:.1f}" for at, used in memory))
    if SECONDS >= 6 * MINUTE:
        fifth = [used for at, used in memory if 4 * MINUTE <= at < 5 * MINUTE]
        last = [used for at, used in memory if at >= SECONDS - MINUTE]
        assert abs(sorted(last)[len(last) // 2] - sorted(fifth)[len(fifth) // 2]) < LEAK
