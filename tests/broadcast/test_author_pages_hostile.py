"""Websockets of the author's pages on real sockets: nobody else controls the share."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from support.endpoint_on_loop import EndpointOnLoop, header
from support.looks import look
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from bokeh_share import limits
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.server.auth.password import Password, PasswordHash
from bokeh_share.wire.close_codes import CloseCode

pytestmark = pytest.mark.one_pairing  # messages, without plots

PAUSE = json.dumps({"do": "pause", "number": 1}, separators=(",", ":"))


class Control:
    """The share, which records what the author's pages ask for."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def execute(self, command: Any, answer: Any) -> None:
        self.commands.append(command.name)
        answer("done", "", "")

    def describe(self) -> Mapping[str, Any]:
        return {"link": "http://h/"}


@pytest.fixture
def control() -> Control:
    return Control()


@pytest.fixture
def share(control: Control) -> Iterator[EndpointOnLoop]:
    password = Password(PasswordHash.from_password("open sesame"), b"secret")
    endpoint = EndpointOnLoop(author_control=control, password=password)
    yield endpoint
    endpoint.end()


def login(share: EndpointOnLoop) -> str:
    password = share.access.rules.password
    assert password is not None
    return f"{share.access.rules.cookie_name}={password.issue_session_token()}"


def author_cookie(share: EndpointOnLoop) -> str:
    author = share.access.author
    return f"{author.cookie_name}={author.exchange(author.issue_code())}"


def watch(
    share: EndpointOnLoop,
    cookie: str,
    *,
    query: str = "?author",
    origin: str | None = "own",
    compression: str | None = "deflate",
) -> ClientConnection:
    origin = f"http://{share.host}" if origin == "own" else origin
    headers = {"Cookie": cookie}
    return share.watch(query, origin=origin, additional_headers=headers, compression=compression)


def kinds(page: ClientConnection, until: str) -> list[str]:
    """The kinds of messages, up to the first of this kind."""
    found: list[str] = []
    while not found or found[-1] != until:
        found.append(header(page.recv(10))["kind"])
    return found


def is_author(page: ClientConnection) -> bool:
    """A page of the author gets its state before the answer to a command; a viewer gets neither."""
    page.send(PAUSE)
    page.send('{"resend":"k1"}')
    received = []
    while True:
        try:
            received.append(header(page.recv(0.3))["kind"])
        except TimeoutError:
            break
    assert ("author" in received) == ("answer" in received)
    return "author" in received


def test_with_the_cookie_and_an_own_origin_it_is_a_page_of_the_author(
    share: EndpointOnLoop, control: Control
) -> None:
    with watch(share, author_cookie(share)) as page:
        assert kinds(page, "author") in (["page", "author"], ["author"])
        page.send(PAUSE)
        assert kinds(page, "answer")
    assert control.commands == ["pause"]


