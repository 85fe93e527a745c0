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
    """Counts what is not said. Lives as long as the process, costs two numbers a kind, and takes notes from
    any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._said: dict[str, float] = {}
        self._unsaid: dict[str, int] = {}

    def note(self, kind: str) -> None:
        """Log that a visitor did this, such as `"a message that is too long"`, or count it for later."""
        now = time.monotonic()
        with self._lock:
            if now - self._said.get(kind, -limits.COMPLAINT) < limits.COMPLAINT:
                self._unsaid[kind] = self._unsaid.get(kind, 0) + 1
                return
            self._said[kind] = now
            more = self._unsaid.pop(kind, 0)
        if more:
            log.info("a visitor is refused: %s, and %d more since this was said last", kind, more)
        else:
            log.info("a visitor is refused: %s", kind)


_visitor_log = VisitorLog()
log_misuse = _visitor_log.note
"""What the whole package uses: one count for the process."""
