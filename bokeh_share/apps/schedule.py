"""Work of viewers of apps on the kernel's loop: a piece at a time, with the author's cells in between."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from .. import limits

T = TypeVar("T")
Line = tuple[str, str]
"""Who waits for their turns one after the other: the viewers of an app, by its name, in a network."""

SLACK = 0.01
"""Seconds of short pieces of work that may follow each other, as no timer is exact to less than 1 ms."""
ASIDE = 0.0002
"""Seconds that the loop needs beside each piece of work, about, to read a frame and to write the answer."""
LOOK = 0.1
"""Seconds between two looks for room, while somebody waits for it."""


@dataclass(eq=False)
class _Place:
    """Somebody who waits for a turn; all that they hold until then."""

    line: Line
    owner: object
    size: int | None
    """Bytes that are made, about; None where nothing is."""
    turn: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Schedule:
    """Gives turns on the kernel's loop to all work that viewers of apps cause there.

    After a piece of work the loop rests for as long as that took, up to `limits.APP_REST`. A cell that the
    author has sent needs some rounds of the loop until it begins, and has them then. Lines have their turns
    one after the other, so that one that asks for much delays itself; within a line those who came first go
    first. Work that makes bytes for a viewer waits until there is room for them.
    """

    def __init__(
        self,
        has_room: Callable[[str, int], bool] = lambda network, size: True,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`has_room` says whether so many bytes may be made for a viewer in a network."""
        self._has_room = has_room
        self._clock = clock
        self._places: dict[Line, deque[_Place]] = {}
        """The line first whose turn is next."""
        self._working: _Place | None = None
        self._free = 0.0
        """When all that was done is paid for by pauses."""
        self._timer: asyncio.TimerHandle | None = None

    async def run(
        self,
        work: Callable[[], T],
        *,
        line: Line = ("", ""),
        owner: object = None,
        size: int | None = None,
    ) -> T:
        """`work()`, when it is its turn and there is room for what it makes, of about this size.

        It awaits nothing, so that a turn is never held by somebody who is slow.
        """
        place = _Place(line, owner, size)
        self._places.setdefault(line, deque()).append(place)
        self._go_on()
        try:
            await place.turn
        except asyncio.CancelledError:
            self._leave(place)
            raise
        began = self._clock()
        try:
            return work()
        finally:
            self._ended(self._clock() - began)

    def charge(self, seconds: float) -> None:
        """So much was done until now, beside all turns: what follows waits for as long again."""
        now = self._clock()
        paid = max(self._free, now - seconds) + 2 * seconds + ASIDE
        self._free = min(paid, now + SLACK + limits.APP_REST)

    def let_go(self, owner: object) -> None:
        """Let `owner` wait for room no longer, as nothing is made for them any more."""
        for place in self._all():
            if place.owner is owner:
                place.size = None
        self._go_on()

    @property
    def waiting(self) -> set[str]:
        """The networks in which somebody waits for room."""
        has_room = cache(self._has_room)
        return {
            place.line[0]
            for place in self._all()
            if place.size is not None and not has_room(place.line[0], place.size)
        }

    def _all(self) -> Iterator[_Place]:
        for places in self._places.values():
            yield from places

    def _go_on(self) -> None:
        """Give somebody a turn, or look again when the loop has had its rest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._working is not None or not self._places:
            return
        rest = round(self._free - self._clock() - SLACK, 6)
        if rest > 0:
            self._timer = asyncio.get_running_loop().call_later(rest, self._go_on)
        elif (place := self._next()) is None:
            self._timer = asyncio.get_running_loop().call_later(LOOK, self._go_on)
        else:
            self._working = place
            place.turn.set_result(None)

    def _next(self) -> _Place | None:
        has_room = cache(self._has_room)  # as long as this takes
        for line, places in self._places.items():
            for place in places:
                if place.size is None or has_room(line[0], place.size):
                    self._remove(place)
                    if places:  # behind the others
                        self._places[line] = self._places.pop(line)
                    return place
        return None

    def _remove(self, place: _Place) -> None:
        places = self._places[place.line]
        places.remove(place)
        if not places:
            del self._places[place.line]

    def _leave(self, place: _Place) -> None:
        """Whoever waited was cancelled, before their turn or as it began."""
        if self._working is place:
            self._ended(0.0)
        else:
            self._remove(place)

    def _ended(self, seconds: float) -> None:
        self._working = None
        self.charge(seconds)
        if self._places and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(0, self._go_on)  # after others on the loop
