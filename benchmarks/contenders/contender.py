"""The interface of all contenders, and the clock that they share."""

from __future__ import annotations

import time
from typing import NotRequired, Protocol, TypedDict


class Link(TypedDict):
    """The address that viewers open."""

    host: str
    port: int
    ports: NotRequired[list[int]]
    """The ports of several servers, which the viewers use in turn, instead of `port`."""
    path: str
    """The path of the websocket."""
    bokeh: bool
    """True for Bokeh's own protocol: a session for each viewer, which requests its document."""


class Contender(Protocol):
    """Shows one plot to all viewers. Exists as long as its kernel."""

    def start(self) -> Link:
        """Listen on loopback."""

    def prepare(self, kind: str, number: int, size: int) -> None:
        """Make the next update, untimed. `size` is its number of bytes, for those who send bytes only."""

    def show(self) -> None:
        """Show the update to all viewers; this is timed."""


class Stopwatch:
    """Records when the update began, by the clock that all processes of a machine share, and its cost."""

    began = 0.0
    used = 0.0

    def start(self) -> None:
        self.used = time.process_time()
        self.began = time.monotonic()

    def cost(self) -> float:
        """Seconds of processor time that this process used since then."""
        return time.process_time() - self.used
