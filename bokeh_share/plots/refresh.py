"""Refreshes changed plots soon after an event, without delaying the author."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ..text import sanitize_for_log

log = logging.getLogger(__name__)

REFRESH_INTERVAL = 0.05
"""Seconds after which one more refresh is allowed, and after which a delayed one runs."""
MAX_REFRESH_BURST = 8
"""Maximum number of refreshes in one burst."""
MAX_CHEAP_REFRESH = 0.004
"""Maximum duration in seconds of a refresh that counts as one."""


class RefreshThrottle:
    """Refreshes a changed plot in the thread that changed it, since this thread and the event loop may be
    busy later.

    Exists as long as its share. In a short burst, each change is refreshed. A loop that changes plots without
    a pause runs at most twenty refreshes per second; if they are slow, they take less than a tenth of its
    time. The remaining changes are refreshed on the event loop.
    """

    def __init__(
        self,
        refresh: Callable[[], None],
        call_later: Callable[[float, Callable[[], None]], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._refresh = refresh
        self._call_later = call_later
        self._clock = clock
        self._tokens = float(MAX_REFRESH_BURST)
        self._refilled_at = clock()
        self._is_refreshing = self._is_scheduled = self._is_requested = False

    def request_refresh(self) -> None:
        """Refresh now, or later if there were too many. The thread that made a change calls this."""
        if self._is_refreshing:  # in another thread, or further up in this one
            self._is_requested = True
        elif self._can_refresh():
            self._run_refresh()
        elif not self._is_scheduled:
            try:
                self._is_scheduled = True
                self._call_later(REFRESH_INTERVAL, self._on_timer)
            except BaseException:  # an interrupt must not leave it marked as scheduled
                self._is_scheduled = False
                raise

    def _can_refresh(self) -> bool:
        now = self._clock()
        self._tokens = min(MAX_REFRESH_BURST, self._tokens + (now - self._refilled_at) / REFRESH_INTERVAL)
        self._refilled_at = now
        return self._tokens >= 1

    def _run_refresh(self) -> None:
        started_at = self._clock()
        self._is_refreshing, self._is_requested = True, False
        try:
            self._refresh()
        except Exception as error:
            log.error("refreshing changed plots failed", exc_info=sanitize_for_log(error))
        finally:
            self._is_refreshing = False
            self._tokens -= max(1.0, (self._clock() - started_at) / MAX_CHEAP_REFRESH)
        if self._is_requested:
            self._is_requested = False
            self.request_refresh()

    def _on_timer(self) -> None:
        self._is_scheduled = False
        if not self._is_refreshing:
            self._run_refresh()
