"""Reports the viewers of a relay to the authors' kernels, and watches if the broker answers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import NoReturn

from ..broker import BrokerUnreachable, StreamKeys
from ..text import sanitize_for_log
from .relay_services import RelayServices
from .relayed_share import RelayedShare

log = logging.getLogger(__name__)

REPORT_INTERVAL = 5.0
"""Seconds between two reports of the number of viewers."""
REPORTS_PER_ANNOUNCEMENT = 4
"""The public URL is announced with one of so many reports."""


class BrokerWatch:
    """Reports to the broker until its task is cancelled. Exists as long as the relay's process."""

    def __init__(
        self,
        services: RelayServices,
        list_shares: Callable[[], Iterable[RelayedShare]],
        announced_url: str,
        *,
        interval: float = REPORT_INTERVAL,
    ) -> None:
        """`announced_url` is the URL that authors show in their links."""
        self._services, self._list_shares = services, list_shares
        self._announced_url, self._interval = announced_url, interval
        self._report_count = 0
        self._problem = ""
        """The last problem that was logged; empty if the broker answers."""
        self.is_available = False
        """True if the broker has answered lately."""

    async def run(self) -> NoReturn:
        while True:
            try:
                await self.report()
            except Exception as error:  # the next report may succeed
                self.is_available = False
                log.error("the relay cannot report its viewers", exc_info=sanitize_for_log(error))
            await asyncio.sleep(self._interval)

    async def report(self) -> None:
        """Report once. A problem is logged once, until it has another reason or is over."""
        try:
            await self._report()
        except BrokerUnreachable as error:
            self.is_available = False
            if str(error) != self._problem:
                self._problem = str(error)
                log.warning("%s; the relay tries again", error)
            return
        if not self.is_available:
            log.info("connected to the broker %r", str(self._services.client.url))
        self.is_available, self._problem = True, ""

    async def _report(self) -> None:
        client, name = self._services.client, self._services.relay_name
        now = await client.read_time()
        if self._report_count % REPORTS_PER_ANNOUNCEMENT == 0:
            reader = client.open_reader(StreamKeys.from_secret("relay", "relay"))
            await client.run(lambda: reader.announce(name, self._announced_url, now=now))
        self._report_count += 1
        for share in self._list_shares():
            await self._report_viewers(share, now)

    async def _report_viewers(self, share: RelayedShare, now: int) -> None:
        client, name = self._services.client, self._services.relay_name
        reader = client.open_reader(share.address.keys)
        await client.run(lambda: reader.report_viewers(name, len(share.registry), now=now))
