"""Publishing beside a running share: with publishers that do nothing, and with brokers that do not work."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.looks import look
from support.redis_server import RedisServer
from support.stored_stream import StoredStream

from bokeh_share.broker import page_stream
from bokeh_share.broker.broker_url import BROKER_VARIABLE, BrokerUrl
from bokeh_share.broker.publisher_status import PublisherStatus
from bokeh_share.broker.share_info import ShareInfo
from bokeh_share.broker.stream_keys import StreamKeys
from bokeh_share.plots.lazy_page import LazyPage
from bokeh_share.plots.page import Page, PlotKey, read_time_ms
from bokeh_share.sharing import current
from bokeh_share.sharing.broker_choice import NO_BROKER, BrokerChoice
from bokeh_share.sharing.errors import MissingBrokerClient
from bokeh_share.sharing.options import Options
from bokeh_share.sharing.process_state import ProcessState
from bokeh_share.sharing.relay_publication import RelayPublication
from bokeh_share.sharing.share import Share

DEADLINE = 20.0
URL = "redis://ann:hidden@h"
CHOICE = BrokerChoice(URL)


def until(condition: Callable[[], object], what: Callable[[], object] = lambda: "") -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, f"never came; there is {what()}"
        time.sleep(0.01)


class RecordedPublisher:
    """Records what it is given."""

    def __init__(self, keys: StreamKeys, retention: int, on_change: Callable[[], None]) -> None:
        self.keys, self.retention, self._on_change = keys, retention, on_change
        self.status = PublisherStatus()
        self.infos: list[ShareInfo] = []
        self.pages: list[LazyPage] = []
        self.presented, self.pins = list[bytes](), list[bytes]()
        self.busy: list[int | None] = []
        self.is_started = False
        self.ends: list[bool] = []

    def start(self) -> None:
        self.is_started = True

    def publish(self, page: LazyPage) -> None:
        self.pages.append(page)

    def publish_share(self, info: ShareInfo, read_script: Callable[[str], bytes]) -> None:
        self.infos.append(info)

    def publish_presented(self, message: bytes) -> None:
        self.presented.append(message)

    def publish_pins(self, message: bytes) -> None:
        self.pins.append(message)

    def update_busy(self, since: int | None) -> None:
        self.busy.append(since)

    def stop(self, *, keep_page: bool = False) -> None:
        self.ends.append(keep_page)

    def report(self, status: PublisherStatus) -> None:
        self.status = status
        self._on_change()


class Desk:
    """A publication with recorded publishers; it is its own link and source of pages."""

    def __init__(self) -> None:
        self.secret, self.info = "secret1", ShareInfo("3.9")
        self.publishers: list[RecordedPublisher] = []
        self.sinks: list[Any] = []
        self.changes = 0
        self.is_missing = False
        self.relay = RelayPublication(
            self, self, self.count, find_cell_code=lambda: f"x = {URL!r}", build_publisher=self.build
        )

    def build_info(self) -> ShareInfo:
        return self.info

    def read_script(self, component: str) -> bytes:
        return b""

    def add_sink(self, sink: Any) -> None:
        self.sinks.append(sink)

    def remove_sink(self, sink: Any) -> None:
        self.sinks.remove(sink)

    def count(self) -> None:
        self.changes += 1

    def build(
        self, url: BrokerUrl, keys: StreamKeys, *, retention: int, on_change: Callable[[], None]
    ) -> RecordedPublisher:
        if self.is_missing:
            raise MissingBrokerClient
        self.publishers.append(RecordedPublisher(keys, retention, on_change))
        return self.publishers[-1]

    @property
    def line(self) -> str:
        line = self.relay.snapshot.describe()
        return "" if line is None else line.text


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_share_without_a_broker_publishes_nothing(desk: Desk) -> None:
    desk.relay.start(NO_BROKER)
    desk.relay.publish_pins(b"pins")
    desk.relay.update()
    assert (desk.publishers, desk.sinks, desk.line) == ([], [], "")
    desk.relay.stop()


def test_a_publisher_gets_pages_facts_views_pins_and_the_running_cell(desk: Desk) -> None:
    desk.relay.publish_pins(b"pins")
    desk.relay.update_busy(time.monotonic() - 5)
    desk.relay.start(CHOICE)
    (publisher,) = desk.publishers
    assert (publisher.is_started, desk.sinks) == (True, [publisher])
    assert publisher.keys == StreamKeys.from_secret("secret1", "ann")
    assert publisher.retention == 7 * 86_400
    assert (publisher.infos, publisher.pins, publisher.presented) == ([desk.info], [b"pins"], [b""])
    (busy_since,) = publisher.busy
    assert busy_since is not None
    assert 4_000 < read_time_ms() - busy_since < 60_000
    desk.relay.update()
    assert len(publisher.infos) == 1, "nothing has changed"
    desk.info = ShareInfo("3.9", direct_urls=("http://10.0.0.1:5006",))
    desk.relay.update()
    desk.relay.publish_presented(b"view")
    desk.relay.update_busy(None)
    assert (publisher.infos[-1], publisher.presented[-1], publisher.busy[-1]) == (desk.info, b"view", None)


def test_a_new_link_ends_the_former_page(desk: Desk) -> None:
    desk.relay.start(CHOICE)
    desk.relay.publish_presented(b"view")
    desk.secret = "secret2"
    desk.relay.update()
    former, newest = desk.publishers
    until(lambda: former.ends == [False])
    assert newest.keys == StreamKeys.from_secret("secret2", "ann")
    assert newest.presented == [b"view"]
    assert desk.sinks == [newest]
    desk.relay.stop()
    until(lambda: newest.ends == [False])
    desk.relay.update()
    assert (len(desk.publishers), desk.line, desk.sinks) == (2, "", [])


def test_the_end_of_the_process_keeps_the_page(desk: Desk) -> None:
    desk.relay.start(CHOICE)
    desk.relay.stop(keep_page=True)
    (publisher,) = desk.publishers
    assert True in publisher.ends, "it has returned after the publisher has stopped"
    assert False not in publisher.ends


def test_another_broker_ends_the_page_at_the_former_and_another_retention_keeps_it(desk: Desk) -> None:
    desk.relay.start(CHOICE)
    assert not desk.relay.choose(CHOICE, is_given=True)
    assert desk.relay.choose(BrokerChoice(URL, retention=1), is_given=False)
    until(lambda: desk.publishers[0].ends == [True])
    assert desk.relay.choose(BrokerChoice("redis://other"), is_given=True)
    until(lambda: desk.publishers[1].ends == [False])
    assert desk.publishers[1].retention == 86_400
    assert desk.relay.choose(BrokerChoice(is_declined=True), is_given=False)
    until(lambda: desk.publishers[2].ends == [False])
    assert (desk.line, len(desk.publishers)) == ("", 3)


@pytest.mark.parametrize("state", ["fenced", "refused"])
def test_a_broker_that_is_given_again_is_tried_again(desk: Desk, state: Any) -> None:
    desk.relay.start(CHOICE)
    desk.publishers[0].report(PublisherStatus(state, problem="it failed"))
    assert not desk.relay.choose(CHOICE, is_given=False)
    assert desk.relay.choose(CHOICE, is_given=True)
    assert len(desk.publishers) == 2
    until(lambda: desk.publishers[0].ends == [True])


def test_the_card_is_told_of_each_change_of_the_status(desk: Desk) -> None:
    desk.relay.start(CHOICE)
    before = desk.changes
    urls = ("https://plots.example.org",)
    desk.publishers[0].report(PublisherStatus("live", viewer_count=2, relay_urls=urls))
    assert desk.changes == before + 1
    assert desk.line == "relay: live · 2 viewers"
    desk.publishers[0].report(PublisherStatus("live", relay_urls=urls))
    assert desk.relay.has_had_viewers
    assert desk.relay.snapshot.is_password_saved, "the cell has the password"


def test_a_wrong_url_and_a_missing_package_are_one_line(desk: Desk) -> None:
    desk.relay.start(BrokerChoice("ann:hidden@redis.example.org"))
    assert desk.line.startswith("relay: the broker's URL does not begin with redis:// or rediss://: give one")
    assert "hidden" not in desk.line
    desk.is_missing = True
    desk.relay.choose(CHOICE, is_given=True)
    assert desk.line == (
        "relay: a broker needs the package 'redis', which is not installed:"
        ' pip install "bokeh_share[relay]"'
    )
    desk.relay.update()
    desk.relay.stop()
    assert desk.publishers == []


# With a share that runs, and brokers.


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process of its own, as far as sharing goes, that gives up brokers soon."""
    monkeypatch.setattr(current, "_process_state", ProcessState())
    monkeypatch.setattr(page_stream, "SOCKET_TIMEOUT", 0.5)
    monkeypatch.delenv(BROKER_VARIABLE, raising=False)
    yield
    current.clear()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path)
    yield server
    server.stop()


