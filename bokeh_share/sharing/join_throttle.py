"""Limits the number of new pages of a share per second."""

from __future__ import annotations

from .. import limits
from ..server import TokenBucket, TokenBucketPerClient
from ..server.auth import find_client_network


class JoinThrottle:
    """Counts new pages, in total and by network."""

    def __init__(self) -> None:
        self._bucket = TokenBucket(limits.JOIN_RATE, limits.JOIN_BURST)
        self._client_buckets = TokenBucketPerClient(
            limits.CLIENT_JOIN_RATE, limits.CLIENT_JOIN_BURST, limits.MAX_TRACKED_CLIENTS
        )

    def can_join(self, ip: str) -> bool:
        """Return True if a new page from this IP address is allowed; if so, count it."""
        return self._client_buckets.take(find_client_network(ip)) and self._bucket.take()
