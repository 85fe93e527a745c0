"""The stream, in a real server and in one that Python imitates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import fakeredis
import pytest
import trustme
from redis.exceptions import ConnectionError, MovedError, ResponseError
from support.redis_server import RedisServer
from support.served_relay import find_free_port
from support.stored_stream import StoredStream

from bokeh_share.broker import page_stream
from bokeh_share.broker.broker_url import BrokerUrl
from bokeh_share.broker.entries import Entry, EntryId
from bokeh_share.broker.errors import (
    BrokerRefused,
    EntryTooLarge,
    InvalidBrokerUrl,
    InvalidEntry,
    PublisherFenced,
    StreamLost,
    UnsuitableBroker,
)
from bokeh_share.broker.page_stream import PageStream, _explain, connect_client
from bokeh_share.broker.stream_keys import StreamKeys

pytestmark = pytest.mark.one_pairing

KEYS = StreamKeys.from_secret("secret")
WHOLE, STEP, PAGE = (
    Entry("whole", b"w" * 100, "k1", 0, 1),
    Entry("step", b"s", "k1", 1, 2),
    Entry("page", b"p"),
)

Open = Callable[[], PageStream]


@pytest.fixture(params=["redis", "valkey", "an imitated one"])
def open_stream(request: pytest.FixtureRequest) -> Open:
    if request.param in ("redis", "valkey"):
        url = BrokerUrl.parse(request.getfixturevalue("server" if request.param == "redis" else "valkey").url)
        return lambda: PageStream(url, KEYS)
    memory = fakeredis.FakeServer()
    url = BrokerUrl.parse("redis://nowhere")
    return lambda: PageStream(url, KEYS, connect=lambda *_: fakeredis.FakeRedis(server=memory, protocol=2))


def stored(stream: PageStream) -> StoredStream:
    return StoredStream(KEYS, stream._client)


def at(term: int, *sequences: int) -> list[EntryId]:
    return [EntryId(term, sequence) for sequence in sequences]


def test_entries_are_read_as_they_were_written(open_stream: Open) -> None:
    stream = open_stream()
    assert stream.read_last_id() is None
    assert stored(stream).read_all() == []
    one, two, three, four = at(7, 1, 2, 3, 4)
    stream.write([(one, WHOLE), (two, PAGE)], is_first=True)
    assert stream.read_last_id() == two
    stream.write([(three, STEP), (four, PAGE)], [two])
    assert stored(stream).read_all() == [(one, WHOLE), (three, STEP), (four, PAGE)]
    stream.close()


def test_the_first_entries_of_a_term_replace_all_others(open_stream: Open) -> None:
    stream = open_stream()
    for term in (7, 8):
        one, two = at(term, 1, 2)
        stream.write([(one, WHOLE), (two, PAGE)], is_first=True)
    assert stored(stream).read_all() == [(one, WHOLE), (two, PAGE)]


def test_a_kernel_that_was_replaced_can_neither_write_nor_delete(open_stream: Open) -> None:
    one, two = open_stream(), open_stream()
    one.write([(EntryId(7, 1), WHOLE)], is_first=True)
    two.write([(EntryId(8, 1), PAGE)], is_first=True)
    for is_first in (False, True):
        with pytest.raises(PublisherFenced, match="another kernel shares this notebook now"):
            one.write([(EntryId(7, 2), WHOLE), (EntryId(7, 3), PAGE)], is_first=is_first)
    assert stored(two).read_all() == [(EntryId(8, 1), PAGE)]


def test_the_end_is_all_that_stays(open_stream: Open) -> None:
    stream = open_stream()
    assert not stream.has_page()
    stream.write([(EntryId(7, 1), WHOLE), (EntryId(7, 2), PAGE)], is_first=True)
    assert stream.has_page()
    stream.write_state(b"busy")
    assert stored(stream).read_state() == b"busy"
    stream.write_end(EntryId(7, 3), Entry("end"))
    assert stored(stream).read_all() == [(EntryId(7, 3), Entry("end"))]
    assert not stream.has_page()
    assert stored(stream).read_state() is None


def test_an_entry_that_somebody_else_wrote_is_refused(server: RedisServer) -> None:
    stream = PageStream(BrokerUrl.parse(server.url), KEYS)
    stream.write([(EntryId(7, 1), WHOLE)], is_first=True)
    ((_, fields),) = server.client().xrange(KEYS.stream)
    server.client().xadd(KEYS.stream, fields, id="7-2")
    with pytest.raises(InvalidEntry, match="its signature"):
        stored(stream).read_all()


def test_a_stream_that_is_gone_is_not_begun_with_a_step(server: RedisServer) -> None:
    stream = PageStream(BrokerUrl.parse(server.url), KEYS)
    stream.write([(EntryId(7, 1), WHOLE)], is_first=True)
    server.client().flushall()
    with pytest.raises(StreamLost):
        stream.write([(EntryId(7, 2), STEP), (EntryId(7, 3), PAGE)])
    assert server.client().dbsize() == 0
    assert stream.read_last_id() is None


def test_the_keys_expire_and_say_nothing_of_the_link(server: RedisServer) -> None:
    stream = PageStream(BrokerUrl.parse(server.url), KEYS, retention=60)
    stream.write([(EntryId(7, 1), WHOLE)], is_first=True)
    stream.write_state(b"state")
    client = server.client()
    names = client.keys()
    assert sorted(names) == sorted([KEYS.stream.encode(), KEYS.state.encode()])
    assert all(0 < client.ttl(name) <= 60 for name in names)
    assert not any(b"secret" in name for name in names)


def test_a_wrong_password_is_refused_without_showing_it(tmp_path: Path) -> None:
    server = RedisServer(tmp_path, "--requirepass", "right")
    try:
        for user in ("", "ann:hidden", ":hidden"):
            url = BrokerUrl.parse(server.url.replace("//", f"//{user}@" if user else "//"))
            with pytest.raises(BrokerRefused, match="check the user name, the password and the ACL") as error:
                PageStream(url, KEYS).check_server()
            assert "hidden" not in str(error.value)
    finally:
        server.stop()


def test_a_broker_that_would_lose_the_page_is_unsuitable(server: RedisServer) -> None:
    stream = PageStream(BrokerUrl.parse(server.url), KEYS)
    stream.check_server()
    client = server.client()
    client.config_set("maxmemory-policy", "allkeys-lru")
    stream.check_server()
    client.config_set("maxmemory", "100mb")
    with pytest.raises(UnsuitableBroker, match=r"drops keys when it is full \(allkeys-lru\): set maxmemory"):
        stream.check_server()


def test_a_full_or_read_only_broker_says_so(server: RedisServer) -> None:
    stream = PageStream(BrokerUrl.parse(server.url), KEYS)
    client = server.client()
    client.config_set("maxmemory", "1")
    with pytest.raises(UnsuitableBroker, match="is full: raise its maxmemory"):
        stream.write([(EntryId(7, 1), WHOLE)], is_first=True)
    client.config_set("maxmemory", "0")
    client.replicaof("127.0.0.1", "1")
    with pytest.raises(UnsuitableBroker, match="is read-only: give the URL of the primary server"):
        stream.write([(EntryId(7, 1), WHOLE)], is_first=True)


def test_a_plot_that_is_larger_than_the_server_takes_is_named_by_its_size(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.client().config_set("proto-max-bulk-len", 1024 * 1024)
    stream = PageStream(BrokerUrl.parse(server.url), KEYS)
    large = [(EntryId(7, 1), Entry("whole", bytes(8_000_000), "k1", 0, 1))]
    with pytest.raises(EntryTooLarge, match="8000000"):
        stream.write(large, is_first=True)
    assert stream.read_last_id() is None
    monkeypatch.setattr(page_stream, "MAX_ENTRY_BYTES", 1_000_000)
    with pytest.raises(EntryTooLarge, match="8000000"):
        stream.write(large, is_first=True)


def test_a_refusal_that_nobody_has_foreseen_is_passed_on_without_the_data(server: RedisServer) -> None:
    server.client().set(KEYS.stream, "not a stream")
    stream = PageStream(BrokerUrl.parse(server.url), KEYS)
    with pytest.raises(UnsuitableBroker, match=r"refuses the page \(WRONGTYPE"):
        stream.read_last_id()
    url = BrokerUrl.parse(server.url)
    error = _explain(ResponseError("ERR unknown command 'AUTH', with args beginning with: 'pass'"), url)
    assert isinstance(error, UnsuitableBroker)
    assert "pass'" not in str(error)
    moved = _explain(MovedError("1234 127.0.0.1:7001"), url)
    assert "is a cluster of several servers: use a single server" in str(moved)


def test_an_old_server_is_unsuitable() -> None:
    class Old:
        def info(self) -> dict[str, object]:
            return {"redis_version": "6.0.16"}

    url = BrokerUrl.parse("redis://h")
    with pytest.raises(UnsuitableBroker, match=r"is Redis 6\.0\.16: use Redis 6\.2 or later, or Valkey"):
        PageStream(url, KEYS, connect=lambda *_: Old()).check_server()  # type: ignore[arg-type, return-value]


def test_an_unknown_option_in_the_url_is_refused() -> None:
    with pytest.raises(InvalidBrokerUrl, match="has unknown options"):
        connect_client(BrokerUrl.parse("redis://h/0?db=hidden"), "name")


def test_a_broker_is_reached_by_tls_with_an_authority_of_its_own(tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    files = {name: tmp_path / f"{name}.pem" for name in ("ca", "cert", "key")}
    authority.cert_pem.write_to_path(files["ca"])
    certificate.cert_chain_pems[0].write_to_path(files["cert"])
    certificate.private_key_pem.write_to_path(files["key"])
    port = find_free_port()
    options = ["--tls-port", str(port), "--tls-auth-clients", "no", "--tls-ca-cert-file", str(files["ca"])]
    server = RedisServer(
        tmp_path, *options, "--tls-cert-file", str(files["cert"]), "--tls-key-file", str(files["key"])
    )
    try:
        url = f"rediss://127.0.0.1:{port}/0"
        with pytest.raises(ConnectionError):
            PageStream(BrokerUrl.parse(url), KEYS).check_server()  # an unknown authority
        stream = PageStream(BrokerUrl.parse(f"{url}?ssl_ca_certs={files['ca']}"), KEYS)
        stream.check_server()
        stream.write([(EntryId(7, 1), PAGE)], is_first=True)
        assert stored(stream).read_all() == [(EntryId(7, 1), PAGE)]
        stream.close()
    finally:
        server.stop()
