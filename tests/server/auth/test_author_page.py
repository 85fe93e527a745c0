"""The author's link on real sockets: the code becomes a cookie, for browsers on this machine only."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPResponse

import pytest
from support.endpoint_on_loop import EndpointOnLoop

from bokeh_share.server.auth.password import Password, PasswordHash

pytestmark = pytest.mark.one_pairing  # HTTP, without plots


@pytest.fixture
def share() -> Iterator[EndpointOnLoop]:
    endpoint = EndpointOnLoop()
    yield endpoint
    endpoint.end()


@pytest.fixture
def locked() -> Iterator[EndpointOnLoop]:
    endpoint = EndpointOnLoop(password=Password(PasswordHash.from_password("open sesame"), b"secret"))
    yield endpoint
    endpoint.end()


def ask(
    share: EndpointOnLoop, query: str, method: str = "GET", **headers: str
) -> tuple[int, HTTPResponse, bytes]:
    headers.setdefault("Host", share.host)
    if method == "POST":
        headers.setdefault("Origin", f"http://{share.host}")
    response, body = share.get(f"{share.prefix}/{query}", method, **headers)
    return response.status, response, body


def known(response: HTTPResponse, body: bytes) -> tuple[object, ...]:
    """All that a client learns, but for the nonce of the page."""
    headers = {name: value for name, value in response.getheaders() if name not in ("Date", "Content-Length")}
    nonce = headers.get("Content-Security-Policy", "").partition("'nonce-")[2].partition("'")[0]
    hidden = {name: value.replace(nonce or "\0", "") for name, value in headers.items() if name != "Etag"}
    return response.status, hidden, body.replace(nonce.encode() or b"\0", b"")


def test_a_code_becomes_a_cookie_and_is_worth_nothing_afterwards(share: EndpointOnLoop) -> None:
    code = share.access.author.issue_code()
    for method in ("GET", "HEAD", "GET"):  # by a mail scanner, a preview and a browser
        status, response, body = ask(share, f"?author={code}", method)
        assert status == 200
        assert (b"author" in body) == (method == "GET")
        assert code.encode() not in body
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Set-Cookie"] is None
    status, response, body = ask(share, f"?author={code}", "POST")
    assert (status, body) == (204, b"")
    (cookie, *rest) = (part.strip() for part in response.headers["Set-Cookie"].split(";"))
    name, _, token = cookie.partition("=")
    assert name == share.access.author.cookie_name
    assert share.access.author.is_valid_token(token)
    # without a path it is for what is below the prefix, as the browser sees that
    assert sorted(rest) == ["HttpOnly", "SameSite=Strict"]
    assert ask(share, f"?author={code}", "POST")[0] == 405
    assert known(*ask(share, f"?author={code}")[1:]) == known(*ask(share, "?author=x")[1:])


def test_a_request_without_a_valid_code_cannot_tell_that_there_is_such_a_thing(
    share: EndpointOnLoop, locked: EndpointOnLoop
) -> None:
    for endpoint in (share, locked):
        for query in ("?author=", "?author=x", "?author", "?author=x&author=y", "?author=%00"):
            for method in ("GET", "HEAD", "POST"):
                other = query.replace("author", "beyond")
                expected, seen = (known(*ask(endpoint, each, method)[1:]) for each in (other, query))
                assert str(seen).replace("author", "") == str(expected).replace("beyond", "").replace(
                    "author", ""
                )


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Host": "evil.example"},
    ],
)
def test_a_valid_code_is_worth_nothing_to_another_origin_or_host(
    share: EndpointOnLoop, headers: dict[str, str]
) -> None:
    code = share.access.author.issue_code()
    status, response, _ = ask(share, f"?author={code}", "POST", **headers)
    assert status in (403, 421)
    assert response.headers["Set-Cookie"] is None
    assert share.access.author.is_valid_code(code)


def test_a_program_needs_an_origin_too(share: EndpointOnLoop) -> None:
    code = share.access.author.issue_code()
    request = (
        f"POST {share.prefix}/?author={code} HTTP/1.1\r\nHost: {share.host}\r\nContent-Length: 0\r\n\r\n"
    )
    assert share.ask(request.encode()).startswith(b"HTTP/1.1 405 ")
    assert share.access.author.is_valid_code(code)


def test_the_author_needs_no_password(locked: EndpointOnLoop) -> None:
    assert ask(locked, "")[0] == 401
    code = locked.access.author.issue_code()
    assert ask(locked, f"?author={code}")[0] == 200
    cookie = ask(locked, f"?author={code}", "POST")[1].headers["Set-Cookie"].partition(";")[0]
    for path in ("?author", "page.js", "login/state"):
        assert ask(locked, path, Cookie=cookie)[0] in (200, 204)
    assert ask(locked, "page.js", Cookie=f"{cookie}x")[0] == 401
    assert ask(locked, "page.js", Cookie=cookie, Origin="http://evil.example")[0] == 401
    locked.access.author.revoke_all()
    assert ask(locked, "page.js", Cookie=cookie)[0] == 401


def test_the_files_of_the_authors_page_are_there_for_the_author_only(share: EndpointOnLoop) -> None:
    author = share.access.author
    cookie = f"{author.cookie_name}={author.exchange(author.issue_code())}"
    for name in ("author.js", "author.css"):
        assert ask(share, name, Cookie=cookie)[0] == 200
        other = name.replace("author", "beyond")
        for method in ("GET", "HEAD", "POST"):
            assert known(*ask(share, name, method)[1:]) == known(*ask(share, other, method)[1:])
    assert b"data-author" in ask(share, "?author", Cookie=cookie)[2]
    for answer in (ask(share, "", Cookie=cookie), ask(share, "?author")):
        assert b"data-author" not in answer[2], "the author can see what viewers see"


def test_no_repr_has_a_code_or_token(share: EndpointOnLoop) -> None:
    author = share.access.author
    code = author.issue_code()
    token = author.exchange(author.issue_code()) or ""
    text = f"{vars(author)} {author!r} {share.access!r} {share.access.rules!r}"
    assert code not in text
    assert token not in text
