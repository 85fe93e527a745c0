"""Limits that depend on the number of visitors: for the author's machine, and for servers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from .. import limits


class VisitorLimits(Protocol):
    """The limits that depend on the number of visitors that a server is made for."""

    @property
    def max_viewers(self) -> int: ...

    @property
    def max_pending_connections(self) -> int: ...

    @property
    def max_responses(self) -> int: ...

    @property
    def join_rate(self) -> float: ...

    @property
    def join_burst(self) -> float: ...

    @property
    def client_join_rate(self) -> float: ...

    @property
    def client_join_burst(self) -> float: ...


class NotebookLimits:
    """Those of a share on the author's machine: the constants of `limits`, read at each use."""

    @property
    def max_viewers(self) -> int:
        return limits.MAX_VIEWERS

    @property
    def max_pending_connections(self) -> int:
        return limits.MAX_PENDING_CONNECTIONS

    @property
    def max_responses(self) -> int:
        return limits.MAX_RESPONSES

    @property
    def join_rate(self) -> float:
        return limits.JOIN_RATE

    @property
    def join_burst(self) -> float:
        return limits.JOIN_BURST

    @property
    def client_join_rate(self) -> float:
        return limits.CLIENT_JOIN_RATE

    @property
    def client_join_burst(self) -> float:
        return limits.CLIENT_JOIN_BURST


@dataclass(frozen=True, kw_only=True)
class ServerLimits:
    """Those of a server for many viewers, such as a relay: for this number of viewers in one process.

    All of them may come back at once, after a restart. The proxy in front of it may send all of them from one
    address, so an address may do what all may.
    """

    max_viewers: int
    join_rate: float
    """New pages per second, after all viewers have come back."""

    @property
    def max_pending_connections(self) -> int:
        return 2 * self.max_viewers

    @property
    def max_responses(self) -> int:
        return max(limits.MAX_RESPONSES, self.max_viewers)

    @property
    def join_burst(self) -> float:
        return 2 * self.max_viewers

    @property
    def client_join_rate(self) -> float:
        return self.join_rate

    @property
    def client_join_burst(self) -> float:
        return self.join_burst


NOTEBOOK_LIMITS = NotebookLimits()
