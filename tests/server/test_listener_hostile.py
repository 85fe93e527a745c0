"""Requests that no browser sends, connections that stay idle, and host names that are not the share's."""

from __future__ import annotations

import gc
import http.client
import resource
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import bokeh
import pytest
from bokeh.embed.bundle import extension_dirs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.endpoint_on_loop import PREFIX, EndpointOnLoop, rest
from support.hostile import is_closed, is_served, megabytes, nothing_left_over, until

from bokeh_share import limits
from bokeh_share.apps.extension_assets import served_packages
from bokeh_share.server.auth.password import Password, PasswordHash
from bokeh_share.server.certificate import TlsOptions, load_certificate

pytestmark = pytest.mark.usefixtures("said")
BOKEH = f"/bokeh/{bokeh.__version__}/bokeh.min.js"


@pytest.fixture
def endpoint() -> Iterator[EndpointOnLoop]:
    endpoint = EndpointOnLoop()
    yield endpoint
    endpoint.end()


@pytest.fixture(params=["idle", "busy"])
def either(endpoint: EndpointOnLoop, request: pytest.FixtureRequest) -> Iterator[EndpointOnLoop]:
    """While the kernel's loop is idle, and while a cell keeps it busy."""
    if request.param == "idle":
        yield endpoint
        return
    with endpoint.busy():
        yield endpoint


@pytest.fixture
def encrypted() -> Iterator[EndpointOnLoop]:
    endpoint = EndpointOnLoop(certificate=load_certificate(TlsOptions(), ["127.0.0.1"]))
    yield endpoint
    endpoint.end()


def asked(endpoint: EndpointOnLoop, line: str, *headers: str, body: bytes = b"") -> bytes:
    """A request in its bytes, with our own name in it unless `headers` has another."""
    named = [] if any(each.lower().startswith("host") for each in headers) else [f"Host: {endpoint.host}"]
    return "\r\n".join([line, *named, *headers, "", ""]).encode("latin1") + body


def status(answer: bytes) -> int:
    """Of the only answer; 0 for none."""
    assert answer.count(b"HTTP/1.1 ") <= 1
    return int(answer.split(b" ", 2)[1]) if answer else 0


def long_headers(endpoint: EndpointOnLoop) -> bytes:
    return asked(endpoint, f"GET {PREFIX}/ HTTP/1.1", *[f"X-{number}: {'x' * 100}" for number in range(700)])


