"""With their rules, authors and relays can do their work in a real server, and nothing else."""

from __future__ import annotations

import asyncio

import pytest
import redis
from redis.exceptions import NoPermissionError
from support.redis_server import RedisServer

from bokeh_share.broker.access_rules import build_author_rules, build_relay_rules
from bokeh_share.broker.broker_url import BrokerUrl
from bokeh_share.broker.entries import Entry, EntryId
from bokeh_share.broker.errors import BrokerRefused
from bokeh_share.broker.page_stream import PageStream
from bokeh_share.broker.stream_keys import StreamKeys
from bokeh_share.broker.stream_reader import StreamReader

pytestmark = pytest.mark.one_pairing

ANN, BOB = StreamKeys.from_secret("secret", "ann"), StreamKeys.from_secret("secret", "bob")
PAGE = [(EntryId(7, 1), Entry("page", b"p"))]


@pytest.fixture
def guarded(server: RedisServer) -> RedisServer:
    """A server that knows two authors and a relay."""
    client = server.client()
    for user, rules in {
        "ann": build_author_rules("ann"),
        "bob": build_author_rules("bob"),
        "relay": build_relay_rules(),
    }.items():
        client.execute_command("ACL", "SETUSER", user, "on", ">pass", *rules)
    return server


def url_of(server: RedisServer, user: str) -> BrokerUrl:
    return BrokerUrl.parse(server.url.replace("//", f"//{user}:pass@"))


def test_an_author_publishes_and_a_relay_reads(guarded: RedisServer) -> None:
    stream = PageStream(url_of(guarded, "ann"), ANN)
    stream.check_server()
    assert stream.read_last_id() is None
    stream.write(PAGE, is_first=True)
    stream.write([(EntryId(7, 2), Entry("page", b"q"))], [EntryId(7, 1)])
    stream.write_state(b"state")

    async def read() -> None:
        reader = StreamReader(url_of(guarded, "relay"), ANN)
        assert await reader.read_after(None, timeout=0.1) == [(EntryId(7, 2), Entry("page", b"q"))]
        assert await reader.read_last_id() == EntryId(7, 2)
        assert await reader.read_state() == b"state"
        await reader.report_viewers("one", 3, now=1)
        await reader.close()

    asyncio.run(read())
    assert [*stream.read_presence()] == [b"one"]
    stream.write_end(EntryId(7, 3), Entry("end"))


def test_an_author_cannot_write_into_the_shares_of_others(guarded: RedisServer) -> None:
    PageStream(url_of(guarded, "bob"), BOB).write(PAGE, is_first=True)
    stream = PageStream(url_of(guarded, "ann"), BOB)
    with pytest.raises(BrokerRefused, match="check the user name, the password and the ACL"):
        stream.write([(EntryId(9, 1), Entry("end"))], is_first=True)
    with pytest.raises(BrokerRefused):
        stream.read_last_id()


@pytest.mark.parametrize("user", ["ann", "relay"])
def test_nobody_can_change_what_they_need_not(guarded: RedisServer, user: str) -> None:
    PageStream(url_of(guarded, "bob"), BOB).write(PAGE, is_first=True)
    client = redis.Redis(port=guarded.port, username=user, password="pass", protocol=2)
    commands = [
        ("XADD", BOB.stream, "9-1", "kind", "end"),
        ("XTRIM", BOB.stream, "MAXLEN", "0"),
        ("DEL", BOB.stream),
        ("EXPIRE", BOB.stream, "0"),
        ("SET", BOB.state, "x"),
        ("SET", "other", "x"),
        ("FLUSHALL",),
        ("KEYS", "*"),
        ("CONFIG", "GET", "*"),
        ("ACL", "LIST"),
    ]
    for command in commands:
        with pytest.raises(NoPermissionError):
            client.execute_command(*command)
    if user == "ann":
        with pytest.raises(NoPermissionError):
            client.xrange(ANN.stream)


def test_a_server_that_does_not_list_clients_does_not_know_that_the_author_is_connected(
    guarded: RedisServer,
) -> None:
    guarded.client().execute_command("ACL", "SETUSER", "relay", "-client|list")

    async def ask() -> bool:
        reader = StreamReader(url_of(guarded, "relay"), ANN)
        try:
            return await reader.is_publisher_connected()
        finally:
            await reader.close()

    assert asyncio.run(ask()) is False, "the page must go on"
