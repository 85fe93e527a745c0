"""What all contenders can do, and the clock that they share."""

from __future__ import annotations

import time
from typing import Protocol, TypedDict


class Link(TypedDict):
    """Where viewers come to."""

    host: str
    port: int
    path: str
    """Of the websocket."""
    bokeh: bool
    """Whether Bokeh's own protocol is spoken there: a session for each viewer, who asks for its document."""


class Contender(Protocol):
    """Shows one plot to everybody. Lives as long as its kernel."""

    def start(self) -> Link:
        """Listen on loopback."""

    def prepare(self, kind: str, number: int, size: int) -> None:
        """Make what is shown next: not timed. `size` is what it weighs, for who knows no plots."""

    def show(self) -> None:
        """Show it to all: this is what is timed."""


class Stopwatch:
    """Notes when the update began, by the clock that all processes of a machine share, and what it cost."""

    began = 0.0
    used = 0.0

    def start(self) -> None:
        self.used = time.process_time()
        self.began = time.monotonic()

    def cost(self) -> float:
        """Seconds of the processor that this process took since."""
        return time.process_time() - self.used
