"""Logs misuse by visitors: one line per kind and minute, whatever they send.

Kinds are fixed texts, so that no line contains a link, a password or other content that was sent. The level
is INFO, since an unhandled warning would be printed into the author's cell.
"""

from __future__ import annotations

import logging
import time
from threading import Lock

from .. import limits

log = logging.getLogger(__name__)


class VisitorLog:
    """Logs each kind of misuse once per interval, and counts the others. Exists as long as the process, and
    needs two numbers per kind. `record` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._logged_at: dict[str, float] = {}
        self._unlogged_counts: dict[str, int] = {}

    def record(self, kind: str) -> None:
        """Log this kind of misuse, such as `"request too long"`, or count it for later."""
        now = time.monotonic()
        with self._lock:
            if now - self._logged_at.get(kind, -limits.MISUSE_LOG_INTERVAL) < limits.MISUSE_LOG_INTERVAL:
                self._unlogged_counts[kind] = self._unlogged_counts.get(kind, 0) + 1
                return
            self._logged_at[kind] = now
            unlogged = self._unlogged_counts.pop(kind, 0)
        if unlogged:
            log.info("visitor refused: %s (and %d more since the last report)", kind, unlogged)
        else:
            log.info("visitor refused: %s", kind)


_visitor_log = VisitorLog()
log_misuse = _visitor_log.record
"""The function for the whole package, with one count per process."""
