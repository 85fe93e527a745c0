"""Decisions of the access rules, without a socket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bokeh_share.network.origins import build_origins
from bokeh_share.server.auth.password import Password, PasswordHash
from bokeh_share.server.auth.rules import AccessRules, Decision, RequestFacts

PREFIX = "/x8secret"
ORIGINS = build_origins("http", ["10.0.0.7", "localhost", "[fe80::7]", "Laptop"], 5006)
RULES = AccessRules(PREFIX, ORIGINS)
ASKED = RequestFacts(path=f"{PREFIX}/", host="10.0.0.7:5006")
OURS = replace(ASKED, has_side_effects=True, origin="http://10.0.0.7:5006")


def test_what_is_below_the_prefix_is_let_in() -> None:
    for rest in ("", "/", "/ws", "/bokeh/1/bokeh.min.js"):
        assert RULES.decide(replace(ASKED, path=PREFIX + rest)) is Decision.ALLOWED
        assert RULES.strip_prefix(PREFIX + rest) == rest


@pytest.mark.parametrize(
    "path",
    ["/", "", "/x8secre", "/x8secretx/", "/X8SECRET/", "//x8secret/", "/./x8secret/", "/x/../x8secret/",
     "/%78%38secret/", "http://10.0.0.7:5006/x8secret/", "*", "/x8secret%2f",
     "\\x8secret\\", "/x8\u017fecret/"],
)  # fmt: skip
def test_any_other_path_is_not_found(path: str) -> None:
    for asked in (ASKED, OURS, replace(ASKED, host="evil.example")):
        assert RULES.decide(replace(asked, path=path)) is Decision.NOT_FOUND


@pytest.mark.parametrize(
    "host", ["10.0.0.7:5006", "localhost:5006", "[fe80::7]:5006", "laptop:5006", "LAPTOP:5006"]
)
def test_it_goes_by_the_names_that_it_announces(host: str) -> None:
    assert RULES.decide(replace(ASKED, host=host)) is Decision.ALLOWED


@pytest.mark.parametrize(
    "host",
    ["evil.example:5006", "10.0.0.7", "10.0.0.7:5007", "10.0.0.7.evil.example:5006", "", "localhost",
     "10.0.0.7:05006", "evil.example@10.0.0.7:5006", "10.0.0.7:5006.", "10.0.0.7:5006,evil.example"],
)  # fmt: skip
def test_an_unknown_host_name_is_refused_even_with_the_right_link(host: str) -> None:
    assert RULES.decide(replace(ASKED, host=host)) is Decision.UNKNOWN_HOST
    assert RULES.decide(replace(OURS, host=host)) is Decision.UNKNOWN_HOST


@pytest.mark.parametrize("origin", sorted(ORIGINS))
def test_a_page_of_ours_may_open_a_websocket(origin: str) -> None:
    assert RULES.decide(replace(OURS, origin=origin)) is Decision.ALLOWED


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://10.0.0.7:5006", "http://10.0.0.7", "http://10.0.0.7:5007", "null", "",
     "http://10.0.0.7:5006.evil.example", "HTTP://10.0.0.7:5006", "http://10.0.0.7:5006/", "10.0.0.7:5006"],
)  # fmt: skip
def test_a_request_from_a_foreign_origin_is_refused(origin: str) -> None:
    assert RULES.decide(replace(OURS, origin=origin)) is Decision.FOREIGN_ORIGIN


def test_a_page_from_elsewhere_may_fetch_what_it_cannot_read() -> None:
    assert RULES.decide(replace(ASKED, origin="http://evil.example")) is Decision.ALLOWED


def test_a_program_without_an_origin_has_to_know_the_prefix() -> None:
    assert RULES.decide(replace(OURS, origin=None)) is Decision.ALLOWED
    short = AccessRules("", ORIGINS)
    assert short.decide(replace(OURS, path="/ws")) is Decision.ALLOWED
    assert short.decide(replace(OURS, path="/ws", origin=None)) is Decision.FOREIGN_ORIGIN


def test_without_a_prefix_another_name_is_told_nothing() -> None:
    assert AccessRules("", ORIGINS).decide(RequestFacts("/", "evil.example:5006")) is Decision.NOT_FOUND


def test_the_usual_port_need_not_be_named() -> None:
    assert build_origins("http", ["a"], 80) == {"http://a"}
    assert build_origins("https", ["a", "b"], 443) == {"https://a", "https://b"}
    assert build_origins("http", ["a"], 443) == {"http://a:443"}
    rules = AccessRules(PREFIX, build_origins("https", ["plots.example.org"], 443))
    for host in ("plots.example.org", "plots.example.org:443"):
        assert rules.decide(replace(ASKED, host=host)) is Decision.ALLOWED
    assert rules.decide(replace(ASKED, host="plots.example.org:80")) is Decision.UNKNOWN_HOST


def test_the_path_of_a_public_url_may_be_left_on_or_not() -> None:
    rules = AccessRules(PREFIX, ORIGINS, base_path="/plots/sales")
    for path in (f"/plots/sales{PREFIX}/page.js", f"{PREFIX}/page.js"):
        assert rules.decide(replace(ASKED, path=path)) is Decision.ALLOWED
        assert rules.strip_prefix(path) == "/page.js"
    for path in (f"/plots{PREFIX}/", f"/plots/sales/plots/sales{PREFIX}/", f"/plots/salesx{PREFIX}/"):
        assert rules.decide(replace(ASKED, path=path)) is Decision.NOT_FOUND


def test_where_https_is_spoken_http_is_not_let_in_and_a_stranger_is_told_nothing() -> None:
    rules = replace(RULES, tls=True)
    plain = replace(ASKED, is_plain_http=True)
    assert rules.decide(ASKED) is Decision.ALLOWED
    assert rules.decide(plain) is Decision.HTTP_ON_TLS_PORT
    assert rules.decide(replace(plain, path="/")) is Decision.NOT_FOUND
    assert rules.decide(replace(plain, host="evil.example")) is Decision.UNKNOWN_HOST


def test_with_a_password_all_below_the_prefix_needs_a_session_token() -> None:
    password = Password(PasswordHash.from_password("open sesame"), b"secret")
    rules = replace(RULES, password=password)
    session_token = password.issue_session_token()
    for rest in (
        "/",
        "/ws",
        "/page.js",
        "/trend",
        "/trend/socket",
        "/static/extensions/panel/x.js",
        "/login",
    ):
        for asked in (ASKED, OURS):
            there = replace(asked, path=PREFIX + rest)
            assert rules.decide(there) is Decision.LOGIN_REQUIRED
            assert rules.decide(replace(there, session_tokens=("x",))) is Decision.LOGIN_REQUIRED
            assert rules.decide(replace(there, session_tokens=(session_token,))) is Decision.ALLOWED
            assert rules.decide(replace(there, session_tokens=("x", session_token, "y"))) is Decision.ALLOWED
    # that only leads to the page
    assert rules.decide(replace(ASKED, path=PREFIX)) is Decision.ALLOWED
    # a session token does not replace the other rules
    assert (
        rules.decide(replace(OURS, origin="http://evil.example", session_tokens=(session_token,)))
        is Decision.FOREIGN_ORIGIN
    )
    assert rules.decide(replace(ASKED, path="/", session_tokens=(session_token,))) is Decision.NOT_FOUND


def test_the_prefix_is_in_no_repr() -> None:
    assert "secret" not in repr(RULES)
