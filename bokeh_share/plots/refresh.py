"""Takes up changes of what was shown, as soon as events tell of them and without holding the author up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from ..text import for_log

log = logging.getLogger(__name__)

SOON = 0.05
"""Seconds after which a further change may be taken up, and what could not be at once is."""
BURST = 8
"""How many changes in one moment are taken up at once, each."""
CHEAP = 0.004
"""Seconds that taking up may last before it counts for more than one."""


class RefreshThrottle:
    """Takes changes up in the thread that made them: what that does next may keep it, and the loop, busy.

    Lives as long as its share. A burst is taken up change by change; a loop that changes plots without a
    pause pays for twenty a second at most, or for less than a tenth of its time where each takes longer.
    What is left over is taken up on the loop, when that has a moment.
    """

    def __init__(
        self,
        take_up: Callable[[], None],
        later: Callable[[float, Callable[[], None]], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._take_up = take_up
        self._later = later
        self._clock = clock
        self._credit = float(BURST)
        self._since = clock()
        self._taking = self._waiting = self._again = False

    def note(self) -> None:
        """An event told of a change; called by the thread that made it."""
        if self._taking:  # by another thread, or by what is done here
            self._again = True
        elif self._may():
            self._take()
        elif not self._waiting:
            try:
                self._waiting = True
                self._later(SOON, self._on_loop)
            except BaseException:  # an interrupt must not leave it at that
                self._waiting = False
                raise

    def _may(self) -> bool:
        now = self._clock()
        self._credit = min(BURST, self._credit + (now - self._since) / SOON)
        self._since = now
        return self._credit >= 1

    def _take(self) -> None:
        began = self._clock()
        self._taking, self._again = True, False
        try:
            self._take_up()
        except Exception as error:
            log.error("taking up changes failed", exc_info=for_log(error))
        finally:
            self._taking = False
            self._credit -= max(1.0, (self._clock() - began) / CHEAP)
        if self._again:
            self._again = False
            self.note()

    def _on_loop(self) -> None:
        self._waiting = False
        if not self._taking:
            self._take()
