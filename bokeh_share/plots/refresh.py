"""Takes up changes of what was shown, as soon as events tell of them and without holding the author up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ..text import sanitize_for_log

log = logging.getLogger(__name__)

REFRESH_INTERVAL = 0.05
"""Seconds after which a further change may be taken up, and what could not be at once is."""
MAX_REFRESH_BURST = 8
"""How many changes in one moment are taken up at once, each."""
MAX_CHEAP_REFRESH = 0.004
"""Seconds that taking up may last before it counts for more than one."""


class RefreshThrottle:
    """Takes changes up in the thread that made them: what that does next may keep it, and the loop, busy.

    Lives as long as its share. A burst is taken up change by change; a loop that changes plots without a
    pause pays for twenty a second at most, or for less than a tenth of its time where each takes longer.
    What is left over is taken up on the loop, when that has a moment.
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
        """An event told of a change; called by the thread that made it."""
        if self._is_refreshing:  # by another thread, or by what is done here
            self._is_requested = True
        elif self._can_refresh():
            self._run_refresh()
        elif not self._is_scheduled:
            try:
                self._is_scheduled = True
                self._call_later(REFRESH_INTERVAL, self._on_timer)
            except BaseException:  # an interrupt must not leave it at that
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
            log.error("taking up changes failed", exc_info=sanitize_for_log(error))
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
