"""Sends the newest page to the viewers, in the viewers' thread."""

from __future__ import annotations

import asyncio
import threading
from typing import Protocol

from ..plots import LazyPage, Page
from .thread import ViewersThread

MIN_UPDATE_INTERVAL = 0.002
"""Seconds between the first two updates after a pause."""
MAX_UPDATE_INTERVAL = 0.05
"""Seconds between two updates of a page that changes all the time: twenty per second."""
COLLECTION_TIME = 0.01
"""Seconds for which changes of a running cell are collected, since a cell often makes several. Less than a
frame of a screen with 60 Hz; the end of the cell ends it."""
MAX_FLUSH_TIME = 0.02
"""Seconds that the author's thread waits at most until changes are sent."""


class PageReceiver(Protocol):
    """The hub, as far as updates use it. See `Hub`."""

    def publish(self, page: Page) -> None: ...


class UpdateRecipients(Protocol):
    """The viewers' connections."""

    def send_updates(self) -> None:
        """Send each viewer the updates that it can take now."""


class UpdateScheduler:
    """Takes the newest page from the author's threads, and sends it to all viewers.

    The first changes after a pause are sent at once, or when the cell that makes them ends or goes on for
    `COLLECTION_TIME`. While changes go on, the time between two updates doubles, up to `MAX_UPDATE_INTERVAL`.

    Exists as long as the share. `publish` may be called from any thread, the rest in the viewers' thread.
    """

    def __init__(
        self, page: LazyPage, hub: PageReceiver, recipients: UpdateRecipients, thread: ViewersThread
    ) -> None:
        self._newest_page = page
        """The page of the next update: written by the author's threads, read by the viewers' thread."""
        self._hub = hub
        self._recipients = recipients
        self._thread = thread
        self._is_requested = False
        """True if the thread was woken and has not yet taken the newest page."""
        self._timer: asyncio.TimerHandle | None = None
        """The timer that is set while changes are collected for the next update."""
        self._last_update = 0.0
        self._interval = MIN_UPDATE_INTERVAL
        """The time from the last update to the next one."""
        self._is_busy = False
        """True while a cell runs."""

    def publish(self, page: LazyPage) -> None:
        """Send a newer page to viewers: at once to those who can take it, to the others when they can."""
        self._newest_page = page
        if self._is_requested:  # a loop calls this often, and waking the thread is expensive
            return
        try:
            self._is_requested = True
            self._thread.call_soon(self.schedule_update)
        except BaseException:  # an interrupt must not leave it marked as requested
            self._is_requested = False
            raise

    def flush(self) -> None:
        """Send a page that waits for the end of its cell, and return when it is sent, or after
        `MAX_FLUSH_TIME`. Any thread may call it."""
        if not self._is_requested:
            return
        is_sent = threading.Event()
        self._thread.call_soon(self._end_collection, is_sent)
        is_sent.wait(MAX_FLUSH_TIME)

    def _end_collection(self, is_sent: threading.Event) -> None:
        """Send the page, unless the last update was sent just before."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            if self._thread.loop.time() >= self._last_update + self._interval:
                self.send_update()
            else:
                self._schedule_update(0.0)
        is_sent.set()

    def schedule_update(self) -> None:
        """Schedule an update: at once, or some time after the last one, or after the changes of a cell."""
        if self._timer is None:
            self._schedule_update(self._thread.loop.time() + COLLECTION_TIME if self._is_busy else 0.0)

    def update_busy(self, is_busy: bool) -> None:
        """Set if a cell runs. The changes of a cell that has ended are not collected any longer."""
        self._is_busy = is_busy
        if not is_busy and self._timer is not None:
            self._timer.cancel()
            self._schedule_update(0.0)

    def _schedule_update(self, collected_at: float) -> None:
        due = max(self._last_update + self._interval, collected_at)
        self._timer = self._thread.loop.call_at(due, self.send_update)

    def send_update(self) -> None:
        """Apply the edits of the newest page, and send it."""
        self._timer, now = None, self._thread.loop.time()
        was_paused = now - self._last_update > 2 * MAX_UPDATE_INTERVAL
        self._interval = MIN_UPDATE_INTERVAL if was_paused else min(2 * self._interval, MAX_UPDATE_INTERVAL)
        self._last_update = now
        self._is_requested = False  # reset before the page is read, so that a later `publish` requests again
        self._hub.publish(self._newest_page.page)
        self._recipients.send_updates()

    def clear(self) -> None:
        """Release the page and all that was sent of it, after the last viewer has left."""
        self._newest_page = LazyPage(Page())
        self._hub.publish(self._newest_page.page)
