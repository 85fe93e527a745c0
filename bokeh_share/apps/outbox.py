"""Limits the bytes that were serialised for viewers of apps and not sent yet."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from .. import limits

MAX_SMALL_BYTES = 1_000_000
"""Maximum bytes of a document or change that never waits for larger ones."""


class Receiver(Protocol):
    """A viewer's connection, as the outbox uses it."""

    @property
    def network(self) -> str:
        """The network that its viewer counts for."""
        ...

    @property
    def bytes_sent(self) -> int:
        """Bytes sent since the connection was opened."""
        ...


ReceiverT = TypeVar("ReceiverT", bound=Receiver)


@dataclass
class _Transfer:
    """One connection, while something is being sent to it."""

    queued_bytes: int
    initial_sent: int
    """Bytes sent before this transfer."""
    window_start: float
    """Start of the time window in which its speed is measured, since others wait for it."""
    window_sent: int
    """Bytes sent at the start of the window."""

    def add(self, size: int) -> None:
        """Count a further message."""
        self.queued_bytes += size

    def start_window(self, now: float, bytes_sent: int) -> None:
        """Measure the speed from now on."""
        self.window_start, self.window_sent = now, bytes_sent


class Outbox(Generic[ReceiverT]):
    """The connections with unsent messages. Used on the kernel's loop, and does no I/O."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._transfers: dict[ReceiverT, _Transfer] = {}
        """Oldest transfer first."""
        self._message_counts: dict[ReceiverT, int] = {}

    def add(self, receiver: ReceiverT, size: int) -> None:
        """Count a message that was serialised, until `remove`."""
        self._message_counts[receiver] = self._message_counts.get(receiver, 0) + 1
        if (transfer := self._transfers.get(receiver)) is not None:
            transfer.add(size)
        else:
            bytes_sent = receiver.bytes_sent
            self._transfers[receiver] = _Transfer(size, bytes_sent, self._clock(), bytes_sent)

    def remove(self, receiver: ReceiverT) -> None:
        """Stop counting a message that was sent, or whose connection is closed."""
        self._message_counts[receiver] -= 1
        if not self._message_counts[receiver]:
            del self._message_counts[receiver], self._transfers[receiver]

    @property
    def unsent_bytes(self) -> int:
        """Total of unsent bytes."""
        return self._measure_unsent()[0]

    def is_sending(self, receiver: ReceiverT) -> bool:
        """Return True if it has unsent messages."""
        return receiver in self._transfers

    def has_room(self, network: str, size: int) -> bool:
        """Return True if a message of about this size may be serialised for a viewer in this network.

        Small messages have the same amount of room again, so that they do not wait for documents. Half of the
        room for large messages is reserved for other networks. A single message may have any size.
        """
        total, largest, by_network = self._measure_unsent()
        if size <= MAX_SMALL_BYTES:
            return total - largest < 2 * limits.MAX_APP_UNSENT_BYTES
        return (
            total < limits.MAX_APP_UNSENT_BYTES
            and by_network.get(network, 0) < limits.MAX_APP_UNSENT_BYTES / 2
        )

    def list_slow_receivers(self, waiting_networks: Collection[str]) -> list[ReceiverT]:
        """List receivers below `limits.MIN_APP_SEND_RATE` while viewers in these networks wait for room."""
        now, is_full = self._clock(), self.unsent_bytes >= limits.MAX_APP_UNSENT_BYTES
        slow = []
        for receiver, transfer in self._transfers.items():
            is_waited_for = bool(waiting_networks) and (is_full or receiver.network in waiting_networks)
            seconds, bytes_sent = now - transfer.window_start, receiver.bytes_sent - transfer.window_sent
            if is_waited_for and seconds < limits.APP_SEND_RATE_INTERVAL:
                continue
            if is_waited_for and bytes_sent < limits.MIN_APP_SEND_RATE * seconds:
                slow.append(receiver)
            transfer.start_window(now, receiver.bytes_sent)
        return slow

    def list_excess_receivers(self) -> list[ReceiverT]:
        """List the receivers to disconnect, oldest transfer first, so that all except the largest stay within
        `limits.MAX_APP_TOTAL_UNSENT_BYTES`."""
        total, largest, _ = self._measure_unsent()
        excess: list[ReceiverT] = []
        for receiver in self._transfers:
            if total - largest <= limits.MAX_APP_TOTAL_UNSENT_BYTES:
                break
            total -= self._measure_pending(receiver)
            excess.append(receiver)
        return excess

    def _measure_unsent(self) -> tuple[int, int, Mapping[str, int]]:
        """Measure the unsent bytes: in total, of the largest transfer, and by network."""
        pending = {receiver: self._measure_pending(receiver) for receiver in self._transfers}
        by_network: dict[str, int] = {}
        for receiver, size in pending.items():
            by_network[receiver.network] = by_network.get(receiver.network, 0) + size
        return sum(pending.values()), max(pending.values(), default=0), by_network

    def _measure_pending(self, receiver: ReceiverT) -> int:
        transfer = self._transfers[receiver]
        return max(0, transfer.queued_bytes - (receiver.bytes_sent - transfer.initial_sent))