CLIENT_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
NONSENSE = {
    "nothing but lines": lambda endpoint: b"\r\n" * 70_000,
    "zeros": lambda endpoint: b"\0" * 70_000,
    "no end of the line": lambda endpoint: b"GET " + b"/" * 70_000,
    "HTTP/0.9": lambda endpoint: f"GET {PREFIX}/\r\n\r\n".encode(),
    "HTTP/2": lambda endpoint: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "HTTP/3 by name": lambda endpoint: asked(endpoint, f"GET {PREFIX}/ HTTP/3.0"),
    "TLS where none is spoken": lambda endpoint: CLIENT_HELLO + b"\r\n" * 300,
    "no name": lambda endpoint: f"GET {PREFIX}/ HTTP/1.1\r\n\r\n".encode(),
    "two names": lambda endpoint: asked(
        endpoint, f"GET {PREFIX}/ HTTP/1.1", f"Host: {endpoint.host}", "Host: evil"
    ),
    "a name with a slash": lambda endpoint: asked(endpoint, f"GET {PREFIX}/ HTTP/1.1", "Host: a/b"),
    "a null in the path": lambda endpoint: asked(endpoint, f"GET {PREFIX}/\0 HTTP/1.1"),
    "a blank in the path": lambda endpoint: asked(endpoint, f"GET {PREFIX}/ x HTTP/1.1"),
    "a null in a header": lambda endpoint: asked(endpoint, f"GET {PREFIX}/ HTTP/1.1", "X: a\0b"),
    "a header without a colon": lambda endpoint: asked(endpoint, f"GET {PREFIX}/ HTTP/1.1", "nothing"),
    "a header that goes on": lambda endpoint: asked(endpoint, f"GET {PREFIX}/ HTTP/1.1", "X: a", " b"),
    "long headers": long_headers,
    "negative length": lambda endpoint: asked(endpoint, f"POST {PREFIX}/ HTTP/1.1", "Content-Length: -1"),
    "two lengths": lambda endpoint: asked(
        endpoint, f"POST {PREFIX}/ HTTP/1.1", "Content-Length: 1", "Content-Length: 2", body=b"xx"
    ),
    "length and chunks": lambda endpoint: asked(
        endpoint, f"POST {PREFIX}/ HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked",
        body=b"0\r\n\r\n",
    ),
    "another encoding": lambda endpoint: asked(
        endpoint, f"POST {PREFIX}/ HTTP/1.1", "Transfer-Encoding: gzip"
    ),
    "too much": lambda endpoint: asked(endpoint, f"POST {PREFIX}/ HTTP/1.1", "Content-Length: 99999999999"),
    "a chunk of no size": lambda endpoint: asked(
        endpoint, f"POST {PREFIX}/ HTTP/1.1", "Transfer-Encoding: chunked", body=b"zz\r\n"
    ),
    "a large chunk": lambda endpoint: asked(
        endpoint, f"POST {PREFIX}/ HTTP/1.1", "Transfer-Encoding: chunked", body=b"ffffffff\r\n"
    ),
    "chunks without end": lambda endpoint: asked(
        endpoint, f"POST {PREFIX}/ HTTP/1.1", "Transfer-Encoding: chunked", body=(b"1\r\nx\r\n" * 9000)
    ),
    "a long name of a chunk": lambda endpoint: asked(
        endpoint, f"POST {PREFIX}/ HTTP/1.1", "Transfer-Encoding: chunked", body=b"1;" + b"x" * 100 + b"\r\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NONSENSE)
def test_a_request_that_makes_no_sense_is_refused_and_logged_once(
    either: EndpointOnLoop, name: str, said: list[str]
) -> None:
    with nothing_left_over(either):
        for _ in range(5):
            assert status(either.ask(NONSENSE[name](either))) in (0, 400)
        assert is_served(either)
    assert len(said) == 1
    kinds = (
        "malformed request",
        "request too long",
        "TLS handshake on an http port",
    )
    assert said[0] in kinds


@pytest.mark.parametrize("hello", [b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
def test_who_types_https_where_http_is_spoken_does_not_wait(
    either: EndpointOnLoop, hello: bytes, said: list[str]
) -> None:
    began = time.monotonic()
    with nothing_left_over(either):
        assert either.ask(hello) == b""
        assert time.monotonic() - began < limits.IDLE_TIMEOUT / 2
        assert is_served(either)
    assert said == ["TLS handshake on an http port"]


def test_a_browser_that_tries_https_first_is_told_at_once(endpoint: EndpointOnLoop) -> None:
    context = ssl.create_default_context()
    began = time.monotonic()
    with (
        socket.create_connection(("127.0.0.1", endpoint.port)) as connection,
        pytest.raises((ssl.SSLError, ConnectionError)),
    ):
        context.wrap_socket(connection, server_hostname="localhost")
    assert time.monotonic() - began < limits.IDLE_TIMEOUT / 2


@pytest.mark.parametrize("body", ["Content-Length: 1", "Transfer-Encoding: chunked"])
def test_no_websocket_opens_with_access_that_was_revoked_after_its_request_began(
    either: EndpointOnLoop, said: list[str], body: str
) -> None:
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13")
    key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
    with nothing_left_over(either):
        begun = asked(either, f"GET {PREFIX}/ws HTTP/1.1", *upgrade, key, body)
        assert status(either.ask(begun)) == 400, "it is not waited for the rest"
        whole = asked(either, f"GET {PREFIX}/ws HTTP/1.1", *upgrade, key, "Content-Length: 0")
        with either.send(whole) as connection:
            assert connection.recv(100).startswith(b"HTTP/1.1 101 ")
    assert said == ["malformed request"]


lines = st.sampled_from([b"GET ", b"POST ", b"HEAD ", b"PUT ", b"OPTIONS ", b"CONNECT ", b"get ", b"\xff "])
paths = st.sampled_from([b"/", b"/secret/", b"/secret/ws", b"*", b"http://evil/secret/", b"/secret/%00", b""])
headers = st.sampled_from(
    [
        b"Host: 127.0.0.1",
        b"Host:",
        b"Upgrade: websocket",
        b"Connection: Upgrade",
        b"Content-Length: 3",
        b"Transfer-Encoding: chunked",
        b"Expect: 100-continue",
        b"Origin: null",
        b'Cookie: bokeh_share="\\',
        b": x",
        b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        b"Accept-Encoding: gzip",
    ]
)
ends = st.sampled_from([b"\r\n", b"\n", b"\r", b"", b"\r\n\r\n"])
requests = st.builds(
    lambda line, path, version, fields, end, tail: line + path + version + b"\r\n" + end.join(fields) + tail,
    lines,
    paths,
    st.sampled_from([b" HTTP/1.1", b" HTTP/1.0", b" HTTP/9.9", b" FTP/1.1", b""]),
    st.lists(headers | st.binary(max_size=30), max_size=8),
    ends,
    st.sampled_from([b"\r\n\r\n", b"\n\n", b""]) | st.binary(max_size=100),
)


@pytest.mark.usefixtures("impatient")
def test_the_share_stays_up_after_any_malformed_request(endpoint: EndpointOnLoop) -> None:
    @settings(
        max_examples=1000,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(requests | st.binary(max_size=200))
    def run(request: bytes) -> None:
        with endpoint.send(request) as connection:
            with suppress(OSError):  # it may be closed already
                connection.shutdown(socket.SHUT_WR)
            answer = rest(connection).replace(b"HTTP/1.1 100 (Continue)\r\n\r\n", b"")
            assert status(answer) in (0, 301, 400, 404, 405, 421)

    with nothing_left_over(endpoint):
        run()
        assert is_served(endpoint)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"GET /secr",
        b"GET /secret/ HTTP/1.1\r\nHost: x\r\nX-",
        b"POST /secret/ HTTP/1.1\r\nHost: x\r\nContent-Length: 8000\r\n\r\n",
        b"POST /secret/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_an_endless_request_is_cut_off_although_it_sends_data_all_the_time(
    either: EndpointOnLoop, beginning: bytes
) -> None:
    with nothing_left_over(either), either.send(beginning) as connection:
        began = time.monotonic()
        connection.settimeout(0.05)
        trickle = b"1\r\nx\r\n" if b"chunked" in beginning else b"x"
        while time.monotonic() - began < 10:
            try:
                if beginning:
                    connection.sendall(trickle)
                if not connection.recv(100):
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert time.monotonic() - began < 5
        assert is_served(either)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("beginning", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"])
def test_a_handshake_that_does_not_come_to_an_end_is_cut_off(
    encrypted: EndpointOnLoop, beginning: bytes
) -> None:
    with nothing_left_over(encrypted), encrypted.send(beginning) as connection:
        assert is_closed(connection, within=5)


def shake_hands(endpoint: EndpointOnLoop) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(endpoint.send(b""))


def test_a_handshake_of_garbage_is_logged_once_and_not_warned_of(
    encrypted: EndpointOnLoop, said: list[str]
) -> None:
    with nothing_left_over(encrypted):
        for _ in range(5):
            encrypted.ask(b"\x16\x03\x01\x02\x00" + b"x" * 512)
        with shake_hands(encrypted) as visitor:
            visitor.sendall(asked(encrypted, f"GET {PREFIX}/ HTTP/1.1"))
            assert status(rest(visitor)) == 200
    assert said == ["failed TLS handshake"]


@pytest.mark.parametrize("path", ["/", f"{PREFIX}/ws"])
def test_garbage_within_tls_is_not_warned_of(encrypted: EndpointOnLoop, path: str) -> None:
    with nothing_left_over(encrypted):
        with shake_hands(encrypted) as visitor:
            if path != "/":
                visitor.sendall(asked(encrypted, f"GET {path} HTTP/1.1", *HANDSHAKE))
                assert visitor.recv(12) == b"HTTP/1.1 101"
                until(lambda: encrypted.broadcaster.count == 1)
            with socket.socket(fileno=visitor.detach()) as plain:
                plain.settimeout(10)
                plain.sendall(b"\x17\x03\x03\x00\x40" + b"x" * 64)
                rest(plain)


@pytest.mark.parametrize("path", ["/\xe4\xff", "/%0d%0aX:1", "//evil.example/", "/?" + "\xb5" * 9000, ""])
def test_who_comes_by_plain_http_is_sent_to_the_same_path_and_nowhere_else(
    encrypted: EndpointOnLoop, path: str
) -> None:
    with nothing_left_over(encrypted):
        answer = encrypted.ask(asked(encrypted, f"GET {PREFIX}{path} HTTP/1.1"))
    assert status(answer) == 302
    location = f"Location: https://{encrypted.host}{PREFIX}{path}\r\n".encode("latin1")
    assert answer.count(b"Location: ") == answer.count(location) == 1
    assert b"\r\nX:1" not in answer


HANDSHAKE = (
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)


def without(name: str) -> list[str]:
    return [each for each in HANDSHAKE if name not in each]


WRONG_SOCKETS: dict[str, tuple[str, list[str]]] = {
    "version": ("GET {} HTTP/1.1", [*without("Version"), "Sec-WebSocket-Version: 8"]),
    "no version": ("GET {} HTTP/1.1", without("Version")),
    "two versions": ("GET {} HTTP/1.1", [*HANDSHAKE, "Sec-WebSocket-Version: 13"]),
    "no key": ("GET {} HTTP/1.1", without("Key")),
    "short key": ("GET {} HTTP/1.1", [*without("Key"), "Sec-WebSocket-Key: AAAA"]),
    "key of other letters": ("GET {} HTTP/1.1", [*without("Key"), "Sec-WebSocket-Key: \xe4\xf6\xfc"]),
    "no connection": ("GET {} HTTP/1.1", without("Connection")),
    "strange connection": ("GET {} HTTP/1.1", [*without("Connection"), "Connection: ,,;;="]),
    "strange extensions": ("GET {} HTTP/1.1", [*HANDSHAKE, "Sec-WebSocket-Extensions: a;b=;;,=\"\\"]),
    "another upgrade": ("GET {} HTTP/1.1", [*without("Upgrade:"), "Upgrade: h2c"]),
    "HTTP/1.0": ("GET {} HTTP/1.0", [*HANDSHAKE]),
    "another method": ("POST {} HTTP/1.1", [*HANDSHAKE, "Content-Length: 0"]),
    "a preview of it": ("HEAD {} HTTP/1.1", [*HANDSHAKE]),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_SOCKETS)
def test_a_websocket_request_with_a_mistake_is_refused_and_ends(either: EndpointOnLoop, name: str) -> None:
    line, headers = WRONG_SOCKETS[name]
    with nothing_left_over(either):
        answer = either.ask(asked(either, line.format(f"{PREFIX}/ws"), *headers))
        assert status(answer) in (400, 404, 405, 426)
        assert b"Server:" not in answer
        assert either.broadcaster.count == 0
        assert is_served(either)


@pytest.mark.parametrize(
    "headers",
    [
        [f"X-{number}: x" for number in range(1000)],
        ["Cookie: " + "x" * 60_000],
        ['Cookie: bokeh_share="' + "\\1" * 7000 + '"'],
        ["Sec-WebSocket-Extensions: " + ", ".join(["permessage-deflate; client_max_window_bits"] * 300)],
        ["Sec-WebSocket-Protocol: " + ", ".join(["x"] * 3000)],
    ],
    ids=["many", "long", "backslashes", "extensions", "protocols"],
)
def test_a_websocket_that_is_asked_for_at_length_is_answered_at_once(
    either: EndpointOnLoop, headers: list[str]
) -> None:
    with nothing_left_over(either):
        began = time.monotonic()
        with either.send(asked(either, f"GET {PREFIX}/ws HTTP/1.1", *HANDSHAKE, *headers)) as connection:
            assert connection.recv(12) == b"HTTP/1.1 101"
        assert time.monotonic() - began < 0.5


def test_one_connection_has_one_answer(either: EndpointOnLoop, said: list[str]) -> None:
    request = asked(either, f"GET {PREFIX}/ HTTP/1.1", "Connection: keep-alive")
    with nothing_left_over(either):
        assert status(either.ask(request * 100)) == 200
        with either.send(request) as connection:
            assert status(rest(connection)) == 200
    assert said == ["malformed request"]


def test_the_second_request_of_a_connection_is_not_looked_at(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[str] = []
    find = endpoint.server.guard.application.find_handler

    def counted(request: Any, **options: Any) -> Any:
        answered.append(request.path)
        return find(request, **options)

    monkeypatch.setattr(endpoint.server.guard.application, "find_handler", counted)
    endpoint.ask(
        asked(endpoint, f"GET {PREFIX}/ HTTP/1.1") + asked(endpoint, f"GET {PREFIX}/page.js HTTP/1.1") * 50
    )
    for _ in range(20):  # iterations of the loop, in which it would go on
        endpoint.get("/nothing")
    assert answered == ["/"]


def narrow(endpoint: EndpointOnLoop) -> None:
    """The system takes little of an answer that nobody reads, as it does between machines."""
    for sock in endpoint.server.list_sockets():
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)


@pytest.mark.parametrize("packed", [True, False])
def test_an_answer_that_nobody_takes_costs_little_and_ends(
    endpoint: EndpointOnLoop, packed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "RESPONSE_TIMEOUT", 3.0)
    narrow(endpoint)
    encoding = ["Accept-Encoding: gzip"] if packed else []
    request = asked(endpoint, f"GET {PREFIX}{BOKEH} HTTP/1.1", *encoding)
    endpoint.get(PREFIX + BOKEH)
    with nothing_left_over(endpoint), ExitStack() as stack:
        before = megabytes()
        stalled = [stack.enter_context(endpoint.send(request, window=4096)) for _ in range(150)]
        until(lambda: len(endpoint.server.guard.pending) == 150)
        assert is_served(endpoint)
        assert megabytes() - before < 150 * 0.25
        until(lambda: len(endpoint.server.guard.pending) == 0)
        assert len(stalled) == 150


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_takes_an_answer_slowly_gets_all_of_it(
    endpoint: EndpointOnLoop, packed: bool, method: str
) -> None:
    narrow(endpoint)
    expected = endpoint.get(PREFIX + BOKEH, Accept_Encoding="gzip" if packed else "")[1]
    encoding = ["Accept-Encoding: gzip"] if packed else []
    with endpoint.send(
        asked(endpoint, f"{method} {PREFIX}{BOKEH} HTTP/1.1", *encoding), window=4096
    ) as connection:
        response = http.client.HTTPResponse(connection, method=method)
        response.begin()
        assert response.status == 200
        assert response.read() == (expected if method == "GET" else b"")


def test_who_has_an_answer_already_is_told_so(endpoint: EndpointOnLoop) -> None:
    first, _ = endpoint.get(f"{PREFIX}/page.js", Accept_Encoding="gzip")
    again, body = endpoint.get(
        f"{PREFIX}/page.js", Accept_Encoding="gzip", If_None_Match=first.getheader("Etag") or ""
    )
    assert (again.status, body) == (304, b"")
    unpacked, body = endpoint.get(f"{PREFIX}/page.js", If_None_Match=first.getheader("Etag") or "")
    assert unpacked.status == 200
    assert body


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], min(8192, before[1])), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.usefixtures("many_descriptors")
@pytest.mark.parametrize("beginning", ["", "POST /secret/ HTTP/1.1\r\nHost: {}\r\nContent-Length: 9\r\n\r\n"])
def test_of_a_thousand_connections_a_limited_number_stays_open_and_visitors_are_served(
    either: EndpointOnLoop, beginning: str, said: list[str]
) -> None:
    most = limits.MAX_RESPONSES if beginning else limits.MAX_PENDING_CONNECTIONS
    with nothing_left_over(either):
        before = megabytes()
        with ExitStack() as stack:
            request = beginning.format(either.host).encode()
            crowd = [stack.enter_context(either.send(request)) for _ in range(1000)]
            assert is_served(either)
            gone = sum(is_closed(each, within=5) for each in crowd[: 1000 - most])
            assert gone == 1000 - most
            assert not is_closed(crowd[-1], within=0.01)
            assert megabytes() - before < 50
    many = "responses in progress" if beginning else "connections"
    assert said == [f"too many {many}"]


@pytest.mark.usefixtures("many_descriptors")
def test_many_strangers_cannot_cut_off_a_client_with_the_link(
    endpoint: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_PENDING_CONNECTIONS", 50)
    narrow(endpoint)
    expected = endpoint.get(PREFIX + BOKEH)[1]
    with (
        endpoint.send(asked(endpoint, f"GET {PREFIX}{BOKEH} HTTP/1.1"), window=4096) as slow,
        ExitStack() as stack,
    ):
        assert slow.recv(1) == b"H"
        for _ in range(200):
            stack.enter_context(endpoint.send(b""))
        until(lambda: len(endpoint.server.guard.pending) <= 51)
        assert rest(slow).endswith(b"\r\n\r\n" + expected)
        assert len(expected) > 1_000_000


def test_of_many_who_join_at_once_so_many_a_second_come_in_and_others_beside_them(
    monkeypatch: pytest.MonkeyPatch, said: list[str]
) -> None:
    for name, value in {
        "JOIN_RATE": 40,
        "JOIN_BURST": 60,
        "CLIENT_JOIN_RATE": 1,
        "CLIENT_JOIN_BURST": 30,
    }.items():
        monkeypatch.setattr(limits, name, value)
    endpoint = EndpointOnLoop()
    try:
        join = asked(endpoint, f"GET {PREFIX}/ws HTTP/1.1", *HANDSHAKE)
        with nothing_left_over(endpoint), ExitStack() as stack:
            crowd = [stack.enter_context(endpoint.send(join)) for _ in range(200)]
            answers = [each.recv(12)[-3:] for each in crowd]
            assert answers.count(b"429") + answers.count(b"101") == 200
            assert 30 <= answers.count(b"101") <= 35
            with endpoint.send(join, source="127.0.0.2") as other:
                assert other.recv(12) == b"HTTP/1.1 101"
    finally:
        endpoint.end()
    assert said == ["too many new pages per second"]


def test_altogether_so_many_a_second_join(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"JOIN_RATE": 0.1, "JOIN_BURST": 20}.items():
        monkeypatch.setattr(limits, name, value)
    endpoint = EndpointOnLoop()
    try:
        join = asked(endpoint, f"GET {PREFIX}/ws HTTP/1.1", *HANDSHAKE)
        with ExitStack() as stack:
            crowd = [
                stack.enter_context(endpoint.send(join, source=f"127.0.0.{1 + each}")) for each in range(60)
            ]
            assert [each.recv(12)[-3:] for each in crowd].count(b"101") == 20
    finally:
        endpoint.end()


TRICKS = [
    "/..", "/../", "/../../../../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd",
    "/..\\..\\etc\\passwd", "/..%5c..%5cetc%5cpasswd", "/%252e%252e/etc/passwd", "/....//etc/passwd",
    "//etc/passwd", "/./page.js", "/page.js/..", "/page.js%00", "/page.js%0d%0aX:1", "/page.js/", "/PAGE.JS",
    "/web/page.js", "/../bokeh_share/limits.py", "/limits.py", f"/bokeh/{bokeh.__version__}/../page.js",
    f"/bokeh/{bokeh.__version__}/..%2f..%2fserver.min.js", f"/bokeh/{bokeh.__version__}/compiler.min.js",
    f"/bokeh/%2e%2e/{bokeh.__version__}/bokeh.min.js", "/static/extensions/ours/../hidden.js",
    "/static/extensions/ours/..%2fhidden.js", "/static/extensions/ours/%2e%2e/hidden.js",
    "/static/extensions/ours/..%5chidden.js", "/static/extensions/ours//etc/passwd",
    "/static/extensions/ours/%2fetc/passwd", "/static/extensions/ours/link.js",
    "/static/extensions/ours/shown.js%00.css", "/static/extensions/../ours/shown.js",
    "/static/extensions/ours/" + "a/" * 2000, "/static/extensions/ours/" + "%61" * 2000,
]  # fmt: skip


@pytest.fixture(params=[PREFIX, ""], ids=["token", "none"])
def tricked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EndpointOnLoop]:
    """A share with an extension, beside whose folder there is a file that is none of its own."""
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "shown.js").write_text("shown")
    (tmp_path / "hidden.js").write_text("hidden")
    (tmp_path / "ours" / "link.js").symlink_to(tmp_path / "hidden.js")
    extension_dirs["ours"] = tmp_path / "ours"
    served_packages.add("ours")  # as if an app had needed it
    endpoint = EndpointOnLoop(prefix=request.param)
    yield endpoint
    endpoint.end()
    del extension_dirs["ours"]
    served_packages.discard("ours")


@pytest.mark.parametrize("path", TRICKS)
def test_no_path_leads_out_of_the_folder(tricked: EndpointOnLoop, path: str) -> None:
    answer = tricked.ask(asked(tricked, f"GET {tricked.prefix}{path} HTTP/1.1"))
    assert status(answer) == 404
    assert answer.endswith(b"\r\n\r\n")


def test_what_an_extension_has_is_there(tricked: EndpointOnLoop) -> None:
    answer = tricked.ask(asked(tricked, f"GET {tricked.prefix}/static/extensions/ours/shown.js HTTP/1.1"))
    assert status(answer) == 200
    assert b"shown" in answer


@pytest.mark.parametrize(
    "path",
    [
        "/x/../secret/", "/./secret/", "//secret/", "/secret", "/%73ecret/", "/secret%2f", "/secret;/",
        "/secret\\",
        "/SECRET/", "/secret\xe4/", "/secret%00/", "http://127.0.0.1/secret/", "http:secret/", "secret/", "*",
        "/secre\xb7/", "/%2573ecret/", "/secret%", "/?/secret/", "/#/secret/",
    ],
)  # fmt: skip
def test_the_token_has_one_spelling(endpoint: EndpointOnLoop, path: str) -> None:
    for request in ("GET {} HTTP/1.1", "GET {} HTTP/1.0", "POST {} HTTP/1.1", "BREW {} HTTP/1.1"):
        answer = endpoint.ask(asked(endpoint, request.format(path)))
        if path == "/secret":
            assert status(answer) in (301, 403, 405)
        else:
            assert (request, status(answer)) == (request, 404)
            assert answer.endswith(b"\r\n\r\n")


EVIL = [
    "evil.example:{port}", "evil.example", "127.0.0.1:1", "127.0.0.1", "127.0.0.1.evil.example:{port}",
    "localhost.:{port}", "127.0.0.2:{port}", "[::1%25lo]:{port}", "user@127.0.0.1:{port}", "0.0.0.0:{port}",
    "2130706433:{port}", "",
]  # fmt: skip
ELSEWHERE = [
    "http://evil.example", "null", "", "http://{host}/", "https://{host}", "http://{host}, http://evil",
    "http://{host}.evil", "file://",
]  # fmt: skip


@pytest.mark.parametrize("host", EVIL)
@pytest.mark.parametrize("ask", ["page", "file", "websocket"])
def test_by_another_name_nothing_is_shown(
    tricked: EndpointOnLoop, host: str, ask: str, said: list[str]
) -> None:
    path = {"page": "/", "file": "/page.js", "websocket": "/ws"}[ask]
    named = host.format(port=tricked.port)
    for origin in ([], [f"Origin: http://{named}"], [f"Origin: http://{tricked.host}"]):
        request = asked(
            tricked,
            f"GET {tricked.prefix}{path} HTTP/1.1",
            f"Host: {named}",
            *origin,
            *(HANDSHAKE if ask == "websocket" else ()),
        )
        for _ in range(2):
            answer = tricked.ask(request)
            assert status(answer) in ({400, 421} if tricked.prefix else {400, 404})
            assert b"Plots" not in answer
            assert b"function" not in answer
    assert tricked.broadcaster.count == 0
    assert said in (["request with an unknown host name"], ["malformed request"])


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "LOCALHOST:{port}", "localhost:{port}", "[::1]:{port}"])
def test_by_each_name_of_its_own_the_page_is_shown(tricked: EndpointOnLoop, host: str) -> None:
    request = asked(tricked, f"GET {tricked.prefix}/ HTTP/1.1", f"Host: {host.format(port=tricked.port)}")
    assert status(tricked.ask(request)) == 200