@pytest.mark.parametrize("lack", ["cookie", "valid cookie", "origin", "query", "revoked cookie"])
def test_without_a_part_of_it_it_is_a_page_of_a_viewer(
    share: EndpointOnLoop, control: Control, lack: str
) -> None:
    cookie = author_cookie(share)
    if lack == "revoked cookie":
        share.access.author.revoke_all()
    cookie = {"cookie": "", "valid cookie": f"{cookie}x"}.get(lack, cookie)
    origin = None if lack == "origin" else "own"
    query = "" if lack == "query" else "?author"
    with watch(share, f"{login(share)}; {cookie}", query=query, origin=origin) as page:
        assert not is_author(page)
    assert control.commands == []


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:1", "null"])
def test_a_page_of_another_origin_gets_no_websocket_of_the_author(share: EndpointOnLoop, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal, watch(share, author_cookie(share), origin=origin):
        pass
    assert refusal.value.response.status_code == 403


def test_a_viewer_who_speaks_as_the_author_changes_nothing(share: EndpointOnLoop, control: Control) -> None:
    spot = {"plot": "k1", "model": "k1.5", "x": 1, "y": 2}
    with watch(share, author_cookie(share)) as author, watch(share, login(share)) as viewer:
        kinds(author, "author")
        for message in (
            {"do": "start_presenting", "number": 1},
            {"present": {"in_view": ["k1"]}},
            {"do": "pin", "number": 2, "spot": spot, "text": "forged"},
            {"do": "stop", "number": 3},
        ):
            viewer.send(json.dumps(message, separators=(",", ":")))
        author.send(PAUSE)
        kinds(author, "answer")
        with pytest.raises(TimeoutError):
            while True:
                assert header(viewer.recv(0.3))["kind"] == "page"
    assert control.commands == ["pause"]


def test_pages_of_the_author_are_no_viewers(share: EndpointOnLoop) -> None:
    share.broadcaster.viewer_limit.update(1)
    with watch(share, author_cookie(share)) as author, watch(share, login(share)) as viewer:
        kinds(viewer, "page")
        kinds(author, "author")
        share.until(lambda: share.broadcaster.count == 1)
        with watch(share, login(share)) as late, pytest.raises(ConnectionClosed) as end:
            late.recv(10)
        assert end.value.rcvd is not None
        assert end.value.rcvd.code == CloseCode.TOO_MANY_VIEWERS


def test_a_new_password_closes_viewers_and_not_the_author(share: EndpointOnLoop) -> None:
    with watch(share, author_cookie(share)) as author, watch(share, login(share)) as viewer:
        kinds(author, "author"), kinds(viewer, "page")
        share.broadcaster.close_viewers(code=CloseCode.PASSWORD_REQUIRED, reason="The author set a password")
        with pytest.raises(ConnectionClosed):
            while True:
                viewer.recv(10)
        author.send(PAUSE)
        kinds(author, "answer")
        share.broadcaster.close_viewers(code=CloseCode.SHARE_ENDED, reason="the author made a new link")
        with pytest.raises(ConnectionClosed):
            while True:
                author.recv(10)


def test_the_author_sees_viewers_and_sends_one_away(share: EndpointOnLoop) -> None:
    def see(author: ClientConnection, count: int) -> list[dict[str, Any]]:
        while True:
            message = header(author.recv(10))
            if message["kind"] == "author" and len(message["viewers"]) == count:
                return list(message["viewers"])

    with (
        watch(share, author_cookie(share)) as author,
        watch(share, login(share)) as first,
        watch(share, login(share)) as second,
    ):
        kinds(first, "page"), kinds(second, "page")
        (one, two) = see(author, 2)
        assert (one["host"], one["slow"], one["app"]) == (share.host, False, False)
        assert one["viewer"] < two["viewer"]
        author.send(
            json.dumps({"do": "send_away", "number": 1, "viewer": one["viewer"]}, separators=(",", ":"))
        )
        with pytest.raises(ConnectionClosed) as end:
            while True:
                first.recv(10)
        assert end.value.rcvd is not None
        assert (end.value.rcvd.code, end.value.rcvd.reason) == (
            CloseCode.SENT_AWAY,
            "the author closed this page",
        )
        assert see(author, 1) == [two]


def test_the_page_of_an_app_is_shown_as_such_and_gets_no_plots(share: EndpointOnLoop) -> None:
    share.show(Page("Plots").put(PlotKey("name", "p"), look("a"), now=1))
    with watch(share, author_cookie(share)) as author, watch(share, login(share), query="?app=") as viewer:
        assert header(viewer.recv(10))["plots"] == []
        kinds(author, "plot")
        while True:
            message = header(author.recv(10))
            if message["kind"] == "author" and message["viewers"]:
                break
        assert message["viewers"][0]["app"]
        with pytest.raises(TimeoutError):
            viewer.recv(0.2)


@pytest.mark.parametrize(("size", "code"), [(70_000, 1009), (60_000, 1008)])
def test_a_page_of_the_author_is_limited_too(share: EndpointOnLoop, size: int, code: int) -> None:
    page = watch(share, author_cookie(share), compression=None)
    with page, pytest.raises(ConnectionClosed) as end:
        for _ in range(100):
            page.send('{"do":"' + "x" * size)
        while True:
            page.recv(10)
    received = end.value.rcvd
    assert received is None or received.code == code, "or it was still sending when it was closed"


def test_the_number_of_the_authors_pages_is_limited(
    share: EndpointOnLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_AUTHOR_PAGES", 1)
    with watch(share, author_cookie(share)) as first:
        kinds(first, "author")
        with watch(share, author_cookie(share)) as second, pytest.raises(ConnectionClosed):
            while True:
                second.recv(10)
