"""Bytes that were made for viewers of apps and that they have not taken yet: so many, and no more."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .. import limits

SMALL = 1_000_000
"""Bytes of a document that never waits for larger ones, nor does a change."""


class Receiver(Protocol):
    """A viewer's connection."""

    @property
    def network(self) -> str:
        """Whom its viewer counts as."""
        ...

    @property
    def taken(self) -> int:
        """How many bytes it has taken since it began."""
        ...


R = TypeVar("R", bound=Receiver)


@dataclass
class _Sending:
    """One connection, from when it is sent something until it has taken all."""

    queued: int
    since: int
    """What it had taken before."""
    marked_at: float
    """Since when it is watched, as others wait for it."""
    marked: int
    """What it had taken by then."""


class Outbox(Generic[R]):
    """The connections to which something is under way. Lives on the kernel's loop, and does no I/O."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sendings: dict[R, _Sending] = {}
        """Those first that began first."""
        self._messages: dict[R, int] = {}

    def add(self, receiver: R, size: int) -> None:
        """A message was made, which counts from now on, until `remove`."""
        self._messages[receiver] = self._messages.get(receiver, 0) + 1
        if (sending := self._sendings.get(receiver)) is not None:
            sending.queued += size
        else:
            taken = receiver.taken
            self._sendings[receiver] = _Sending(size, taken, self._clock(), taken)

    def remove(self, receiver: R) -> None:
        """A message was taken, or its connection is closed."""
        self._messages[receiver] -= 1
        if not self._messages[receiver]:
            del self._messages[receiver], self._sendings[receiver]

    @property
    def unsent(self) -> int:
        """Bytes that are kept for connections."""
        return self._kept()[0]

    def is_sending(self, receiver: R) -> bool:
        """Whether something is under way to it."""
        return receiver in self._sendings

    def has_room(self, network: str, size: int) -> bool:
        """Whether something of about this size may be made for a viewer in this network.

        What is small has as much room again as documents have, so that it does not wait for them. Of the room
        for what is large, half is for other networks. One may be of any size.
        """
        total, largest, by_network = self._kept()
        if size <= SMALL:
            return total - largest < 2 * limits.APP_UNSENT
        return total < limits.APP_UNSENT and by_network.get(network, 0) < limits.APP_UNSENT / 2

    def too_slow(self, waiting: Collection[str]) -> list[R]:
        """Who takes less than `limits.APP_LEAST` while somebody waits for room, in these networks."""
        now, is_full = self._clock(), self.unsent >= limits.APP_UNSENT
        slow = []
        for receiver, sending in self._sendings.items():
            is_waited_for = bool(waiting) and (is_full or receiver.network in waiting)
            seconds, taken = now - sending.marked_at, receiver.taken - sending.marked
            if is_waited_for and seconds < limits.APP_PATIENCE:
                continue
            if is_waited_for and taken < limits.APP_LEAST * seconds:
                slow.append(receiver)
            sending.marked_at, sending.marked = now, receiver.taken
        return slow

    def too_much(self) -> list[R]:
        """Who has to go so that `limits.APP_UNSENT_ALL` is kept beside the largest: who began first."""
        total, largest, _ = self._kept()
        going: list[R] = []
        for receiver in self._sendings:
            if total - largest <= limits.APP_UNSENT_ALL:
                break
            total -= self._left(receiver)
            going.append(receiver)
        return going

    def _kept(self) -> tuple[int, int, Mapping[str, int]]:
        """Bytes together, of the one with the most, and by network."""
        lefts = {receiver: self._left(receiver) for receiver in self._sendings}
        by_network: dict[str, int] = {}
        for receiver, left in lefts.items():
            by_network[receiver.network] = by_network.get(receiver.network, 0) + left
        return sum(lefts.values()), max(lefts.values(), default=0), by_network

    def _left(self, receiver: R) -> int:
        sending = self._sendings[receiver]
        return max(0, sending.queued - (receiver.taken - sending.since))
