"""Runs coroutines in a thread, since the main thread may have Playwright's loop from other tests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def apart(run: Callable[[], Coroutine[Any, Any, None]], *, deadline: float = 60.0) -> None:
    """Run `run()` to its end on a separate loop. Raises its errors."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(asyncio.wait_for(run(), deadline))).result()
