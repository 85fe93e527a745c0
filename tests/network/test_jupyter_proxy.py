from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from bokeh_share.network.host_probe import HostProbe
from bokeh_share.network.jupyter_proxy import (
    NotebookServer,
    build_host_origins,
    find_browser_host,
    find_notebook_server,
    has_proxy,
)

LAB: dict[str, Any] = {
    "base_url": "/",
    "hostname": "localhost",
    "pid": 17,
    "port": 8888,
    "secure": False,
    "token": "geheim",
    "url": "http://localhost:8888/",
}
HERE = {"http://localhost:8888", "http://127.0.0.1:8888", "http://[::1]:8888"}
HUB = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ada/", "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:8888/user/ada/"}
CONTEXT = "/user/ada/proxy/5006"


def found(
    environ: dict[str, str], about: dict[str, Any] | None = None, parents: tuple[int, ...] = (17,)
) -> NotebookServer | None:
    """The server, with what it says of itself in the file of process 17."""

    def read(path: Path) -> str:
        if about is None or path != Path("/run/jpserver-17.json"):
            raise FileNotFoundError(path)
        return json.dumps(about)

    return find_notebook_server(HostProbe(environ), Path("/run"), parents, read_text=read)


def test_a_plain_jupyter_is_known_by_its_file() -> None:
    server = found({}, LAB)
    assert server is not None
    route = server.build_route(5007, "/x8")
    assert (route.url, route.context_path) == ("http://localhost:8888/proxy/5007/x8/", "/proxy/5007")
    assert route.audience == "through Jupyter, which asks for its login"
    assert route.origins == HERE
    assert "geheim" not in repr(server)


def test_one_that_listens_on_the_network_has_that_origin_alone() -> None:
    about = {**LAB, "hostname": "0.0.0.0", "url": "https://Desk:8888/lab-of-ada/", "base_url": "/lab-of-ada/"}
    server = found({}, about | {"secure": True})
    assert server is not None
    assert server.local_url == "https://0.0.0.0:8888"
    route = server.build_route(5006, "")
    assert (route.url, route.origins) == ("https://Desk:8888/lab-of-ada/proxy/5006/", {"https://desk:8888"})


def test_without_a_server_there_is_no_route() -> None:
    assert found({}) is None
    assert found({}, LAB, parents=(18, 1)) is None
    assert find_notebook_server(HostProbe({}), None, (17,)) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"url": 7}', "{"])
def test_a_file_that_says_nothing_is_none(text: str) -> None:
    assert find_notebook_server(HostProbe({}), Path("/run"), (17,), read_text=lambda path: text) is None


def test_on_a_hub_the_link_begins_at_the_root() -> None:
    server = found(HUB)
    assert server is not None
    assert server.local_url == "http://0.0.0.0:8888/user/ada/"
    route = server.build_route(5006, "/x8")
    assert (route.url, route.context_path, route.origins) == (f"{CONTEXT}/x8/", CONTEXT, frozenset())
    assert route.audience == "through the Hub, which asks for a login"


def test_a_hub_that_tells_its_public_address_has_a_whole_link() -> None:
    server = found({**HUB, "JUPYTERHUB_PUBLIC_URL": "https://hub.example.com/user/ada/"}, LAB)
    assert server is not None
    assert (server.local_url, server.token) == ("http://localhost:8888", "geheim")
    route = server.build_route(5006, "/x8")
    assert route.url == f"https://hub.example.com{CONTEXT}/x8/"
    assert route.origins == {"https://hub.example.com"}


@pytest.mark.parametrize("url", ["hub.example.com", "https://hub.example.com/user/eve/", "javascript:1"])
def test_a_public_address_of_something_else_is_not_believed(url: str) -> None:
    server = found({**HUB, "JUPYTERHUB_PUBLIC_URL": url})
    assert server is not None
    assert server.build_route(5006, "/x8").url == f"{CONTEXT}/x8/"


def test_binder_asks_for_a_token() -> None:
    server = found({**HUB, "BINDER_LAUNCH_HOST": "https://binder.example.org/"})
    assert server is not None
    assert server.build_route(5006, "/x8").audience == "through Binder, which asks for its token"


@contextmanager
def answering(status: int) -> Iterator[tuple[NotebookServer, list[tuple[str, str]]]]:
    """A server that gives this status, and the paths and tokens that it is asked with."""
    asked: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization", "")))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            inside = f"http://0.0.0.0:{server.server_address[1]}"
            yield NotebookServer("/user/ada/", inside, token="geheim"), asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "answer"), [(200, True), (302, True), (404, False), (403, None), (500, None)]
)
def test_the_server_is_asked_whether_it_has_the_proxy(status: int, answer: bool | None) -> None:
    with answering(status) as (server, asked):
        assert has_proxy(server) is answer
    assert asked == [("/user/ada/server-proxy/servers-info", "token geheim")]


@pytest.mark.parametrize("inside", ["", "http://127.0.0.1:9", "http://hub.invalid:8888", "http://localhost"])
def test_one_that_does_not_answer_or_is_not_here_tells_nothing(inside: str) -> None:
    assert has_proxy(NotebookServer("/", inside, token="geheim")) is None


PAGE = {"Host": "hub.example.com", "X-ProxyContextPath": CONTEXT}


def test_a_request_that_came_through_tells_the_host() -> None:
    assert find_browser_host(PAGE, peer="127.0.0.1", context_path=CONTEXT) == "hub.example.com"
    own = {**PAGE, "Host": "[::1]:8888", "Origin": "http://[::1]:8888"}
    assert find_browser_host(own, peer="::1", context_path=CONTEXT) == "[::1]:8888"


@pytest.mark.parametrize(
    ("headers", "peer"),
    [
        (PAGE, "10.0.0.9"),
        ({**PAGE, "X-ProxyContextPath": "/user/eve/proxy/5006"}, "127.0.0.1"),
        ({"Host": "hub.example.com"}, "127.0.0.1"),
        ({**PAGE, "Origin": "https://evil.example.com"}, "127.0.0.1"),
        ({**PAGE, "Origin": "null"}, "127.0.0.1"),
        ({**PAGE, "Host": ""}, "127.0.0.1"),
        ({**PAGE, "Host": "hub.example.com, evil.example.com"}, "127.0.0.1"),
        ({**PAGE, "Host": "ada@hub.example.com"}, "127.0.0.1"),
        # A websocket brings no path, so that it tells nothing, whoever sends it.
        ({"Host": "evil.example.com", "Origin": "http://evil.example.com"}, "127.0.0.1"),
    ],
)
def test_any_other_request_tells_nothing(headers: dict[str, str], peer: str) -> None:
    assert find_browser_host(headers, peer=peer, context_path=CONTEXT) is None


def test_whether_a_hub_speaks_tls_is_not_known() -> None:
    assert build_host_origins("hub.example.com") == {"http://hub.example.com", "https://hub.example.com"}
