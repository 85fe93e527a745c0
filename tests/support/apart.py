"""Runs what is asynchronous in a thread: the main one may have Playwright's loop in it, from other tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def apart(run: Callable[[], Coroutine[Any, Any, None]], *, deadline: float = 60.0) -> None:
    """Run `run()` on a loop of its own to its end; raises what it raises."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(asyncio.wait_for(run(), deadline))).result()
