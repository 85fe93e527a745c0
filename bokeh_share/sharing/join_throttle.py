"""Limits how many pages a second begin to watch a share."""

from __future__ import annotations

from .. import limits
from ..server import TokenBucket, TokenBucketPerClient
from ..server.auth import find_client_network


class JoinThrottle:
    """Counts the pages that begin to watch, together and by the network they come from."""

    def __init__(self) -> None:
        self._bucket = TokenBucket(limits.JOIN_RATE, limits.JOIN_BURST)
        self._client_buckets = TokenBucketPerClient(
            limits.CLIENT_JOIN_RATE, limits.CLIENT_JOIN_BURST, limits.MAX_TRACKED_CLIENTS
        )

    def can_join(self, ip: str) -> bool:
        """Whether one more page may begin to watch, from there; if so, it counts."""
        return self._client_buckets.take(find_client_network(ip)) and self._bucket.take()
