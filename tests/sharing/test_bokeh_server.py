"""Server, door and viewers' thread on a real loop and real sockets, without a notebook."""

from __future__ import annotations

import gzip
import http.client
import threading
from collections.abc import Iterator
from dataclasses import replace

import bokeh
import pytest
from support.endpoint_on_loop import APPS, PREFIX, EndpointOnLoop, header
from support.looks import look
from support.plot_ids import id_of
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bokeh_share.apps.app import as_app
from bokeh_share.network.addresses import list_loopback_addresses
from bokeh_share.plots.bundle import Bundle
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.server.auth.password import Password, PasswordHash
from bokeh_share.server.sockets import bind_sockets
from bokeh_share.wire.close_codes import CloseCode


@pytest.fixture
def endpoint() -> Iterator[EndpointOnLoop]:
    endpoint = EndpointOnLoop()
    yield endpoint
    endpoint.end()


def with_plot(page: Page, text: str) -> Page:
    return page.put(PlotKey("name", "p"), look(text), now=1)


@pytest.mark.parametrize(
    "path",
    ["/", "/favicon.ico", "/static/js/bokeh.min.js", "/secre", "/secrets/", "/secret2", "//secret/", "/ws"],
)
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT"])
def test_outside_the_prefix_there_is_nothing_and_no_hint(
    endpoint: EndpointOnLoop, path: str, method: str
) -> None:
    response, body = endpoint.get(path, method)
    assert response.status == 404
    assert body == b""
    assert response.getheader("Server") is None


def test_the_script_of_a_custom_model_is_served_below_the_link_by_its_digest_only(
    endpoint: EndpointOnLoop,
) -> None:
    ready, waiting = Bundle("Loud", b"'loud'"), Bundle("Wrong", problem="line 1")
    path = f"/bundle/{ready.digest}.js"
    assert endpoint.get(PREFIX + path)[0].status == 404
    endpoint.page = endpoint.page.update_bundles((ready, waiting))
    response, body = endpoint.get(PREFIX + path)
    assert response.status == 200
    assert response.getheader("Content-Type") == "text/javascript; charset=utf-8"
    assert "immutable" in (response.getheader("Cache-Control") or "")
    assert body == b"'loud'"
    nowhere = [
        path,
        "/bundle/",
        f"{PREFIX}/bundle/",
        f"{PREFIX}/bundle/{ready.digest}",
        f"{PREFIX}/bundle/Loud.js",
    ]
    nowhere += [f"{PREFIX}/bundle/{each}.js" for each in (waiting.digest, "0" * 64, ready.digest.upper())]
    for each in nowhere:
        response, body = endpoint.get(each)
        assert (response.status, body) == (404, b""), each


@pytest.mark.parametrize(
    "path",
    [
        "/other",
        "/static/js/bokeh.min.js",
        "/favicon.ico",
        "/bokeh/0.1/bokeh.min.js",
        "/web/../page.js",
        f"/bokeh/{bokeh.__version__}/..",
        f"/bokeh/{bokeh.__version__}/compiler.js",
    ],
)
def test_inside_there_is_the_page_and_nothing_else(endpoint: EndpointOnLoop, path: str) -> None:
    response, body = endpoint.get(PREFIX + path)
    assert (response.status, body, response.getheader("Server")) == (404, b"", None)


def test_the_page_names_its_title_as_text_and_says_how_to_treat_it(endpoint: EndpointOnLoop) -> None:
    response, body = endpoint.get(PREFIX + "/")
    assert response.status == 200
    assert b"&lt;b&gt;Plots" in body
    assert b"<b>" not in body
    assert response.getheader("Referrer-Policy") == "no-referrer"
    assert response.getheader("Connection") == "close"
    assert response.getheader("Server") is None


@pytest.mark.parametrize("path", ["/", "/page.js", "/nothing"])
def test_in_secure_contexts_the_page_and_its_opener_cannot_access_each_other(
    endpoint: EndpointOnLoop, path: str
) -> None:
    heeded, _ = endpoint.get(PREFIX + path, Sec_Fetch_Mode="navigate")
    assert heeded.getheader("Cross-Origin-Opener-Policy") == "same-origin"
    ignored, _ = endpoint.get(PREFIX + path)
    assert ignored.getheader("Cross-Origin-Opener-Policy") is None
    outside, _ = endpoint.get(path, Sec_Fetch_Mode="navigate")
    assert outside.getheader("Cross-Origin-Opener-Policy") is None


def test_the_link_without_its_last_slash_works(endpoint: EndpointOnLoop) -> None:
    response, _ = endpoint.get(PREFIX)
    assert (response.status, response.getheader("Location")) == (301, "secret/")
    response, _ = endpoint.get(f"{PREFIX}?wall=30&plots=2")
    assert response.getheader("Location") == "secret/?wall=30&plots=2"


