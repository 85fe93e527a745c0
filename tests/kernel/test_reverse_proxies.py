"""The configuration blocks of docs/networks.md, each in the real program in front of a real share."""

from __future__ import annotations

import gzip
import http.client
import re
import ssl
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import bokeh
import pytest
from bokeh.util.paths import bokehjs_path
from support.app_viewer import watching_app
from support.kernel_driver import Kernel
from support.reverse_proxies import (
    PROXIES,
    VARIANTS,
    ReverseProxy,
    Setup,
    find_free_port,
    make_certificate,
    read_share_options,
    replace,
)
from support.viewer import watching

# What passes a proxy are addresses, headers and frames; plots only have to be there.
pytestmark = pytest.mark.one_pairing
PASSWORD = "open sesame"
TREND = "from bokeh_share import share\ndef trend(days: int = 7): return fig(f'{days} days')\nshare(trend)"
COUNTER = """
from bokeh.models import Button, Div
from bokeh_share import share

def counter(doc):
    text, button = Div(text="0", name="text"), Button(name="button")
    button.on_click(lambda: text.update(text=str(int(text.text) + 1)))
    doc.add_root(text)
    doc.add_root(button)

share(counter)
"""
AWAY = (502, 503)
"""Statuses of a proxy behind which nobody listens."""


@dataclass
class Behind:
    """A share behind a proxy."""

    kernel: Kernel
    proxy: ReverseProxy
    setup: Setup
    trusted: ssl.SSLContext
    link: str = ""
    """The link for colleagues, which leads through the proxy."""

    def share(self, options: str = "") -> str:
        """Share as the document says, at the ports of this test; the link that the card shows first."""
        changes = {
            "--port 5006": f"--port {self.setup.share_port}",
            "https://plots.example.org/": f"https://localhost:{self.setup.port}/",
        }
        self.link = self.kernel.share(f"{replace(read_share_options(), changes)} {options}")
        return self.link

    def ask(
        self, url: str, method: str = "GET", body: str | None = None, **headers: str
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """The answer to one request; redirects are not followed."""
        parts = urlsplit(url)
        connection = http.client.HTTPSConnection(
            "localhost", self.setup.port, timeout=30, context=self.trusted
        )
        try:
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            names = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, names)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@pytest.fixture(params=[*VARIANTS])
def proxy(request: pytest.FixtureRequest) -> ReverseProxy:
    return VARIANTS[request.param]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    folder = tmp_path / "proxy"
    folder.mkdir()
    certificate, trusted = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setattr(urllib.request, "_opener", None)  # it keeps the authorities that it has read
    return Setup(folder, find_free_port(), find_free_port(), certificate)


@pytest.fixture
def unproxied(kernel: Kernel, proxy: ReverseProxy, setup: Setup, tmp_path: Path) -> Behind:
    """A share, and a proxy that does not run yet."""
    behind = Behind(kernel, proxy, setup, ssl.create_default_context(cafile=tmp_path / "authority.pem"))
    behind.share()
    return behind


@pytest.fixture
def behind(unproxied: Behind) -> Iterator[Behind]:
    with unproxied.proxy.run(unproxied.setup):
        yield unproxied


def test_page_and_websocket_come_through(behind: Behind) -> None:
    kernel, link = behind.kernel, behind.link
    assert re.fullmatch(rf"https://localhost:{behind.setup.port}/sales/[\w-]{{22}}/", link)
    assert f"{link}  (for colleagues)" in kernel.card
    kernel.run("show(fig('first'))", "c1")
    status, headers, body = behind.ask(link)
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert b"data-state" in body
    with watching(link) as viewer:
        viewer.shows(["first"])
        kernel.run("show(fig('second'))", "c1")
        viewer.shows(["second"])
    status, headers, _ = behind.ask(link.removesuffix("/"))
    assert (status, headers["Location"]) == (301, link.rsplit("/", 2)[1] + "/")


def test_a_script_is_compressed_once_and_comes_whole(behind: Behind) -> None:
    url = f"{behind.link}bokeh/{bokeh.__version__}/bokeh.min.js"
    status, headers, body = behind.ask(url, Accept_Encoding="gzip, br, zstd")
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert gzip.decompress(body) == (Path(bokehjs_path()) / "js" / "bokeh.min.js").read_bytes()


