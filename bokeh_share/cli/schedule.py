"""Decides when a file is run again: after it changed, or after an interval."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from ..errors import BokehShareError

T = TypeVar("T")

FILE_POLL_INTERVAL = 0.5
"""Seconds between two checks of the file."""
MIN_FAILURES_TO_WARN = 2
"""Consecutive failed reads until a failure is reported; before that, the file may be half written."""


class RerunSchedule(Generic[T]):
    """Stores the content of the last run, and finds the content to run next.

    `read` returns the part of the file that matters: equal contents, such as a notebook with newly saved
    outputs, do not cause another run. Without `watch` and `every`, nothing does.
    """

    def __init__(
        self,
        path: Path,
        read: Callable[[Path], T],
        *,
        watch: bool,
        every: float | None,
        on_failure: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._read = path, read
        self._watch, self._every = watch, every
        self._on_failure, self._clock = on_failure, clock
        self._last_content: T | None = None
        self._next_run_at = self._next_poll_at = 0.0
        self._file_stamp: tuple[int, int] | None = None
        """The stamp of the file when it was last read; None after a failure."""
        self._failure_count = 0

    @property
    def wait_description(self) -> str:
        """A description of the event that is waited for; empty for none."""
        if self._every is None:
            return "waiting for changes" if self._watch else ""
        at = time.strftime("%H:%M:%S", time.localtime(time.time() + self._next_run_at - self._clock()))
        return f"waiting for changes, or {at}" if self._watch else f"again at {at}"

    def record_start(self, content: T) -> None:
        """Record the start of a run of `content`."""
        self._last_content = content
        self._next_run_at = self._clock() + (self._every or 0.0)

    def find_due_content(self) -> T | None:
        """Return the content to run now; None for nothing. May be called at any rate."""
        now = self._clock()
        if self._every is not None and now >= self._next_run_at:
            newest = self._read_newest()
            return newest if newest is not None else self._last_content
        if self._watch and now >= self._next_poll_at:
            self._next_poll_at = now + FILE_POLL_INTERVAL
            if self._is_changed() and (newest := self._read_newest()) != self._last_content:
                return newest
        return None

    def _is_changed(self) -> bool:
        try:
            return self._file_stamp is None or self._file_stamp != _read_file_stamp(self._path)
        except OSError:
            return True

    def _read_newest(self) -> T | None:
        try:
            # Before the file is read, so that the next check detects a change that is written meanwhile.
            stamp = _read_file_stamp(self._path)
            content = self._read(self._path)
        except (OSError, BokehShareError) as error:
            self._file_stamp = None
            self._failure_count += 1
            if self._failure_count == MIN_FAILURES_TO_WARN:
                self._on_failure(f"{error}; the file is read again until this works")
            return None
        self._file_stamp, self._failure_count = stamp, 0
        return content


def _read_file_stamp(path: Path) -> tuple[int, int]:
    file_status = path.stat()
    return file_status.st_mtime_ns, file_status.st_size