def test_a_websocket_request_that_lost_its_upgrade_is_known_until_a_websocket_comes(
    endpoint: EndpointOnLoop,
) -> None:
    blocked = endpoint.broadcaster.blocked_websockets
    assert endpoint.get(f"{PREFIX}/ws")[0].status == 404
    assert endpoint.get("/ws", Sec_WebSocket_Key="x")[0].status == 404
    assert blocked.last_address is None, "not of a websocket, or not below the link"
    assert endpoint.get(f"{PREFIX}/ws", Sec_WebSocket_Key="x")[0].status == 404
    assert blocked.last_address == "127.0.0.1"
    with endpoint.watch():
        assert blocked.last_address is None


def test_bokehjs_comes_packed_and_may_be_kept_for_ever(endpoint: EndpointOnLoop) -> None:
    path = f"{PREFIX}/bokeh/{bokeh.__version__}/bokeh.min.js"
    packed, body = endpoint.get(path, Accept_Encoding="gzip")
    assert packed.getheader("Content-Encoding") == "gzip"
    assert "immutable" in str(packed.getheader("Cache-Control"))
    assert endpoint.get(path)[1] == gzip.decompress(body)
    assert len(body) < 400_000


def test_a_viewer_gets_the_page_and_each_change(endpoint: EndpointOnLoop) -> None:
    with endpoint.watch() as viewer:
        assert header(viewer.recv(10))["kind"] == "page"
        endpoint.show(with_plot(Page(), "a"))
        assert [header(viewer.recv(10))["kind"] for _ in range(2)] == ["page", "plot"]
        endpoint.show(with_plot(with_plot(Page(), "a"), "b"))
        assert header(viewer.recv(10))["version"] == 2
        assert header(viewer.recv(10))["generation"] == 2


def test_many_changes_in_a_moment_are_gathered_and_the_last_one_comes(endpoint: EndpointOnLoop) -> None:
    with endpoint.watch() as viewer:
        viewer.recv(10)
        page = Page()
        for number in range(500):
            page = page.update_title(f"{number}")
            endpoint.show(page)
        titles = [header(viewer.recv(10))["title"]]
        while titles[-1] != "499":
            titles.append(header(viewer.recv(10))["title"])
        assert len(titles) < 100


def test_what_came_just_before_the_end_is_sent_before_it_ends(endpoint: EndpointOnLoop) -> None:
    with endpoint.watch() as viewer:
        viewer.recv(10)
        for title in ("before", "last"):
            endpoint.show(Page(title, version=len(title)))
        endpoint.broadcaster.stop()
        titles = []
        with pytest.raises(ConnectionClosed):
            while True:
                titles.append(header(viewer.recv(10))["title"])
        assert titles[-1] == "last"


def test_a_viewer_gets_changes_while_the_servers_loop_is_busy(endpoint: EndpointOnLoop) -> None:
    with endpoint.watch() as viewer:
        viewer.recv(10)
        busy = threading.Event()
        endpoint.loop.add_callback(busy.wait, 10)
        endpoint.show(with_plot(Page(), "a"))
        assert header(viewer.recv(5))["version"] == 1
        busy.set()


def test_a_plot_that_is_asked_for_comes_again(endpoint: EndpointOnLoop) -> None:
    endpoint.show(with_plot(Page(), "a"))
    with endpoint.watch() as viewer:
        viewer.recv(10), viewer.recv(10)
        viewer.send(f'{{"resend":"{id_of("p")}"}}')
        assert header(viewer.recv(10))["plot"] == id_of("p")