def start(url: str, **options: Any) -> Share:
    began = time.monotonic()
    share = current.start_or_update_share(current.resolve(Options(broker=url, port=0, **options)))
    assert time.monotonic() - began < 5, "it waits for the broker"
    return share


def put(title: str) -> None:
    current.get_tracker_and_apps()[0].update_page(
        lambda page: page.put(PlotKey("name", "p"), look(title), now=1)
    )


def read_card() -> str:
    runner = current._process_state.runner
    assert runner is not None
    return runner.report.build_card().to_text()


def says(*texts: str) -> None:
    until(lambda: all(text in read_card() for text in texts), read_card)
    assert read_card().count("relay: ") == 1, "one line"


def relay_keys() -> StreamKeys:
    assert current._process_state.link_store is not None
    return StreamKeys.from_secret(current._process_state.link_store.prefix.strip("/"))


@contextlib.contextmanager
def hanging() -> Iterator[str]:
    """A broker that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield f"redis://127.0.0.1:{sock.getsockname()[1]}"


@pytest.mark.one_pairing
def test_a_broker_that_hangs_or_refuses_holds_nothing_up(process: None) -> None:
    with hanging() as url:
        share = start(url)
        assert "relay: " in read_card()
        put("a")
        says("relay: offline since ", f"the broker '{url}' does not answer", "● live")
        began = time.monotonic()
        share.stop()
        share = start(url)
        share.stop()
        assert time.monotonic() - began < 4
    share = start(url)
    assert share.url.startswith("http://localhost:")
    says("relay: offline since ")
    until(lambda: not any(each.name == "bokeh_share end of publishing" for each in threading.enumerate()))


@pytest.mark.one_pairing
def test_what_is_wrong_with_a_broker_is_one_line_and_its_repair_is_noticed(
    process: None, server: RedisServer
) -> None:
    client = server.client()
    client.config_set("maxmemory", "1")
    put("a")
    share = start(server.url)
    says("relay: the broker", "is full: raise its maxmemory, or share less data", "● live")
    client.config_set("maxmemory", "0")
    says("relay: no relay runs yet")
    client.flushall()
    until(lambda: client.exists(relay_keys().stream), read_card)
    client.replicaof("127.0.0.1", "1")
    put("b")
    says("is read-only: give the URL of the primary server", "● live")
    client.replicaof("NO", "ONE")
    says("relay: no relay runs yet")
    client.config_set("requirepass", "right")
    client.client_kill_filter(_type="normal", skipme=True)
    says("check the user name, the password and the ACL", "● live")
    wrong = server.url.replace("//", "//:hidden-password@")
    start(wrong)
    says("check the user name", f"published to the broker {server.url!r}")
    assert "hidden" not in read_card() + repr(share) + share.status()
    assert "hidden" not in repr(current._process_state.runner.relay.choice)  # type: ignore[union-attr]
    repaired = server.url.replace("//", "//:right@")
    start(repaired)
    says("relay: no relay runs yet")
    assert share.running
    stream = StoredStream.connect(repaired, relay_keys())
    current.clear()
    until(lambda: stream.read_all()[-1][1].kind == "end", stream.read_all)


@pytest.mark.one_pairing
def test_two_kernels_of_one_link_do_not_both_publish(process: None, server: RedisServer) -> None:
    put("a")
    share = start(server.url)
    says("relay: no relay runs yet")
    stream = StoredStream.connect(server.url, relay_keys())
    ((last_id, _), *_) = stream.read_all()
    rival = RelayPublication(_RivalLink(relay_keys()), _Pages(), lambda: None)
    rival.start(BrokerChoice(server.url))
    says("relay: fenced: another kernel shares this notebook now", "● live")
    share.stop()
    newest_id, newest = stream.read_all()[-1]
    assert newest_id.term > last_id.term
    assert newest.kind != "end", "the page of the other kernel goes on"
    rival.stop(keep_page=True)


@pytest.mark.one_pairing
def test_a_share_that_fails_to_start_ends_no_page_at_relays(process: None, server: RedisServer) -> None:
    put("a")
    with pytest.raises(KeyError), current.stop_on_failure():
        share = start(server.url)
        stream = StoredStream.connect(server.url, relay_keys())
        until(stream.read_all)
        raise KeyError
    assert not share.running
    assert stream.read_all()[-1][1].kind == "page"


def test_viewers_at_relays_count_for_the_reminder(process: None) -> None:
    current.start_or_update_share(current.resolve(Options(port=0)))
    runner = current._process_state.runner
    assert runner is not None
    runner.report.reminder.is_due = True
    assert "no viewer from another machine yet" in read_card()
    runner.relay.has_had_viewers = True
    assert "no viewer from another machine yet" not in read_card()


class _RivalLink:
    def __init__(self, keys: StreamKeys) -> None:
        assert current._process_state.link_store is not None
        self.secret = current._process_state.link_store.prefix.strip("/")

    def build_info(self) -> ShareInfo:
        return ShareInfo("3.9")

    def read_script(self, component: str) -> bytes:
        return b""


class _Pages:
    def add_sink(self, sink: Any) -> None:
        sink.publish(LazyPage(Page().put(PlotKey("name", "p"), look("rival"), now=1)))

    def remove_sink(self, sink: Any) -> None:
        pass


SCRIPT = """
import sys
sys.modules["redis"] = None
from bokeh.plotting import figure
from bokeh_share import share
live = share(figure(), broker="redis://:hidden@127.0.0.1:1", port=0)
print(live.status())
print(repr(live))
live.stop()
"""


@pytest.mark.one_pairing
def test_a_share_runs_without_the_package_for_brokers(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=True
    )
    assert "● live" in result.stdout
    assert 'which is not installed: pip install "bokeh_share[relay]"' in result.stdout
    assert "hidden" not in result.stdout + result.stderr
    assert result.stderr == ""
