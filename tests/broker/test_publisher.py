"""The publisher's thread, with a real server that goes away, comes back empty, or is taken over."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from hashlib import sha256
from typing import TypeVar

import pytest
from support.looks import look_with_bytes
from support.redis_server import RedisServer
from support.stored_stream import StoredStream
from support.stream_reader import StreamReader as PageReader

from bokeh_share.broker import publisher_session
from bokeh_share.broker.broker_url import BrokerUrl
from bokeh_share.broker.page_stream import PageStream
from bokeh_share.broker.publisher import Publisher
from bokeh_share.broker.relay_presence import encode_presence
from bokeh_share.broker.share_info import ShareInfo
from bokeh_share.broker.stream_keys import StreamKeys
from bokeh_share.broker.stream_reader import StreamReader
from bokeh_share.plots.lazy_page import LazyPage
from bokeh_share.plots.page import Page, PlotKey, read_time_ms

pytestmark = pytest.mark.one_pairing

KEYS = StreamKeys.from_secret("secret")
P = PlotKey("name", "p")
DEADLINE = 20.0
T = TypeVar("T")


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.01)


class Desk:
    """Publishers to one server, and a reader of what they wrote."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.publishers: list[Publisher] = []

    def publisher(self) -> Publisher:
        url = BrokerUrl.parse(self.server.url)
        publisher = Publisher(lambda: PageStream(url, KEYS))
        self.publishers.append(publisher)
        publisher.start()
        return publisher

    def read(self) -> PageReader:
        reader = PageReader()
        reader.take(StoredStream.connect(self.server.url, KEYS).read_all())
        return reader

    def read_kinds(self) -> list[str]:
        return [entry.kind for _, entry in StoredStream.connect(self.server.url, KEYS).read_all()]

    def read_file(self, digest: str) -> bytes | None:
        return self.ask(lambda relay: relay.read_file(digest))

    def ask(self, act: Callable[[StreamReader], Awaitable[T]]) -> T:
        """Act as a relay."""

        async def run() -> T:
            reader = StreamReader(BrokerUrl.parse(self.server.url), KEYS)
            try:
                return await act(reader)
            finally:
                await reader.close()

        return asyncio.run(run())

    def until_published(self, text: str) -> None:
        until(lambda: (reader := self.read()).page and reader.texts == [text], f"the text {text!r}")


