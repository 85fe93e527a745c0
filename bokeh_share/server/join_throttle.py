"""Limits the number of new pages of a server per second."""

from __future__ import annotations

from .. import limits
from .auth import find_client_network
from .rate_limit import TokenBucket, TokenBucketPerClient
from .visitor_limits import NOTEBOOK_LIMITS, VisitorLimits


class JoinThrottle:
    """Counts new pages, in total and by network."""

    def __init__(self, visitor_limits: VisitorLimits = NOTEBOOK_LIMITS) -> None:
        self._bucket = TokenBucket(visitor_limits.join_rate, visitor_limits.join_burst)
        self._client_buckets = TokenBucketPerClient(
            visitor_limits.client_join_rate, visitor_limits.client_join_burst, limits.MAX_TRACKED_CLIENTS
        )

    def can_join(self, ip: str) -> bool:
        """Return True if a new page from this IP address is allowed; if so, count it."""
        return self._client_buckets.take(find_client_network(ip)) and self._bucket.take()
