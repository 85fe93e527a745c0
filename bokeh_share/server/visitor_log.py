"""What visitors did wrong, for the log: a line for each kind and minute, whatever they send.

A kind is a text of ours, so that no line has a link, a password or anything of what was sent. It is logged as
information: a warning that nobody handles would be printed into the author's cell.
"""

from __future__ import annotations

import logging
import time
from threading import Lock

from .. import limits

log = logging.getLogger(__name__)


class VisitorLog:
    """Logs each kind of misuse once an interval, and counts the others. Lives as long as the process, and
    costs two numbers a kind. `record` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._logged_at: dict[str, float] = {}
        self._unlogged_counts: dict[str, int] = {}

    def record(self, kind: str) -> None:
        """Log that a visitor did this, such as `"a message that is too long"`, or count it for later."""
        now = time.monotonic()
        with self._lock:
            if now - self._logged_at.get(kind, -limits.MISUSE_LOG_INTERVAL) < limits.MISUSE_LOG_INTERVAL:
                self._unlogged_counts[kind] = self._unlogged_counts.get(kind, 0) + 1
                return
            self._logged_at[kind] = now
            unlogged = self._unlogged_counts.pop(kind, 0)
        if unlogged:
            log.info("a visitor is refused: %s, and %d more since this was said last", kind, unlogged)
        else:
            log.info("a visitor is refused: %s", kind)


_visitor_log = VisitorLog()
log_misuse = _visitor_log.record
"""What the whole package uses: one count for the process."""
