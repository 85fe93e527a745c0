"""Finds the shares that requests ask for, opens them, and closes those that nobody wants any more."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from .. import limits
from ..broker import InvalidEntry
from ..server import TokenBucket, TokenBucketPerClient, log_misuse
from ..server.auth import find_client_network
from .relay_services import RelayServices
from .relay_url import ShareAddress
from .relayed_share import RelayedShare

log = logging.getLogger(__name__)

SHARE_IDLE_TIMEOUT = 60.0
"""Seconds without viewers and requests after which a share is closed."""
ABSENCE_TIMEOUT = 1.0
"""Seconds for which the broker is not asked again for a share that it does not have."""
MAX_ABSENT_SHARES = 10_000
"""Maximum number of shares that are known not to exist; the oldest is forgotten."""
LOOKUP_RATE = 200.0
"""Links per second that are looked up in the broker, after `LOOKUP_BURST`; open shares need none."""
LOOKUP_BURST = 2000
CLIENT_LOOKUP_RATE = 5.0
"""Links per second that are looked up for one IP address, after `CLIENT_LOOKUP_BURST`."""
CLIENT_LOOKUP_BURST = 50


class ShareAbsent(Exception):
    """No share has this link."""


class TooManyLookups(Exception):
    """A client asks for too many links."""


class ShareDirectory:
    """The open shares of a relay's process. Used on its loop."""

    def __init__(self, services: RelayServices, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._services, self._clock = services, clock
        self._shares: dict[str, RelayedShare] = {}
        """By the name of the stream."""
        self._absent: OrderedDict[str, float] = OrderedDict()
        """Streams that do not exist, each with the time until which this counts."""
        self._lookups: dict[str, asyncio.Task[bool]] = {}
        self._bucket = TokenBucket(LOOKUP_RATE, LOOKUP_BURST)
        self._client_buckets = TokenBucketPerClient(
            CLIENT_LOOKUP_RATE, CLIENT_LOOKUP_BURST, limits.MAX_TRACKED_CLIENTS
        )

    def __iter__(self) -> Iterator[RelayedShare]:
        return iter([*self._shares.values()])

    def __len__(self) -> int:
        return len(self._shares)

    def find(self, address: ShareAddress) -> RelayedShare | None:
        """Return the share if it is open."""
        return self._shares.get(address.keys.stream)

    async def open(self, address: ShareAddress, ip: str) -> RelayedShare:
        """Return the share, which is opened if it is not. `ip` is the client's address.

        Raises `ShareAbsent`, `TooManyLookups`, or `BrokerUnreachable`.
        """
        stream = address.keys.stream
        if stream not in self._shares and not await self._exists(address, ip):
            raise ShareAbsent
        share = self._shares.get(stream)  # another request may have opened it meanwhile
        if share is None:
            share = self._shares[stream] = RelayedShare(address, self._services)
            log.info("share %s opened", address.keys.short_name)
        return share

    def close_unused(self) -> None:
        """Close the shares that nobody has wanted for a while."""
        for stream, share in [*self._shares.items()]:
            if not [*share.registry] and self._clock() - share.used_at > SHARE_IDLE_TIMEOUT:
                del self._shares[stream]
                share.close(0, "")
                log.info("share %s closed", share.address.keys.short_name)

    def close_all(self, code: int, reason: str) -> None:
        """Close all shares and their viewers."""
        for share in self:
            share.close(code, reason)

    async def _exists(self, address: ShareAddress, ip: str) -> bool:
        stream = address.keys.stream
        if self._absent.get(stream, 0.0) > self._clock():
            return False
        if stream not in self._lookups:
            if not (self._client_buckets.take(find_client_network(ip)) and self._bucket.take()):
                log_misuse("too many unknown links")
                raise TooManyLookups
            task = asyncio.ensure_future(self._look_up(address))
            self._lookups[stream] = task
            task.add_done_callback(lambda _: self._lookups.pop(stream, None))
        return await asyncio.shield(self._lookups[stream])

    async def _look_up(self, address: ShareAddress) -> bool:
        reader = self._services.client.open_reader(address.keys)
        try:
            exists = await self._services.client.run(reader.read_last_id) is not None
        except InvalidEntry:
            exists = False
        if not exists:
            self._absent[address.keys.stream] = self._clock() + ABSENCE_TIMEOUT
            self._absent.move_to_end(address.keys.stream)
            while len(self._absent) > MAX_ABSENT_SHARES:
                self._absent.popitem(last=False)
        return exists
