"""What viewers and strangers can get of the author's machine, byte for byte: what they were given."""

from __future__ import annotations

import base64
import getpass
import json
import platform
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import bokeh
import pytest
from support.app_viewer import ask, watching_app
from support.hosts import can_make_namespaces
from support.kernel_driver import Kernel, until
from support.plot_ids import id_of
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from bokeh_share.network.origins import build_origins
from bokeh_share.server.assets import BOKEHJS_PARTS, PAGE_FILES
from bokeh_share.server.auth.access_control import AccessControl
from bokeh_share.server.auth.guard import AccessGuard
from bokeh_share.server.auth.rules import AccessRules
from bokeh_share.server.pending_connections import PendingConnections

SECRETS = ("marker-home", "marker-user", "marker-host", "marker-folder", "marker-cell", "marker_variable",
           "marker_bound", "marker-value", "marker-message", "marker_function")  # fmt: skip
NOTHING = {"connection", "content-type", "content-length", "date"}
"""Headers of an answer to somebody who knows nothing."""
HEADERS = NOTHING | {
    "etag", "cache-control", "vary", "location", "content-security-policy", "cross-origin-resource-policy",
    "referrer-policy", "x-content-type-options", "www-authenticate", "retry-after", "set-cookie", "upgrade",
    "transfer-encoding", "sec-websocket-accept", "sec-websocket-protocol", "sec-websocket-version",
}  # fmt: skip

AUTHOR = """
from typing import Literal
from bokeh.layouts import column
from bokeh.models import Button, CustomJS, Slider
from bokeh_share import share

marker_variable = 7
other_marker_variable = fig("a secret plot")
p = fig("sales")
p.on_event("tap", lambda event: None)
show(p)

def trend(kind: Literal["a", "b"] = "a", fail: bool = False, marker_bound: str = "x"):
    def marker_function():
        raise ValueError("marker-message " + str(marker_variable))
    if fail:
        marker_function()
    button, slider = Button(label="go"), Slider(start=0, end=1, value=0)
    button.on_click(marker_function)
    slider.on_change("value", lambda attr, old, new: marker_function())
    return column(button, slider, fig(kind))
_ = share(trend, controls=True, marker_bound="marker-value")
_ = share(lambda: open("/marker-folder/nothing"), name="broken")
"""


class Marked:
    """Runs a kernel where the host has a name of its own, if that can be."""

    def wrap(self, argv: list[str]) -> list[str]:
        if can_make_namespaces() is not None:
            return argv
        return ["unshare", "--uts", "sh", "-c", 'hostname marker-host; exec "$@"', "sh", *argv]


@pytest.fixture
def marked(tmp_path: Path, environment: dict[str, str]) -> Iterator[Kernel]:
    """A kernel on a machine whose private facts are marked, so that they are found in what is sent."""
    folder = tmp_path / "marker-folder"
    home = tmp_path / "marker-home"
    folder.mkdir()
    home.mkdir()
    env = {**environment, "HOME": str(home), "USER": "marker-user", "LOGNAME": "marker-user"}
    env["JPY_SESSION_NAME"] = str(folder / "sales.ipynb")
    kernel = Kernel(folder, host=Marked(), env=env)
    try:
        kernel.run("import os, logging\nlogging.disable()\nos.environ['BOKEH_SHARE_PASSWORD'] = 'x'")
        kernel.share("--title Sales")
        kernel.run(AUTHOR, "marker-cell")
        yield kernel
    finally:
        kernel.end()


def exchange(port: int, request: bytes, *, ends: bool = False) -> bytes:
    """All of the answer, or what comes until the connection ends, which the visitor may do first."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock, suppress(ConnectionError):
        sock.sendall(request)
        if ends:
            sock.shutdown(socket.SHUT_WR)
        while not _is_whole(answer, request) and (data := sock.recv(65536)):
            answer += data
    return answer


def _is_whole(answer: bytes, request: bytes) -> bool:
    head, end, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"Content-Length: (\d+)", head)
    return bool(end) and (request[:5] == b"HEAD " or length is None or len(body) >= int(length[1]))


def request(port: int, path: str, *more: str, method: str = "GET", body: bytes = b"") -> bytes:
    """As bytes; a header in `more` may take the place of the usual one."""
    usual = [f"Host: localhost:{port}", f"Content-Length: {len(body)}"]
    lines = [each for each in usual if not any(other.startswith(each.split(":")[0]) for other in more)]
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, *more])
    return head.encode() + b"\r\n\r\n" + body


def headers_of(answer: bytes) -> set[str]:
    head = answer.partition(b"\r\n\r\n")[0].decode()
    return {line.split(":")[0].lower() for line in head.split("\r\n")[1:]}


def versions() -> set[str]:
    """Of Python and of all packages that are here, but for BokehJS's."""
    found = {each.version for each in distributions()} | {platform.python_version()}
    return {each for each in found if each.count(".") > 1} - {bokeh.__version__}


