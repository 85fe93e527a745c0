"""The tasks of viewers' connections, on one event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable

from .. import limits
from ..text import sanitize_for_log

log = logging.getLogger(__name__)


class ViewerTasks:
    """Starts tasks and keeps them, since the loop has only weak references. Used on one loop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, awaitable: Awaitable[None]) -> None:
        """Start a task, which `end_all` ends. An error in it is logged."""
        task = asyncio.ensure_future(awaitable)
        self._tasks.add(task)
        task.add_done_callback(self._on_task_done)

    async def end_all(self) -> None:
        """Wait until all tasks have ended, as long as a closing handshake may take; then cancel the
        others."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=limits.CLOSE_HANDSHAKE_TIMEOUT)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a viewer's connection failed", exc_info=sanitize_for_log(error))