def test_an_app_comes_through(behind: Behind) -> None:
    behind.kernel.run(TREND, "c1")
    behind.kernel.run(COUNTER, "c2")
    assert behind.ask(f"{behind.link}trend?days=30")[0] == 200
    with watching_app(behind.link, "trend", "days=30") as app:
        assert app.titles == ["30 days"]
    with watching_app(behind.link, "counter") as app:
        app.click(app.find("button"))
        app.wait(lambda: app.find("text").text == "1", what="the answer to the click")


def test_the_password_is_asked_for_and_its_cookie_is_for_https(behind: Behind) -> None:
    kernel = behind.kernel
    kernel.run("show(fig('first'))", "c1")
    kernel.run(TREND, "c2")
    kernel.run(f"import os; os.environ['BOKEH_SHARE_PASSWORD'] = {PASSWORD!r}")
    try:
        link = behind.share("--password")
    finally:
        kernel.run("del os.environ['BOKEH_SHARE_PASSWORD']")
    for path in ("", "page.js", "trend", "trend/token"):
        assert behind.ask(link + path)[0] == 401
    form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": link.partition("/sales")[0]}
    assert behind.ask(f"{link}login", "POST", urlencode({"password": "wrong"}), **form)[0] == 401
    status, headers, _ = behind.ask(f"{link}login", "POST", urlencode({"password": PASSWORD}), **form)
    assert (status, headers["Location"]) == (303, "./")
    cookie, *rest = (part.strip() for part in headers["Set-Cookie"].split(";"))
    assert sorted(rest) == ["HttpOnly", "SameSite=Strict", "Secure"]
    assert behind.ask(link, Cookie=cookie)[0] == 200
    with watching(link, additional_headers={"Cookie": cookie}) as viewer:
        viewer.shows(["first"])
    with watching_app(link, "trend", cookie=cookie) as app:
        assert app.titles == ["7 days"]


def test_the_saved_link_works_again_at_once_and_no_log_has_it(behind: Behind) -> None:
    kernel, link = behind.kernel, behind.link
    kernel.run("show(fig('first'))", "c1")
    assert behind.ask(link)[0] == 200
    kernel.run("%bokeh_share --stop")
    assert behind.ask(link)[0] in AWAY
    assert behind.share() == link
    assert behind.ask(link)[0] == 200
    with watching(link) as viewer:
        viewer.shows(["first"])
    assert urlsplit(link).path.split("/")[2] not in behind.setup.logs


def test_another_path_or_name_leads_nowhere(behind: Behind) -> None:
    path = urlsplit(behind.link).path
    for other in ("/sales/", "/sales/x/"):
        status, _, body = behind.ask(other)
        assert (status, body) == (404, b"")  # the share's
    for other in ("/", path.removeprefix("/sales"), f"/other{path}"):
        status, _, body = behind.ask(other)
        assert status == behind.proxy.status_elsewhere
        assert b"data-state" not in body
    status, _, body = behind.ask(behind.link, Host="localhost:1")
    assert status == 421
    assert b"has no address with the name" in body


@pytest.mark.parametrize(
    "proxy", [each for each in PROXIES.values() if each.timeouts], ids=lambda each: each.program
)
def test_a_page_and_an_app_that_are_silent_stay_longer_than_the_proxys_timeout(unproxied: Behind) -> None:
    kernel, proxy = unproxied.kernel, unproxied.proxy
    kernel.run("show(fig('first'))", "c1")
    kernel.run(TREND, "c2")
    kernel.run("import bokeh_share.limits as limits; limits.PING_INTERVAL = 0.5")
    link = unproxied.link
    try:
        with proxy.run(unproxied.setup, has_short_timeouts=True), watching(link) as viewer:
            with watching_app(link, "trend") as app:

                def count_heartbeats() -> int:
                    return sum(frame["kind"] == "heartbeat" for frame in viewer.frames)

                viewer.until(lambda: count_heartbeats() >= 10)
                kernel.run("show(fig('second'))", "c1")
                viewer.shows(["second"])
                kernel.run("def trend(days: int = 7): return fig('new')\nshare(trend)", "c2")
                app.wait(lambda: app.titles == ["new"], what="the new version")
                assert app.closed is None
    finally:
        kernel.run("limits.PING_INTERVAL = 20.0")