def check(collected: dict[str, bytes], home: str) -> None:
    """Nothing in all this is a secret; tokens are looked into."""
    texts = {name: _opened(each.decode(errors="replace")) for name, each in collected.items()}
    secrets = {*SECRETS, home, platform.python_implementation(), "site-packages", "Traceback (most",
               "tornado", "ipykernel", "other_marker", "a secret plot"}  # fmt: skip
    if len(getpass.getuser()) > 4:  # or it is too short to tell from other words
        secrets.add(getpass.getuser())
    if len(socket.gethostname()) > 4:
        secrets.add(socket.gethostname())
    leaks = [(name, each) for name, text in texts.items() for each in secrets if each.lower() in text.lower()]
    assert leaks == []
    numbers = versions()
    leaks = [
        (name, each)
        for name, text in texts.items()
        if not name.startswith("file ")  # which have versions of others' code in them
        for each in re.findall(r"(?<![\w.])\d+\.\d+\.\d+(?![\d.])", text)
        if each in numbers
    ]
    assert leaks == []
    unknown = {name: headers_of(each) - HEADERS for name, each in collected.items() if each[:5] == b"HTTP/"}
    assert {name: each for name, each in unknown.items() if each} == {}


def _opened(text: str) -> str:
    """With what its tokens say."""
    parts = re.findall(r"eyJ[A-Za-z0-9_-]+", text)
    return text + "".join(base64.urlsafe_b64decode(each + "===").decode(errors="replace") for each in parts)


def frames_of(url: str, *messages: str | bytes, protocols: Any = None) -> bytes:
    """What a websocket says, in answer to these, until it closes or falls silent."""
    received: list[bytes] = []
    origin: Any = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    address = url.replace("http", "ws", 1)
    with connect(address, origin=origin, subprotocols=protocols, compression=None, max_size=None) as socket_:
        assert socket_.response is not None
        received.append(str(socket_.response.headers).encode())
        try:
            if protocols:  # Bokeh sends first, in three frames
                received += [str(socket_.recv()).encode() for _ in range(3)]
            for message in messages:
                socket_.send(message)
            while True:
                data = socket_.recv(timeout=1)
                received.append(data if isinstance(data, bytes) else data.encode())
        except TimeoutError:
            pass
        except ConnectionClosed as end:
            received.append(repr(end).encode())
    return b"\n".join(received)


def fragments(kind: str, content: Any, number: str = "1") -> list[str]:
    """A message of Bokeh's protocol."""
    return [json.dumps({"msgid": number, "msgtype": kind}), "{}", json.dumps(content)]