def test_viewers_are_counted_as_they_come_and_go(endpoint: EndpointOnLoop) -> None:
    with endpoint.watch() as one:
        one.recv(10)
        with endpoint.watch() as two:
            two.recv(10)
            assert endpoint.broadcaster.count == 2
        endpoint.until(lambda: endpoint.broadcaster.count == 1)
    endpoint.until(lambda: endpoint.broadcaster.count == 0)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "https://localhost:{port}",
        "http://localhost",
        "null",
        "http://127.0.0.2:{port}",
    ],
)
def test_a_page_from_elsewhere_may_not_connect(endpoint: EndpointOnLoop, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        endpoint.watch(origin=origin.format(port=endpoint.port))
    assert refused.value.response.status_code == 403
    assert endpoint.broadcaster.count == 0


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_the_shares_own_page_may(endpoint: EndpointOnLoop, host: str) -> None:
    with endpoint.watch(origin=f"http://{host}:{endpoint.port}") as viewer:
        assert header(viewer.recv(10))["kind"] == "page"


def test_when_it_ends_each_viewer_is_told_and_the_port_is_free(endpoint: EndpointOnLoop) -> None:
    with endpoint.watch() as viewer:
        viewer.recv(10)
        endpoint.do(endpoint.server.stop)
        endpoint.broadcaster.stop()
        with pytest.raises(ConnectionClosed) as closed:
            viewer.recv(10)
        assert closed.value.rcvd is not None
        assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (CloseCode.SHARE_ENDED, "sharing ended")
    _, sockets = bind_sockets(list_loopback_addresses(), port=endpoint.port)
    for sock in sockets:
        sock.close()


def test_when_it_moves_viewers_are_told_where_to(endpoint: EndpointOnLoop) -> None:
    with endpoint.watch() as viewer:
        viewer.recv(10)
        endpoint.broadcaster.redirect_viewers(
            ["http://new/"], code=CloseCode.SHARE_MOVED, reason="the share moved"
        )
        assert header(viewer.recv(10)) == {"kind": "moved", "urls": ["http://new/"]}
        with pytest.raises(ConnectionClosed) as closed:
            viewer.recv(10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == CloseCode.SHARE_MOVED


def test_a_viewer_that_does_not_read_keeps_nobody_waiting_and_ends_with_the_share(
    endpoint: EndpointOnLoop,
) -> None:
    large = look("a", bytes(30_000_000))
    with endpoint.watch(max_queue=1) as stalled, endpoint.watch() as good:
        good.recv(10)
        # Nobody reads `stalled` after this: its receive buffers fill up.
        stalled.recv(10)
        stalled.socket.setsockopt(1, 8, 4096)
        page = Page().put(PlotKey("name", "p"), large, now=1)
        for text in "abc":
            page = page.put(PlotKey("name", "q"), look(text), now=1)
            endpoint.show(page)
            while header(good.recv(10))["version"] < page.version:
                pass
        threading.Thread(target=endpoint.broadcaster.stop).start()
        with pytest.raises(ConnectionClosed):
            while True:
                good.recv(10)
        endpoint.until(lambda: endpoint.broadcaster.count == 0)


def test_who_finds_no_seat_is_told_so_and_comes_in_when_one_is_free(endpoint: EndpointOnLoop) -> None:
    endpoint.broadcaster.viewer_limit.update(1)
    with endpoint.watch() as first:
        assert header(first.recv(10))["kind"] == "page"
        with endpoint.watch() as second:
            with pytest.raises(ConnectionClosed) as closed:
                second.recv(10)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == CloseCode.TOO_MANY_VIEWERS
            assert closed.value.rcvd.reason == "the page is full"
        assert (endpoint.broadcaster.count, endpoint.broadcaster.viewer_limit.rejected_count) == (1, 1)
        endpoint.show(Page("goes on", version=1))
        assert header(first.recv(10))["title"] == "goes on"
    endpoint.until(lambda: endpoint.broadcaster.count == 0)
    with endpoint.watch() as second:
        assert header(second.recv(10))["kind"] == "page"


def test_stopping_twice_is_fine(endpoint: EndpointOnLoop) -> None:
    endpoint.broadcaster.stop()
    endpoint.broadcaster.stop()
    endpoint.show(Page("late"))


@pytest.mark.parametrize("path", ["/", PREFIX + "/", PREFIX + "/ws"])
def test_a_request_that_makes_no_sense_is_not_printed_with_the_link_in_it(
    endpoint: EndpointOnLoop, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=10)
    connection.request("POST", path, b"no boundary", {"Content-Type": "multipart/form-data"})
    response = connection.getresponse()
    assert response.status in (400, 404, 405)
    assert response.read() == b""
    connection.close()
    assert not caplog.records


@pytest.mark.parametrize(("length", "refused"), [(8000, False), (9000, True)])
def test_nobody_can_send_a_large_body(endpoint: EndpointOnLoop, length: int, refused: bool) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=10)
    try:
        connection.request("POST", "/", b"x" * length)
        answer = connection.getresponse().status
    except ConnectionError:
        answer = 0
    finally:
        connection.close()
    assert (answer != 404) == refused


def test_a_version_of_a_thousand_digits_is_no_version(
    endpoint: EndpointOnLoop, caplog: pytest.LogCaptureFixture
) -> None:
    with endpoint.watch(f"?epoch=e&version={'9' * 5000}") as viewer:
        assert header(viewer.recv(10))["kind"] == "page"
    assert not caplog.records


def test_the_port_is_free_afterwards_although_a_child_process_has_the_socket(
    endpoint: EndpointOnLoop,
) -> None:
    (sock,) = [sock for address, (_, sock) in endpoint.server._listeners.items() if address.ip == "127.0.0.1"]
    inherited = sock.dup()  # as a process that the notebook forks has it
    try:
        endpoint.do(endpoint.server.stop)
        _, sockets = bind_sockets(list_loopback_addresses(), port=endpoint.port)
        for each in sockets:
            each.close()
    finally:
        inherited.close()


def test_silence_is_broken_so_that_a_page_can_tell_that_it_was_cut_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bokeh_share.limits.PING_INTERVAL", 0.05)
    endpoint = EndpointOnLoop()
    try:
        with endpoint.watch() as viewer:
            assert header(viewer.recv(10))["heartbeat"] == 0.05
            assert header(viewer.recv(10)) == {"kind": "heartbeat"}
    finally:
        endpoint.end()


def test_who_was_silent_because_nothing_was_asked_is_not_taken_for_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bokeh_share.limits.PING_INTERVAL", 0.05)
    monkeypatch.setattr("bokeh_share.limits.PING_TIMEOUT", 0.0)
    endpoint = EndpointOnLoop()
    try:
        with endpoint.watch() as viewer:
            assert header(viewer.recv(10))["kind"] == "page"
            assert header(viewer.recv(10)) == {"kind": "heartbeat"}
    finally:
        endpoint.end()


def trend(days: int = 7) -> None:
    """Daily sales."""


@pytest.fixture(scope="module", params=[None, "a password"])
def previewed(request: pytest.FixtureRequest) -> Iterator[EndpointOnLoop]:
    """A share with an app, without a password and with one."""
    APPS.apps.add(as_app(trend))
    endpoint = EndpointOnLoop(
        password=None
        if request.param is None
        else Password(PasswordHash.from_password(request.param), b"secret")
    )
    yield endpoint
    endpoint.end()
    APPS.apps.remove("trend")


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/page.js", "/page.css", "/opener.js", f"/bokeh/{bokeh.__version__}/bokeh.min.js", "/trend",
        "/trend?days=9", "/trend/", "/trend/token", "/trend/socket", "/sails", "/nothing", "/ws", "/login",
        "/login/state", "/logout", "/static/extensions/panel/package.json",
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_head_is_answered_as_get_without_its_body(
    previewed: EndpointOnLoop, path: str, encoding: str
) -> None:
    """By which chats and mail programs ask before they make a preview of a link."""
    got, body = previewed.get(PREFIX + path, Accept_Encoding=encoding)
    asked, nothing = previewed.get(PREFIX + path, "HEAD", Accept_Encoding=encoding)
    assert asked.status == got.status
    assert nothing == b""
    one, other = (
        {name: value for name, value in each.getheaders() if name != "Date"} for each in (got, asked)
    )
    is_streamed = one.pop("Transfer-Encoding", None) is not None
    if "nonce" in one["Content-Security-Policy"]:  # the page of an app has another each time
        for each in (one, other):
            del each["Etag"], each["Content-Security-Policy"]
    assert other == one
    assert is_streamed or int(other.get("Content-Length", 0)) == len(body)
    assert previewed.broadcaster.count == 0


def test_a_robot_that_makes_a_preview_of_the_link_is_no_viewer(endpoint: EndpointOnLoop) -> None:
    response, body = endpoint.get(f"{PREFIX}/", User_Agent="Slackbot-LinkExpanding 1.0")
    assert response.status == 200
    assert b"<title>" in body
    assert (endpoint.broadcaster.count, endpoint.viewer_changes) == (0, 0)
    assert not endpoint.broadcaster._hub.viewers


@pytest.mark.parametrize(
    "path", ["/", "/page.js", "/login/state", f"/bokeh/{bokeh.__version__}/bokeh.min.js"]
)
def test_cookies_of_all_the_other_servers_of_the_host_keep_nobody_out(
    endpoint: EndpointOnLoop, path: str
) -> None:
    cookies = "; ".join(f"session_{number}={'x' * 3000}" for number in range(20))
    assert endpoint.get(PREFIX + path, Cookie=cookies)[0].status in (200, 204)


def test_a_name_that_the_share_does_not_have_is_told_to_who_knows_the_link(endpoint: EndpointOnLoop) -> None:
    response, body = endpoint.get(PREFIX + "/", Host="plots.example")
    first, hint = body.decode().splitlines()
    assert response.status == 421
    assert first == "This share has no address with the name 'plots.example' (in the Host header)."
    assert "the author can allow it with --public-url" in hint
    assert endpoint.get("/", Host="plots.example")[0].status == 404


def test_with_a_public_url_it_says_what_the_proxy_in_front_has_to_do(endpoint: EndpointOnLoop) -> None:
    former = endpoint.access.rules
    endpoint.access.update(replace(former, public_url="https://plots.example/sales"), None)
    try:
        _, body = endpoint.get(PREFIX + "/", Host="10.0.0.5:5006")
    finally:
        endpoint.access.update(former, None)
    hint = body.decode().splitlines()[1]
    assert hint.startswith("The author shares it at https://plots.example/sales. If you used that address,")
    assert "proxy_set_header Host $http_host" in hint
    assert "--public-url" not in hint