@pytest.mark.parametrize("origin", ELSEWHERE)
def test_a_page_from_elsewhere_opens_no_websocket_and_sends_nothing(
    tricked: EndpointOnLoop, origin: str, said: list[str]
) -> None:
    named = f"Origin: {origin.format(host=tricked.host)}"
    for line, headers in [
        (f"GET {tricked.prefix}/ws HTTP/1.1", HANDSHAKE),
        (f"POST {tricked.prefix}/ HTTP/1.1", ["Content-Length: 0"]),
        (f"DELETE {tricked.prefix}/ HTTP/1.1", []),
    ]:
        answer = tricked.ask(asked(tricked, line, named, *headers))
        assert status(answer) == 403
        assert answer.endswith(b"\r\n\r\n")
    assert said == ["request from a page of another origin"]


@pytest.mark.parametrize("origins", [["Origin: http://evil", "Origin: http://{host}"], []])
def test_without_a_secret_part_a_websocket_has_to_say_where_its_page_is_from(origins: list[str]) -> None:
    endpoint = EndpointOnLoop(prefix="")
    try:
        named = [each.format(host=endpoint.host) for each in origins]
        assert status(endpoint.ask(asked(endpoint, "GET /ws HTTP/1.1", *HANDSHAKE, *named))) == 403
    finally:
        endpoint.end()


