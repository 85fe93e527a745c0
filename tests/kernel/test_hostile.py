"""Hostile visitors at a real kernel: the author sees nothing of them, and has all that was there before."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
from broadcast.test_connection_hostile import BINARY, CLOSE, CONTINUED, PING, TEXT, frame, packed
from kernel.test_busy import busy, get
from support.endpoint_on_loop import rest
from support.hostile import is_closed
from support.kernel_driver import Kernel, Output, until
from support.plot_ids import id_of
from websockets.exceptions import InvalidStatus

# The limits of our own server do not depend on the versions.
pytestmark = pytest.mark.one_pairing

SERIALIZED = "repr(__import__('bokeh.core.serialization').core.serialization.Serializer().encode(p))"
EVERYTHING = """
import logging
logging.captureWarnings(True)
logging.basicConfig(filename={file!r}, level=1, format="%(name)s %(levelno)s %(message)s", force=True)
for name in [*logging.root.manager.loggerDict]:
    logger = logging.getLogger(name)
    logger.handlers, logger.level, logger.propagate, logger.disabled = [], 1, True, False
logging.root.manager._clear_cache()
# The kernel itself says at this level what its cells are and put out.
logging.root.handlers[0].addFilter(lambda record: record.name != "IPKernelApp")
"""


class Stranger:
    """Sends what it likes to the share at `url`, with its session token if it has one."""

    def __init__(self, url: str, session_token: str = "") -> None:
        self.link = urlsplit(url)
        self.cookies = [f"Cookie: bokeh_share_{self.link.port}={session_token}"] if session_token else []

    def send(self, data: bytes, *, window: int | None = None) -> socket.socket:
        connection = socket.socket()
        if window is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.settimeout(20)
        connection.connect(("127.0.0.1", self.link.port))
        with contextlib.suppress(OSError):
            if self.link.scheme == "https" and not data.startswith(b"\x16"):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                connection = context.wrap_socket(connection)
            connection.sendall(data)
        return connection

    def request(self, line: str = "GET {} HTTP/1.1", *headers: str, path: str = "") -> bytes:
        named = [] if any(each.startswith("Host") for each in headers) else [f"Host: {self.link.netloc}"]
        lines = [line.format(self.link.path + path), *named, *self.cookies, *headers, "", ""]
        return "\r\n".join(lines).encode("latin1")

    def handshake(self, *headers: str) -> bytes:
        key = "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
        upgrade = ("Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", key)
        return self.request("GET {} HTTP/1.1", *upgrade, *headers, path="ws")

    def says(self) -> Iterator[bytes]:
        """One thing after the other, each on a connection of its own."""
        yield from (b"\0" * 70_000, b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01" + b"x" * 600, b"\r\n" * 36_000)
        yield self.request() * 50
        yield self.request("GET {}\0 HTTP/1.1")
        yield self.request("GET {} HTTP/1.1", "no colon")
        yield self.request("GET {} HTTP/1.1", "Host: evil.example")
        yield self.request("GET {} HTTP/1.1", f"Cookie: bokeh_share_{self.link.port}=" + "\\1" * 7000)
        yield self.request("GET {} HTTP/1.1", *[f"X-{number}: {'x' * 90}" for number in range(300)])
        yield self.request("POST {} HTTP/1.1", "Content-Length: 99999999")
        yield self.request("POST {} HTTP/1.1", "Transfer-Encoding: chunked") + b"zz\r\n"
        yield (
            self.request("POST {} HTTP/1.1", "Content-Type: multipart/form-data", "Content-Length: 3")
            + b"abc"
        )
        yield self.request("POST {} HTTP/1.1", "Origin: http://evil.example", "Content-Length: 0")
        yield from (self.request(path=path) for path in ("..", "%2e%2e/", "static/extensions/x/../y", "%00"))
        yield self.handshake("Sec-WebSocket-Version: 8")
        yield self.handshake(*[f"X-{number}: x" for number in range(1000)])
        yield self.handshake("Cookie: " + "x" * 9000)
        yield self.handshake("Origin: http://evil.example")
        yield from (self.handshake() + b"\xff" * size for size in (1, 1000, 30_000))

    def frames(self) -> Iterator[bytes]:
        """What is sent over a websocket that is open."""
        yield frame(TEXT, json.dumps({"resend": id_of("c1", "cell")}).encode()) * 200
        yield frame(TEXT, b"[" * 1000) + frame(BINARY, b"x") + frame(TEXT, b"x" * 2000)
        yield frame(PING, b"x" * 125) * 1000
        yield frame(CONTINUED, b"x")
        yield frame(TEXT, packed(bytes(10**6)), reserved=4)
        yield frame(TEXT, fin=False) + frame(CONTINUED, fin=False) * 5000
        yield frame(TEXT, b"{}", masked=False)
        yield frame(CLOSE, b"\x03\xe8\xff")
        yield b"\xff" * 30_000

    def storm(self) -> None:
        """All of it."""
        for data in self.says():
            with self.send(data) as connection, contextlib.suppress(TimeoutError, OSError):
                connection.settimeout(0.3)
                rest(connection)
        for data in self.frames():
            deflate = "Sec-WebSocket-Extensions: permessage-deflate"
            with self.send(self.handshake(deflate)) as connection, contextlib.suppress(TimeoutError, OSError):
                connection.recv(1000)
                connection.settimeout(0.3)
                connection.sendall(data)
                rest(connection)


def process(kernel: Kernel) -> psutil.Process:
    return psutil.Process(int(kernel.ask("__import__('os').getpid()")))


def megabytes(kernel: Kernel) -> float:
    kernel.run("import gc; _ = gc.collect()", silent=True)
    return float(process(kernel).memory_info().rss) / 1e6


def silent(kernel: Kernel) -> bool:
    return not any(output.stderr for output in kernel.outputs)


@pytest.mark.parametrize("options", ["", "--no-token", "--tls"])
@pytest.mark.parametrize("state", ["idle", "computes", "sleeps"])
def test_the_author_sees_nothing_of_it_and_viewers_are_served(
    kernel: Kernel, tmp_path: Path, options: str, state: str
) -> None:
    kernel.run("%load_ext bokeh_share", "c0")
    kernel.run(f"%bokeh_share {options}", "c0")
    kernel.run("p = fig('there')\nshow(p)", "c1")
    url, captured = kernel.url, kernel.ask(SERIALIZED)
    before, plots = process(kernel).num_fds(), kernel.ask("len(__import__('bokeh_share').share().plots)")
    with ExitStack() as stack:
        if state != "idle":
            stack.enter_context(busy(kernel, tmp_path, way=state))
        Stranger(url).storm()
        assert options == "--tls" or get(url).status == 200
    until(lambda: process(kernel).num_fds() <= before, what="descriptors")
    output = kernel.run("print('quiet')", "c2")
    assert output.stdout == "quiet\n"
    assert silent(kernel)
    assert kernel.ask(SERIALIZED) == captured
    assert kernel.ask("len(__import__('bokeh_share').share().plots)") == plots
    if options != "--tls":
        with kernel.watch(url) as viewer:
            viewer.shows(["there"])


def login(stranger: Stranger, password: str) -> tuple[bytes, str]:
    """The answer, and the session token if there is one."""
    form = f"password={password}&next=".encode()
    kind = "Content-Type: application/x-www-form-urlencoded"
    asked = stranger.request("POST {} HTTP/1.1", kind, f"Content-Length: {len(form)}", path="login")
    with stranger.send(asked + form) as connection:
        answer = rest(connection)
    found = re.search(rb"Set-Cookie: [^=]+=([^;]+)", answer)
    return answer, found[1].decode() if found else ""


def test_no_log_of_any_level_has_secrets_and_each_kind_is_logged_once(fresh: Kernel, tmp_path: Path) -> None:
    kernel, log = fresh, tmp_path / "log"
    kernel.run("%load_ext bokeh_share", "c0")
    kernel.run(EVERYTHING.format(file=str(log)), silent=True)
    kernel.run("import os; os.environ['BOKEH_SHARE_PASSWORD'] = 'open sesame'", silent=True)
    kernel.run("%bokeh_share --password", "c0")
    kernel.run("show(fig('private title'))", "c1")
    stranger = Stranger(kernel.url)
    _, session_token = login(stranger, "open+sesame")
    assert session_token
    assert b" 401 " in login(stranger, "open+barley")[0]
    colleague = Stranger(kernel.url, session_token)
    for state in ("idle", "computes"):
        with ExitStack() as stack:
            if state != "idle":
                stack.enter_context(busy(kernel, tmp_path, way=state))
            stranger.storm()
            colleague.storm()
            with colleague.send(colleague.handshake()) as viewer:
                assert viewer.recv(12) == b"HTTP/1.1 101"
            with colleague.send(colleague.request("GET {} HTTP/1.1", f"X {session_token}")) as bad:
                assert b" 400 " in rest(bad)
    kernel.run("%bokeh_share --stop", "c0")
    text = log.read_text(errors="replace")
    prefix = stranger.link.path.strip("/")
    for secret in (
        prefix,
        "sesame",
        "barley",
        session_token,
        session_token.split(".")[1],
        session_token.split(".")[2],
    ):
        assert secret not in text
    lines = [line for line in text.splitlines() if "visitor refused" in line]
    kinds = [re.sub(r", and \d+ more.*", "", line) for line in lines]
    assert 5 <= len(kinds) == len(set(kinds)) <= 14
    assert not [line for line in text.splitlines() if line.startswith(("tornado", "websockets"))]
    assert not [line for line in text.splitlines() if re.match(r"\S+ [345]0 ", line)]


@pytest.mark.parametrize("state", ["idle", "computes"])
def test_memory_and_descriptors_come_back_after_floods(kernel: Kernel, tmp_path: Path, state: str) -> None:
    url = kernel.share()
    kernel.run("import numpy as np; p = figure(); p.line(np.arange(1e5), np.arange(1e5)); show(p)", "c1")
    stranger, before = Stranger(url), process(kernel).num_fds()
    flood(stranger, 300)
    until(lambda: process(kernel).num_fds() <= before, what="descriptors")
    memory = megabytes(kernel)
    with ExitStack() as stack:
        if state != "idle":
            stack.enter_context(busy(kernel, tmp_path, way=state))
        flood(stranger, 1000)
    until(lambda: process(kernel).num_fds() <= before, what="descriptors")
    assert megabytes(kernel) - memory < 30
    assert kernel.ask("len(__import__('asyncio').all_tasks(get_ipython().kernel.io_loop.asyncio_loop))") < 30
    until(lambda: gets_plots(kernel, url), what="a page that may join")
    assert silent(kernel)


def gets_plots(kernel: Kernel, url: str) -> bool:
    """Return False while a flood has used up the joins of its address."""
    try:
        with kernel.watch(url) as viewer:
            viewer.until(lambda: viewer.in_step)
    except InvalidStatus as refusal:
        if refusal.response.status_code != 429:
            raise
        return False
    return True


def flood(stranger: Stranger, many: int) -> None:
    """So many connections of each kind, which nobody reads."""
    for data in (b"", stranger.request(), stranger.request(path="page.js"), stranger.handshake()):
        with ExitStack() as stack:
            for _ in range(many):
                stack.enter_context(stranger.send(data, window=4096))


@pytest.mark.parametrize("work", ["x = 0", "x = sum(range(3_000_000))"])
def test_a_flood_of_requests_holds_no_cell_up_for_long(kernel: Kernel, work: str) -> None:
    stranger = Stranger(kernel.share())
    quiet = took(kernel, work)
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError), stranger.send(stranger.request()) as connection:
                rest(connection)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    try:
        flooded = took(kernel, work)
    finally:
        over.set()
        for each in threads:
            each.join()
    print(f"{work}: {quiet:.3f} s, {flooded:.3f} s in a flood")
    assert flooded < quiet * 5 + 0.5


def took(kernel: Kernel, work: str) -> float:
    """The median of some runs, with the way there and back."""
    times = []
    for _ in range(7):
        began = time.monotonic()
        output: Output = kernel.run(work, "c1")
        assert output.ended
        times.append(time.monotonic() - began)
    return sorted(times)[3]


def test_who_does_not_end_a_handshake_is_cut_off(kernel: Kernel) -> None:
    kernel.run("%load_ext bokeh_share\n", "c0")
    kernel.run("import bokeh_share.limits; bokeh_share.limits.IDLE_TIMEOUT = 0.5", silent=True)
    try:
        kernel.run("%bokeh_share --tls", "c0")
        port = kernel.port
        for beginning in (b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(beginning)
                assert is_closed(connection, within=10)
        assert silent(kernel)
    finally:
        kernel.run("bokeh_share.limits.IDLE_TIMEOUT = 10.0", silent=True)
