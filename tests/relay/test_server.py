"""Relays in processes of their own, with a real broker and viewers."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psutil
import pytest
from support.endpoint_on_loop import header
from support.looks import look_with_bytes
from support.redis_server import RedisServer
from support.served_relay import SCRIPT, PublishedShare, RelayProcess, find_free_port, until
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from bokeh_share.plots.page import AppEntry, Page, PlotKey
from bokeh_share.server.auth.password import PasswordHash
from bokeh_share.wire.close_codes import CloseCode

pytestmark = pytest.mark.one_pairing

P = PlotKey("name", "p")
TOKEN = "a-token-of-a-link-01"
Start = Callable[..., RelayProcess]
Publish = Callable[..., PublishedShare]


def build_page(text: str, page: Page | None = None) -> Page:
    return (page or Page("Plots <b>")).put(P, look_with_bytes(text, 20_000), now=1)


@pytest.fixture
def start(server: RedisServer) -> Iterator[Start]:
    started: list[RelayProcess] = []

    def start(*options: str, **kwargs: Any) -> RelayProcess:
        started.append(RelayProcess(server.url, *options, **kwargs))
        return started[-1]

    yield start
    for each in started:
        each.stop()


@pytest.fixture
def publish(server: RedisServer) -> Iterator[Publish]:
    shares: list[PublishedShare] = []

    def publish(token: str, **info: Any) -> PublishedShare:
        shares.append(PublishedShare(server, token, **info))
        return shares[-1]

    yield publish
    for each in shares:
        each.publisher.stop()


def receive(viewer: ClientConnection, kind: str) -> Any:
    """Return the header of the next message of this kind."""
    while (found := header(viewer.recv(10)))["kind"] != kind:
        pass
    return found


def wait_for_close(viewer: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        while True:
            viewer.recv(15)
    received = closed.value.rcvd
    assert received is not None
    return received.code


def test_a_relay_serves_what_a_kernel_publishes(start: Start, publish: Publish) -> None:
    metrics_port = find_free_port()
    relay = start("--metrics-port", str(metrics_port))
    share = publish(TOKEN, direct_urls=("http://192.0.2.7:5006",))
    page = build_page("one").update_apps((AppEntry("Sales", "", 1),))
    share.show(page)
    until(lambda: relay.get(f"/{TOKEN}/")[0] == 200, "the page")
    status, html, headers = relay.get(f"/{TOKEN}/")
    assert "<title>Plots &lt;b&gt;</title>" in html
    assert 'href="bokeh/3.9.2/bokeh.min.js"' in html
    assert "nonce-" in headers["content-security-policy"]
    assert relay.get(f"/{TOKEN}/bokeh/3.9.2/bokeh.min.js")[1] == SCRIPT.decode()
    assert relay.get(f"/{TOKEN}/bokeh/3.9.1/bokeh.min.js")[0] == 404
    assert relay.get(f"/{TOKEN}/page.js")[0] == 200
    assert relay.get(f"/{TOKEN}")[2]["location"] == f"{TOKEN}/"

    app = relay.get(f"/{TOKEN}/Sales?years=3")
    assert app[0] == 200
    assert f'href="http://192.0.2.7:5006/{TOKEN}/Sales?years=3"' in app[1]
    assert relay.get(f"/{TOKEN}/Sales/")[2]["location"] == "../Sales"
    assert relay.get(f"/{TOKEN}/Other")[0] == 404

    assert relay.get("/another-token-of-no-link/")[:2] == (404, "")
    assert relay.get("/")[:2] == (404, "")
    status, text, _ = relay.get(f"/{TOKEN}/", Host="plots.example.org")
    assert status == 421
    assert "--public-url" in text

    with relay.watch(TOKEN) as viewer:
        message = receive(viewer, "page")
        assert (message["title"], message["relayed"]) == ("Plots <b>", True)
        assert header(viewer.recv(10))["kind"] == "plot"
        share.show(build_page("two", page))
        assert receive(viewer, "plot")["base"] is not None
        plot_id = page.plots[0].id
        for _ in range(2):  # whole and step are sent again; as if they could not be drawn either
            viewer.send(json.dumps({"resend": plot_id}))
            assert receive(viewer, "plot")["base"] is None
            assert receive(viewer, "plot")["base"] is not None
        until(lambda: share.count_steps() == 0, "the whole plot that the relay asked the kernel for")
        assert relay.read_metric("viewers", metrics_port) == 1
        assert relay.read_metric("broker_up", metrics_port) == 1
        assert relay.get("/healthz")[:2] == relay.get("/healthz", port=metrics_port)[:2] == (200, "ok\n")
        until(lambda: share.publisher.status.viewer_count == 1, "the number of viewers")
        assert share.publisher.status.relay_urls == (f"http://127.0.0.1:{relay.port}",)

        share.publisher.stop()
        assert wait_for_close(viewer) == CloseCode.SHARE_ENDED
    status, text, _ = relay.get(f"/{TOKEN}/")
    assert status == 410
    assert "Sharing has ended" in text
    with relay.watch(TOKEN) as viewer:
        assert wait_for_close(viewer) == CloseCode.SHARE_ENDED
    assert TOKEN not in relay.log
    assert "Traceback" not in relay.log


def test_viewers_enter_the_password_once_for_all_relays(start: Start, publish: Publish) -> None:
    token = "a-token-of-a-link-02"
    one, other = start(), start("--trust-proxy", "127.0.0.0/8")
    share = publish(token, password=PasswordHash.from_password("word"))
    share.show(build_page("one"))
    until(lambda: one.get(f"/{token}/")[0] == 401, "the login")
    assert one.get(f"/{token}/page.js")[0] == 401
    with pytest.raises(InvalidStatus):
        one.watch(token)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert one.post(f"/{token}/login", "password=wrong&next=", **form)[0] == 401
    status, _, headers = one.post(f"/{token}/login", "password=word&next=", **form)
    assert status == 303
    cookie = headers["set-cookie"].partition(";")[0]
    assert "HttpOnly" in headers["set-cookie"]
    assert "Secure" not in headers["set-cookie"]
    assert other.get(f"/{token}/", Cookie=cookie)[0] == 200
    forwarded = {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "https"}
    headers = other.post(f"/{token}/login", "password=word&next=", **form, **forwarded)[2]
    assert "Secure" in headers["set-cookie"]

    with other.watch(token, additional_headers={"Cookie": cookie}) as viewer:
        receive(viewer, "plot")
        share.show(build_page("one"), password=PasswordHash.from_password("another"))
        assert wait_for_close(viewer) == CloseCode.PASSWORD_REQUIRED
    assert other.get(f"/{token}/", Cookie=cookie)[0] == 401
    assert "word" not in one.log.replace("password", "")


def test_too_many_viewers_and_too_many_wrong_passwords_are_counted_by_their_own_addresses(
    start: Start, publish: Publish
) -> None:
    token = "a-token-of-a-link-03"
    relay = start("--max-viewers", "2", "--trust-proxy", "127.0.0.1")
    share = publish(token, password=None)
    share.show(build_page("one"))
    until(lambda: relay.get(f"/{token}/")[0] == 200, "the page")
    with relay.watch(token) as first, relay.watch(token) as second:
        receive(first, "plot")
        receive(second, "plot")
        with relay.watch(token) as third:
            assert wait_for_close(third) == CloseCode.TOO_MANY_VIEWERS

    statuses = [relay.get(f"/no-such-link-{n:04}/", X_Forwarded_For="192.0.2.9")[0] for n in range(60)]
    assert set(statuses) == {404, 429}
    assert relay.get("/no-such-link-here/", X_Forwarded_For="192.0.2.9, 192.0.2.8")[0] == 404


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_relay_that_ends_asks_its_viewers_to_connect_again(
    start: Start, publish: Publish, workers: str
) -> None:
    token = f"a-token-of-a-link-1{workers}"
    relay = start("--workers", workers)
    publish(token).show(build_page("one"))
    until(lambda: {relay.get(f"/{token}/")[0] for _ in range(8)} == {200}, "the page of all processes")
    codes: list[int] = []
    with ExitStack() as stack:
        viewers = [stack.enter_context(relay.watch(token)) for _ in range(8)]
        for viewer in viewers:
            receive(viewer, "plot")
        threads = [threading.Thread(target=lambda v=v: codes.append(wait_for_close(v))) for v in viewers]
        for thread in threads:
            thread.start()
        assert relay.stop(signal.SIGTERM) == 0
        for thread in threads:
            thread.join(10)
    assert codes == [CloseCode.SERVICE_RESTART] * 8


def test_a_process_that_dies_is_started_again(start: Start, publish: Publish) -> None:
    token = "a-token-of-a-link-04"
    relay = start("--workers", "2")
    publish(token).show(build_page("one"))
    parent = psutil.Process(relay.process.pid)
    until(lambda: len(parent.children()) == 2, "the processes")
    killed = parent.children()[0]
    killed.kill()
    until(lambda: len(parent.children()) == 2 and killed not in parent.children(), "another process")
    until(lambda: relay.get(f"/{token}/")[0] == 200, "the page")
    assert relay.log.count("started again") == 1


def test_a_relay_goes_on_without_its_broker(server: RedisServer, start: Start, publish: Publish) -> None:
    token = "a-token-of-a-link-05"
    relay = start()
    publish(token).show(build_page("one"))
    until(lambda: relay.get(f"/{token}/")[0] == 200, "the page")
    server.kill()
    try:
        until(lambda: relay.get("/healthz")[:2] == (503, "no broker\n"), "the loss of the broker")
        assert relay.get(f"/{token}/")[0] == 200
        assert relay.get("/another-link-than-before/")[0] == 503
        with relay.watch(token) as viewer:
            receive(viewer, "plot")
    finally:
        server.start()
    until(lambda: relay.get("/healthz")[0] == 200, "the broker")
    assert relay.log.count("the relay tries again") == 1
