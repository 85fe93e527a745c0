"""The access rules over real HTTP: only what is below the prefix, and websockets from our own pages."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import pytest
from support.kernel_driver import Kernel
from support.viewer import watching
from websockets.exceptions import InvalidStatus


def get(
    url: str, path: str, *, method: str = "GET", host: str = "localhost"
) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(host, urlsplit(url).port, timeout=30)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


@pytest.fixture
def url(kernel: Kernel) -> str:
    return kernel.share()


def test_paths_without_the_token_are_not_found_and_reveal_nothing(url: str) -> None:
    prefix = urlsplit(url).path.rstrip("/")
    wrong = prefix[:-1] + ("a" if prefix[-1] != "a" else "b")
    paths = ["/", "/favicon.ico", "/ws", "/page.js", "/bokeh", "/static/js/bokeh.min.js", f"{wrong}/",
             f"{prefix}x/", f"/{prefix}/", f"{prefix.swapcase()}/", "//", "/..;/", "/%2e%2e/"]  # fmt: skip
    for path in paths:
        for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT"):
            status, headers, body = get(url, path, method=method)
            assert (path, method, status, body) == (path, method, 404, b"")
            assert "Server" not in headers
            assert "Etag" not in headers


def test_below_the_prefix_only_what_the_page_needs_is_there(url: str) -> None:
    prefix = urlsplit(url).path
    for path in ("static/", "page.py", "../page.js", "bokeh/bokeh.min.js", "ws", "metadata", "autoload.js"):
        status, headers, body = get(url, prefix + path)
        assert (path, status, body) == (path, 404, b"")
        assert "Server" not in headers


def test_responses_of_the_page_close_their_connection_and_send_no_referrer(url: str) -> None:
    prefix = urlsplit(url).path
    for path in ("", "page.js", "page.css"):
        status, headers, body = get(url, prefix + path)
        assert (status, body != b"") == (200, True)
        assert headers["Connection"] == "close"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "Server" not in headers


def test_the_link_without_its_last_slash_leads_to_the_page(url: str) -> None:
    path = urlsplit(url).path
    status, headers, _ = get(url, path.rstrip("/"))
    assert status == 301
    assert f"/{headers['Location']}" == path


def test_the_page_is_the_same_at_each_loopback_address(url: str) -> None:
    path = urlsplit(url).path
    hosts = ["127.0.0.1", "localhost"]
    assert {get(url, path, host=host)[0] for host in hosts} == {200}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_websocket_from_our_own_page_is_let_in(url: str, host: str) -> None:
    with watching(url, origin=f"http://{host}:{urlsplit(url).port}") as viewer:
        assert viewer.in_step


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "http://localhost", "https://localhost:{port}", "http://localhost:1", "null",
     "http://localhost.evil.example:{port}", "http://evil.example:{port}"],
)  # fmt: skip
def test_a_websocket_from_somebody_elses_page_is_refused(url: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        with watching(url, origin=origin.format(port=urlsplit(url).port)):
            pass
    assert refusal.value.response.status_code == 403


def test_a_websocket_outside_the_prefix_is_not_there(url: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        with watching(f"http://localhost:{urlsplit(url).port}/"):
            pass
    assert refusal.value.response.status_code == 404


def test_requests_are_not_printed_into_the_notebook(kernel: Kernel, url: str) -> None:
    get(url, "/nothing")
    get(url, urlsplit(url).path + "nothing")
    output = kernel.run("print('quiet')", "c1")
    assert output.stdout == "quiet\n"
    assert not any(each.stderr for each in kernel.outputs)