def test_viewers_learn_nothing_about_the_machine(marked: Kernel) -> None:
    url, port = marked.url, marked.port
    prefix = urlsplit(url).path
    files = [
        *PAGE_FILES,
        *(f"bokeh/{bokeh.__version__}/{part}.min.js" for part in BOKEHJS_PARTS),
    ]
    collected = {f"file {name}": exchange(port, request(port, prefix + name)) for name in files}
    paths = {
        "the page": "", "an app": "trend", "a wrong choice": "trend?kind=c",
        "a wrong option": "trend?bound=1", "a bound option": "trend?marker=1", "a token": "trend/token",
        "no token": "trend/token?kind=c",
        "a slash": "trend/", "nothing": "nothing", "no app": "sails", "no token of an app": "sails/token",
        "no file": "bokeh/1.2.3/bokeh.min.js", "no part": f"bokeh/{bokeh.__version__}/nothing.min.js",
        "an extension": "static/extensions/panel/package.json", "the state": "login/state",
        "a socket": "trend/socket", "no socket": "sails/socket", "a plain websocket": "ws",
        "an icon": "favicon.ico", "up": "../../../../etc/passwd", "a null": "%00", "no text": "%ff%fe/token",
        "the broken app": "broken",
    }  # fmt: skip
    collected |= {name: exchange(port, request(port, prefix + path)) for name, path in paths.items()}
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "HEAD"):
        for path in ("", "trend", "trend/token", "page.js", "nothing"):
            collected[f"{method} {path}"] = exchange(port, request(port, prefix + path, method=method))
    collected |= {
        "another host": exchange(port, request(port, prefix, "Host: other.test")),
        "another origin": exchange(port, request(port, prefix, "Origin: http://other.test", method="POST")),
        "a long body": exchange(port, request(port, prefix, method="POST", body=b"x" * 100_000)),
        "a long header": exchange(port, request(port, prefix, f"X: {'x' * 100_000}")),
        "no length": exchange(port, request(port, prefix, "Content-Length: many", method="POST")),
        "no websocket": exchange(
            port, request(port, f"{prefix}ws", "Upgrade: websocket", "Connection: Upgrade")
        ),
        "no app's websocket": exchange(
            port, request(port, f"{prefix}trend/socket", "Upgrade: websocket", "Connection: Upgrade")
        ),
    }  # fmt: skip
    collected["frames"] = frames_of(
        f"{url}ws",
        json.dumps({"resend": id_of("marker-cell", "cell")}),
        '{"resend": "k9"}',
        "nothing",
        "{",
        b"\0\xff",
    )
    collected["frames of an old version"] = frames_of(f"{url}ws?epoch=x&version=1")
    wrong = {
        "versions": fragments("SERVER-INFO-REQ", {}),
        "a push": fragments("PUSH-DOC", {"doc": {}}),
        "no patch": fragments("PATCH-DOC", {"events": [{"kind": "Nothing"}]}),
        "no model": fragments("PATCH-DOC", {"events": [
            {"kind": "ModelChanged", "model": {"id": "p1"}, "attr": "x", "new": 1}]}),
        "nothing known": fragments("NOTHING", {}),
        "no JSON": ["{", "}", "x"],
        "bytes": ["\0"],
    }  # fmt: skip
    for app in ("trend", "broken"):
        for name, message in {"pull": [], **wrong}.items():
            token = json.loads(ask(f"{url}{app}/token")[1])["token"]
            asked = [*fragments("PULL-DOC-REQ", {}, "0"), *message]
            collected[f"{app}: {name}"] = frames_of(f"{url}{app}/socket", *asked, protocols=["bokeh", token])
    assert b"this did not work" in collected["trend: versions"]
    token = json.loads(ask(f"{url}trend/token?fail=yes")[1])["token"]
    asked = fragments("PULL-DOC-REQ", {})
    collected["failing"] = frames_of(f"{url}trend/socket", *asked, protocols=["bokeh", token])
    collected["a forged token"] = frames_of(f"{url}trend/socket", protocols=["bokeh", f"{token[:-4]}AAAA"])
    with watching_app(url, "trend") as viewer:
        viewer.click(viewer.document.select_one({"label": "go"}))
        viewer.change(viewer.document.select_one({"start": 0}), value=0.5)
        until(lambda: viewer.take() or viewer.errors, what="an answer to what failed")
        collected["errors"] = "\n".join(viewer.errors).encode()
    assert {each.split(b" ", 2)[1] for each in collected.values() if each.startswith(b"HTTP/")} >= {
        b"200", b"204", b"301", b"400", b"403", b"404", b"405", b"421"}  # fmt: skip
    check(collected, str(marked.folder))