@pytest.fixture(params=["server", "valkey"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    server: RedisServer = request.getfixturevalue(request.param)
    desk = Desk(server)
    yield desk
    for publisher in desk.publishers:
        publisher.stop()


def page(text: str, former: Page | None = None) -> Page:
    return (former or Page()).put(P, look_with_bytes(text, 500), now=1)


def test_pages_are_published_and_the_share_ends_for_everybody(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.publish(LazyPage(first := page("a")))
    desk.until_published("a")
    publisher.publish(LazyPage(page("b", first)))
    desk.until_published("b")
    until(lambda: publisher.status.state == "live", "the state live")
    publisher.stop()
    assert desk.read().has_ended


def test_the_end_reaches_a_server_that_is_away_when_the_share_ends(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.publish(LazyPage(page("a")))
    desk.until_published("a")
    desk.server.kill()
    until(lambda: publisher.status.state == "offline", "the state offline")
    publisher.stop()
    desk.server.start()
    until(lambda: desk.read().has_ended, "the end")


def test_a_kernel_that_has_shown_nothing_ends_the_last_state_of_another_one(desk: Desk) -> None:
    former = desk.publisher()
    former.publish(LazyPage(page("a")))
    desk.until_published("a")
    former.stop(keep_page=True)
    publisher = desk.publisher()
    until(lambda: publisher.status.state == "live", "the state live")
    assert not desk.read().has_ended
    publisher.stop()
    assert desk.read().has_ended


def test_the_viewers_of_relays_are_counted(desk: Desk) -> None:
    desk.server.client().hset(KEYS.presence, "one", encode_presence(214, now=read_time_ms()))
    publisher = desk.publisher()
    until(lambda: publisher.status.viewer_count == 214, "the number of viewers")


def test_scripts_are_kept_under_their_digests_and_only_what_the_digest_names_is_read(desk: Desk) -> None:
    publisher = desk.publisher()
    info = ShareInfo("3.9.2", {"bokeh": sha256(b"script").hexdigest(), "bokeh-gl": sha256(b"gl").hexdigest()})
    contents = {"bokeh": gzip.compress(b"script"), "bokeh-gl": gzip.compress(b"forged")}
    publisher.publish_share(info, contents.__getitem__)
    publisher.publish(LazyPage(page("a")))
    desk.until_published("a")
    assert ShareInfo.decode(desk.read().details["share"]) == info
    assert desk.read_file(info.scripts["bokeh"]) == contents["bokeh"]
    assert desk.read_file(info.scripts["bokeh-gl"]) is None
    assert desk.read_file(sha256(b"other").hexdigest()) is None
    desk.server.client().flushall()
    until(lambda: desk.read_file(info.scripts["bokeh"]), "the script, again")


def test_a_script_with_something_after_its_end_is_not_read(desk: Desk) -> None:
    digest, compressed = sha256(b"script").hexdigest(), gzip.compress(b"script")
    client, key = desk.server.client(), f"{KEYS.file_base}{digest}"
    client.set(key, compressed)
    assert desk.read_file(digest) == compressed
    for appended in (gzip.compress(b"; forged()"), b"; forged()"):
        client.set(key, compressed + appended)
        assert desk.read_file(digest) is None, "some browsers unpack that too"


def test_the_stream_stays_small_while_a_plot_changes_all_the_time(desk: Desk) -> None:
    publisher, latest, lengths = desk.publisher(), page("a"), list[int]()
    for number in range(40):
        publisher.publish(LazyPage(latest := page(f"{number}", latest)))
        time.sleep(0.06)
        lengths.append(len(desk.read_kinds()))
    desk.until_published("39")
    assert max(lengths) < 20, "no pause between changes is long enough for a keyframe"


def test_pins_and_the_presented_view_are_published_and_the_last_page_may_stay(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.publish(LazyPage(page("a")))
    publisher.publish_pins(b"pins")
    publisher.publish_presented(b"view")
    until(lambda: desk.read().details == {"pins": b"pins", "presented": b"view"}, "the details")
    publisher.publish_presented(b"")
    publisher.stop(keep_page=True)
    assert not desk.read().has_ended
    assert desk.read().details == {"pins": b"pins", "presented": b""}
    assert desk.server.client().ttl(KEYS.stream) > 6 * 24 * 3600


def test_relays_find_out_if_the_kernel_is_connected_and_get_a_plot_whole(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.publish(LazyPage(first := page("a")))
    desk.until_published("a")
    publisher.publish(LazyPage(second := page("b", first)))
    desk.until_published("b")
    assert desk.ask(lambda relay: relay.is_publisher_connected())
    desk.ask(lambda relay: relay.request_keyframe(second.plots[0].id))
    until(lambda: desk.read_kinds() == ["whole", "page"], "the plot whole")
    publisher.stop()
    until(lambda: not desk.ask(lambda relay: relay.is_publisher_connected()), "the end of the connection")


def test_relays_that_run_are_known_by_their_urls(desk: Desk) -> None:
    now = read_time_ms()
    desk.ask(lambda relay: relay.announce("one", "https://plots.example.org", now=now))
    desk.ask(lambda relay: relay.announce("two", "https://plots.example.org", now=now))
    desk.ask(lambda relay: relay.announce("old", "https://old.example.org", now=now - 120_000))
    desk.ask(lambda relay: relay.announce("bad", "javascript:alert(1)", now=now))
    publisher = desk.publisher()
    until(lambda: publisher.status.relay_urls, "the relays")
    assert publisher.status.relay_urls == ("https://plots.example.org",)
    desk.server.kill()
    until(lambda: publisher.status.state == "offline", "the state offline")
    assert publisher.status.relay_urls == ("https://plots.example.org",), "the link stays on the card"


def test_relays_and_viewers_are_known_if_the_clock_of_the_authors_machine_is_wrong(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_session, "read_time_ms", lambda: read_time_ms() - 600_000)
    now = read_time_ms()  # that of the server
    desk.ask(lambda relay: relay.announce("one", "https://plots.example.org", now=now))
    desk.ask(lambda relay: relay.report_viewers("one", 214, now=now))
    publisher = desk.publisher()
    until(lambda: publisher.status.viewer_count == 214, "the viewers")
    assert publisher.status.relay_urls == ("https://plots.example.org",)


def test_a_share_that_was_stopped_without_the_server_does_not_end_a_later_one(desk: Desk) -> None:
    desk.server.kill()
    former = desk.publisher()
    until(lambda: former.status.state == "offline", "the state offline")
    former.publish(LazyPage(page("a")))
    former.stop()
    time.sleep(0.01)  # the next one begins in a later millisecond
    desk.server.start()
    later = Publisher(lambda: PageStream(BrokerUrl.parse(desk.server.url), KEYS))
    desk.publishers.append(later)
    later.publish(LazyPage(page("b")))
    later.start()
    until(lambda: former.status.state in ("fenced", "live"), "the former share's end")
    until(lambda: later.status.state == "live", "the state live")
    time.sleep(2.5)  # longer than a sign of life takes
    assert later.status.state == "live"
    desk.until_published("b")


def test_publishing_goes_on_if_its_state_cannot_be_shown(desk: Desk) -> None:
    def fail() -> None:
        raise RuntimeError("no card")

    desk.server.kill()
    publisher = Publisher(lambda: PageStream(BrokerUrl.parse(desk.server.url), KEYS), fail)
    desk.publishers.append(publisher)
    publisher.start()
    until(lambda: publisher.status.state == "offline", "the state offline")
    desk.server.start()
    publisher.publish(LazyPage(page("a")))
    desk.until_published("a")


def test_scripts_stay_longer_than_the_last_state(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.publish_share(ShareInfo("3.9.2", {"bokeh": "d1"}), lambda component: gzip.compress(b"script"))
    publisher.publish(LazyPage(page("a")))
    desk.until_published("a")
    client = desk.server.client()
    assert client.ttl(f"{KEYS.file_base}d1") > client.ttl(KEYS.stream) + 3600, "they are renewed each hour"


def test_a_server_that_is_away_and_comes_back_empty_gets_the_newest_page(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.publish(LazyPage(first := page("a")))
    desk.until_published("a")
    desk.server.kill()
    publisher.publish(LazyPage(second := page("b", first)))
    until(lambda: publisher.status.state == "offline", "the state offline")
    assert publisher.status.offline_since is not None
    publisher.publish(LazyPage(page("c", second)))
    desk.server.start()
    desk.until_published("c")
    until(lambda: publisher.status.state == "live", "the state live")
    assert publisher.status.offline_since is None


def test_a_server_that_was_flushed_gets_everything_anew_without_a_change(desk: Desk) -> None:
    publisher = desk.publisher()
    publisher.publish(LazyPage(page("a")))
    desk.until_published("a")
    desk.server.client().flushall()
    desk.until_published("a")


def test_a_kernel_whose_share_another_one_took_over_writes_no_more(desk: Desk) -> None:
    one = desk.publisher()
    one.publish(LazyPage(first := page("a")))
    desk.until_published("a")
    two = desk.publisher()
    two.publish(LazyPage(page("b")))
    until(lambda: one.status.state == "fenced", "the state fenced")
    assert one.status.problem == "another kernel shares this notebook now"
    one.publish(LazyPage(page("c", first)))
    one.stop()
    desk.until_published("b")
    assert not desk.read().has_ended


def test_publishing_never_waits_for_a_server_that_does_not_answer(desk: Desk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts, and says nothing
        url = BrokerUrl.parse(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        publisher = Publisher(lambda: PageStream(url, KEYS))
        publisher.start()
        began = time.monotonic()
        latest = page("a")
        for number in range(1000):
            latest = page(f"{number}", latest)
            publisher.publish(LazyPage(latest))
        assert time.monotonic() - began < 2
        publisher.stop()
        assert time.monotonic() - began < 5


def test_a_plot_that_is_too_large_for_the_server_is_left_out_and_named(desk: Desk) -> None:
    desk.server.client().config_set("proto-max-bulk-len", "1mb")
    publisher = desk.publisher()
    small = page("a")
    large = small.put(PlotKey("name", "q"), look_with_bytes("large", 2_000_000), now=2)
    publisher.publish(LazyPage(large))
    until(lambda: publisher.status.too_large, "the note about the plot")
    assert publisher.status.state == "live"
    assert publisher.status.too_large == ("'q' (2.00 MB)",)
    reader = desk.read()
    assert [plot["missing"] for plot in reader.page["plots"]] == [None, "large"]
    publisher.publish(LazyPage(large.put(PlotKey("name", "q"), look_with_bytes("b", 600_000), now=3)))
    until(lambda: desk.read().page["plots"][1]["missing"] is None, "the plot, smaller")
    until(lambda: not publisher.status.too_large, "the end of the note")
    assert desk.read().texts == ["a", "b"]


def test_a_server_that_refuses_says_why_and_is_tried_again(desk: Desk) -> None:
    client = desk.server.client()
    client.config_set("maxmemory", "1")
    publisher = desk.publisher()
    publisher.publish(LazyPage(page("a")))
    until(lambda: publisher.status.state == "refused", "the state refused")
    assert "is full: raise its maxmemory" in publisher.status.problem
    client.config_set("maxmemory", "0")
    desk.until_published("a")
