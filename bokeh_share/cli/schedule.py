"""When a file is run again: it changed, or it is time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from ..errors import BokehShareError

T = TypeVar("T")

POLL_INTERVAL = 0.5
"""Seconds between two looks at the file."""
PATIENT = 2
"""After how many looks in vain a file that can't be read is complained about: it may be half written."""


class Schedule(Generic[T]):
    """Knows what was run last, and tells what to run next.

    `read` gives what of the file counts: contents that are equal, as of a notebook whose outputs were
    saved, are no reason to run it again. Without `watch` and `every` there is never a reason.
    """

    def __init__(
        self,
        path: Path,
        read: Callable[[Path], T],
        *,
        watch: bool,
        every: float | None,
        complain: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._path, self._read = path, read
        self._watch, self._every = watch, every
        self._complain, self._clock = complain, clock
        self._ran: T | None = None
        self._next = self._look = 0.0
        self._stamp: tuple[int, int] | None = None
        """Of the file when it was read last; None after it could not be."""
        self._vain = 0

    @property
    def expected(self) -> str:
        """What is waited for, in words; the empty text for nothing."""
        if self._every is None:
            return "waiting for changes" if self._watch else ""
        at = time.strftime("%H:%M:%S", time.localtime(time.time() + self._next - self._clock()))
        return f"waiting for changes, or {at}" if self._watch else f"again at {at}"

    def began(self, content: T) -> None:
        """A run of `content` begins."""
        self._ran = content
        self._next = self._clock() + (self._every or 0.0)

    def due(self) -> T | None:
        """What is to be run now; None for nothing. May be asked as often as one likes."""
        now = self._clock()
        if self._every is not None and now >= self._next:
            newest = self._newest()
            return newest if newest is not None else self._ran
        if self._watch and now >= self._look:
            self._look = now + POLL_INTERVAL
            if self._changed() and (newest := self._newest()) != self._ran:
                return newest
        return None

    def _changed(self) -> bool:
        try:
            return self._stamp is None or self._stamp != _stamp(self._path)
        except OSError:
            return True

    def _newest(self) -> T | None:
        try:
            # Before it is read: what is written meanwhile is seen at the next look.
            stamp = _stamp(self._path)
            content = self._read(self._path)
        except (OSError, BokehShareError) as error:
            self._stamp = None
            self._vain += 1
            if self._vain == PATIENT:
                self._complain(f"{error}; tried again until it can be read")
            return None
        self._stamp, self._vain = stamp, 0
        return content


def _stamp(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_mtime_ns, state.st_size