def test_the_content_of_a_request_is_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    endpoint = EndpointOnLoop(password=Password(PasswordHash.from_password("opensesame"), b"secret"))
    try:
        password = endpoint.access.rules.password
        assert password is not None
        session_token = password.issue_session_token()
        cookie = f"Cookie: {endpoint.access.rules.cookie_name}={session_token}"
        form = b"password=opensesame&next="
        login = ["Content-Length: " + str(len(form)), "Content-Type: application/x-www-form-urlencoded"]
        assert (
            status(endpoint.ask(asked(endpoint, f"POST {PREFIX}/login HTTP/1.1", *login, body=form))) == 303
        )
        assert status(endpoint.ask(asked(endpoint, f"GET {PREFIX}/ HTTP/1.1", cookie))) == 200
        assert (
            status(endpoint.ask(asked(endpoint, f"GET {PREFIX}/ HTTP/1.1", cookie, f"X {session_token}")))
            == 400
        )
        with endpoint.send(asked(endpoint, f"GET {PREFIX}/ws HTTP/1.1", cookie, *HANDSHAKE)) as viewer:
            assert viewer.recv(12) == b"HTTP/1.1 101"
    finally:
        endpoint.end()
    text = "\n".join(each.getMessage() for each in caplog.records)
    assert not [
        each for each in (PREFIX, "opensesame", session_token, session_token.split(".")[1]) if each in text
    ]


def test_a_flood_of_requests_leaks_no_memory(endpoint: EndpointOnLoop) -> None:
    request = asked(endpoint, f"GET {PREFIX}/ HTTP/1.1")
    for _ in range(300):
        endpoint.ask(request)
    before = megabytes()
    with nothing_left_over(endpoint):
        threads = [
            threading.Thread(target=lambda: [endpoint.ask(request) for _ in range(500)]) for _ in range(4)
        ]
        for each in threads:
            each.start()
        while any(each.is_alive() for each in threads):
            assert is_served(endpoint)
        for each in threads:
            each.join()
    gc.collect()
    assert megabytes() - before < 10
