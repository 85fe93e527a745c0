"""Which links are looked up in the broker, and when shares are closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bokeh_share.broker.entries import Entry, EntryId
from bokeh_share.broker.stream_keys import StreamKeys
from bokeh_share.relay.process_viewers import ProcessViewers
from bokeh_share.relay.relay_services import RelayServices
from bokeh_share.relay.relay_url import RelayUrl, ShareAddress
from bokeh_share.relay.share_directory import (
    ABSENCE_TIMEOUT,
    SHARE_IDLE_TIMEOUT,
    ShareAbsent,
    ShareDirectory,
    TooManyLookups,
)
from bokeh_share.server.join_throttle import JoinThrottle
from bokeh_share.server.visitor_limits import ServerLimits

pytestmark = pytest.mark.one_pairing

LIMITS = ServerLimits(max_viewers=10, join_rate=10)


class Client:
    """A broker that has some streams, whose entries never come."""

    def __init__(self, *tokens: str) -> None:
        self.streams = {StreamKeys.from_secret(token).stream for token in tokens}
        self.lookups: list[str] = []

    def open_reader(self, keys: StreamKeys) -> Any:
        return Reader(self, keys.stream)

    async def run(self, command: Callable[[], Awaitable[Any]]) -> Any:
        return await command()


class Reader:
    def __init__(self, client: Client, stream: str) -> None:
        self.client, self.stream = client, stream

    async def read_last_id(self) -> EntryId | None:
        self.client.lookups.append(self.stream)
        await asyncio.sleep(0)
        return EntryId(1, 1) if self.stream in self.client.streams else None

    async def read_after(self, id: EntryId | None, *, timeout: float) -> list[tuple[EntryId, Entry]]:
        await asyncio.sleep(60)
        return []

    async def read_state(self) -> bytes | None:
        return None

    async def close(self) -> None:
        pass


class Desk:
    def __init__(self, *tokens: str) -> None:
        self.now = 0.0
        self.client: Any = Client(*tokens)
        services = RelayServices(
            client=self.client,
            relay_name="r",
            url=RelayUrl(),
            own_origins=frozenset(),
            uses_tls=False,
            secret=b"s",
            viewers=ProcessViewers(LIMITS),
            join_throttle=JoinThrottle(LIMITS),
        )
        self.directory = ShareDirectory(services, clock=lambda: self.now)

    async def open(self, token: str, ip: str = "192.0.2.1") -> Any:
        return await self.directory.open(address(token), ip)


def address(token: str) -> ShareAddress:
    found = RelayUrl().find_share(f"/{token}/", "h")
    assert found is not None
    return found


def test_a_link_is_looked_up_once_for_all_who_ask_at_the_same_time() -> None:
    async def run() -> None:
        desk = Desk("known-link")
        shares = await asyncio.gather(*(desk.open("known-link") for _ in range(5)))
        assert len(set(map(id, shares))) == len(desk.directory) == 1
        assert desk.directory.find(address("known-link")) is shares[0]
        assert not shares[0].is_known, "nobody is let in before the password is known"
        assert not await shares[0].wait_until_known(0.01)
        desk.directory.close_all(1012, "")
        assert desk.client.lookups[0] == shares[0].address.keys.stream

    asyncio.run(run())


def test_an_unknown_link_is_not_looked_up_again_for_a_while() -> None:
    async def run() -> None:
        desk = Desk()
        for _ in range(3):
            with pytest.raises(ShareAbsent):
                await desk.open("unknown-link")
        assert len(desk.client.lookups) == 1
        desk.now += ABSENCE_TIMEOUT
        with pytest.raises(ShareAbsent):
            await desk.open("unknown-link")
        assert len(desk.client.lookups) == 2

    asyncio.run(run())


def test_a_client_who_guesses_links_causes_few_lookups_and_stops_nobody_else() -> None:
    async def run() -> None:
        desk, refused = Desk("known-link"), 0
        for number in range(200):
            try:
                await desk.open(f"guessed-link-{number}")
            except ShareAbsent:
                pass
            except TooManyLookups:
                refused += 1
        assert refused > 100
        await desk.open("known-link", "192.0.2.2")
        await desk.open("known-link"), "it is open"
        desk.directory.close_all(1012, "")

    asyncio.run(run())


def test_a_share_that_nobody_wants_is_closed() -> None:
    async def run() -> None:
        desk = Desk("known-link")
        share = await desk.open("known-link")
        desk.now = share.used_at + SHARE_IDLE_TIMEOUT
        desk.directory.close_unused()
        assert len(desk.directory) == 1
        desk.now += 1
        desk.directory.close_unused()
        assert len(desk.directory) == 0

    asyncio.run(run())