def test_who_knows_the_link_but_no_password_learns_nothing_of_the_machine(marked: Kernel) -> None:
    marked.share("--password")
    port, prefix = marked.port, urlsplit(marked.url).path
    paths = ["", "page.js", "trend", "trend/token", "ws", "nothing", "login", "login/state", "logout",
             f"bokeh/{bokeh.__version__}/bokeh.min.js"]  # fmt: skip
    collected = {
        f"{method} {path}": exchange(port, request(port, prefix + path, method=method))
        for path in paths
        for method in ("GET", "POST", "HEAD", "OPTIONS")
    }
    form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://localhost:{port}"}
    lines = [f"{name}: {value}" for name, value in form.items()]
    for number in range(7):
        asked = request(port, f"{prefix}login", *lines, method="POST", body=b"password=wrong")
        collected[f"try {number}"] = exchange(port, asked)
    assert b" 429 " in collected["try 6"].split(b"\r\n")[0]
    for path in ("ws", "trend/socket", "sails/socket"):
        upgrade = [f"Origin: http://localhost:{port}", "Upgrade: websocket", "Connection: Upgrade"]
        collected[path] = exchange(port, request(port, prefix + path, *upgrade))
    # What is there and what is not can't be told apart, but for the address itself.
    pages = {path: collected[f"GET {path}"].replace(path.encode(), b"") for path in ("page.js", "nothing")}
    assert len({_undated(page) for page in pages.values()}) == 1
    check(collected, str(marked.folder))
    assert not any(name in each for each in collected.values() for name in (b"Sales", b"sales"))


def test_strangers_learn_nothing_at_all(marked: Kernel) -> None:
    port, prefix = marked.port, urlsplit(marked.url).path.rstrip("/")
    wrong = prefix[:-1] + ("a" if prefix[-1] != "a" else "b")
    paths = ["/", "/favicon.ico", "/robots.txt", "/ws", "/login", "/static/js/bokeh.min.js", "/metadata",
             "/trend", f"{wrong}/", f"{wrong}/page.js", f"{wrong}/nothing", f"{wrong}/trend",
             f"{wrong}/trend/token",
             f"{wrong}/trend/socket", f"{wrong}/ws", f"{wrong}/login", f"{wrong}/login/state", prefix[:5],
             f"/{prefix}/", f"{prefix}x/page.js"]  # fmt: skip
    upgrade = ("Upgrade: websocket", "Connection: Upgrade", f"Origin: http://localhost:{port}")
    answers = {
        (path, method, more): exchange(port, request(port, path, *more, method=method))
        for path in paths
        for method in ("GET", "POST", "OPTIONS", "PUT", "PROPFIND")
        for more in ((), ("Host: other.test",), ("Origin: http://other.test",), upgrade)
    }
    assert {_undated(answer) for answer in answers.values()} == {_undated(next(iter(answers.values())))}
    answer = next(iter(answers.values()))
    assert answer.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert answer.endswith(b"\r\n\r\n")
    assert headers_of(answer) == NOTHING
    broken = [
        b"\0",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"CONNECT other.test:443 HTTP/1.1\r\nHost: other.test\r\n\r\n",
        b"GET http://other.test/ HTTP/1.1\r\nHost: other.test\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    ]
    for asked in broken:
        said = exchange(port, asked, ends=True)
        assert said in (b"", b"HTTP/1.1 400 Bad Request\r\n\r\n") or _undated(said) == _undated(answer), asked


def _undated(answer: bytes) -> bytes:
    return re.sub(rb"Date: [^\r]+", b"Date: today", answer)


def test_what_a_stranger_asks_for_is_not_even_looked_for() -> None:
    """One handler answers, whether or not there is such a thing: so it takes as long."""

    class Inside(Application):
        def find_handler(self, request: HTTPServerRequest, **kwargs: Any) -> Any:
            raise AssertionError(f"{request.path} is looked for")

    rules = AccessRules("/right", build_origins("http", ["localhost"], 5006))
    guard = AccessGuard(Inside(), AccessControl(rules), PendingConnections())

    class Stream:
        def closed(self) -> bool:
            return False

    class Connection:
        stream = Stream()

        def __getattr__(self, name: str) -> Any:
            return None

    found = set()
    for path in (
        "/",
        "/wrong/",
        "/wrong/page.js",
        "/wrong/nothing",
        "/wrong/trend/token",
        "/righ",
        "/right2",
    ):
        start, connection = RequestStartLine("GET", path, "HTTP/1.1"), cast(Any, Connection())
        headers = HTTPHeaders({"Host": "localhost:5006"})
        asked = HTTPServerRequest(start_line=start, headers=headers, connection=connection)
        delegate: Any = guard.find_handler(asked)
        found.add(delegate.handler_class)
    assert len(found) == 1
