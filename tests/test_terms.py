"""Who is let in, without a socket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bokeh_share.server.auth.password import Lock, PasswordHash
from bokeh_share.server.auth.rules import Asked, Terms, Verdict, origins_of

PREFIX = "/x8secret"
ORIGINS = origins_of("http", ["10.0.0.7", "localhost", "[fe80::7]", "Laptop"], 5006)
TERMS = Terms(PREFIX, ORIGINS)
ASKED = Asked(path=f"{PREFIX}/", host="10.0.0.7:5006")
OURS = replace(ASKED, acts=True, origin="http://10.0.0.7:5006")


def test_what_is_below_the_prefix_is_let_in() -> None:
    for rest in ("", "/", "/ws", "/bokeh/1/bokeh.min.js"):
        assert TERMS.judge(replace(ASKED, path=PREFIX + rest)) is Verdict.INSIDE
        assert TERMS.inside(PREFIX + rest) == rest


@pytest.mark.parametrize(
    "path",
    ["/", "", "/x8secre", "/x8secretx/", "/X8SECRET/", "//x8secret/", "/./x8secret/", "/x/../x8secret/",
     "/%78%38secret/", "http://10.0.0.7:5006/x8secret/", "*", "/x8secret%2f",
     "\\x8secret\\", "/x8\u017fecret/"],
)  # fmt: skip
def test_everything_else_is_nowhere(path: str) -> None:
    for asked in (ASKED, OURS, replace(ASKED, host="evil.example")):
        assert TERMS.judge(replace(asked, path=path)) is Verdict.NOWHERE


@pytest.mark.parametrize(
    "host", ["10.0.0.7:5006", "localhost:5006", "[fe80::7]:5006", "laptop:5006", "LAPTOP:5006"]
)
def test_it_goes_by_the_names_that_it_announces(host: str) -> None:
    assert TERMS.judge(replace(ASKED, host=host)) is Verdict.INSIDE


@pytest.mark.parametrize(
    "host",
    ["evil.example:5006", "10.0.0.7", "10.0.0.7:5007", "10.0.0.7.evil.example:5006", "", "localhost",
     "10.0.0.7:05006", "evil.example@10.0.0.7:5006", "10.0.0.7:5006.", "10.0.0.7:5006,evil.example"],
)  # fmt: skip
def test_by_another_name_even_the_right_link_leads_nowhere(host: str) -> None:
    assert TERMS.judge(replace(ASKED, host=host)) is Verdict.MISNAMED
    assert TERMS.judge(replace(OURS, host=host)) is Verdict.MISNAMED


@pytest.mark.parametrize("origin", sorted(ORIGINS))
def test_a_page_of_ours_may_open_a_websocket(origin: str) -> None:
    assert TERMS.judge(replace(OURS, origin=origin)) is Verdict.INSIDE


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", "https://10.0.0.7:5006", "http://10.0.0.7", "http://10.0.0.7:5007", "null", "",
     "http://10.0.0.7:5006.evil.example", "HTTP://10.0.0.7:5006", "http://10.0.0.7:5006/", "10.0.0.7:5006"],
)  # fmt: skip
def test_a_page_from_elsewhere_may_not(origin: str) -> None:
    assert TERMS.judge(replace(OURS, origin=origin)) is Verdict.FOREIGN


def test_a_page_from_elsewhere_may_fetch_what_it_cannot_read() -> None:
    assert TERMS.judge(replace(ASKED, origin="http://evil.example")) is Verdict.INSIDE


def test_a_program_without_an_origin_has_to_know_the_prefix() -> None:
    assert TERMS.judge(replace(OURS, origin=None)) is Verdict.INSIDE
    short = Terms("", ORIGINS)
    assert short.judge(replace(OURS, path="/ws")) is Verdict.INSIDE
    assert short.judge(replace(OURS, path="/ws", origin=None)) is Verdict.FOREIGN


def test_without_a_prefix_another_name_is_told_nothing() -> None:
    assert Terms("", ORIGINS).judge(Asked("/", "evil.example:5006")) is Verdict.NOWHERE


def test_the_usual_port_need_not_be_named() -> None:
    assert origins_of("http", ["a"], 80) == {"http://a"}
    assert origins_of("https", ["a", "b"], 443) == {"https://a", "https://b"}
    assert origins_of("http", ["a"], 443) == {"http://a:443"}
    terms = Terms(PREFIX, origins_of("https", ["plots.example.org"], 443))
    for host in ("plots.example.org", "plots.example.org:443"):
        assert terms.judge(replace(ASKED, host=host)) is Verdict.INSIDE
    assert terms.judge(replace(ASKED, host="plots.example.org:80")) is Verdict.MISNAMED


def test_the_path_of_a_public_url_may_be_left_on_or_not() -> None:
    terms = Terms(PREFIX, ORIGINS, base="/plots/sales")
    for path in (f"/plots/sales{PREFIX}/page.js", f"{PREFIX}/page.js"):
        assert terms.judge(replace(ASKED, path=path)) is Verdict.INSIDE
        assert terms.inside(path) == "/page.js"
    for path in (f"/plots{PREFIX}/", f"/plots/sales/plots/sales{PREFIX}/", f"/plots/salesx{PREFIX}/"):
        assert terms.judge(replace(ASKED, path=path)) is Verdict.NOWHERE


def test_where_https_is_spoken_http_is_not_let_in_and_a_stranger_is_told_nothing() -> None:
    terms = replace(TERMS, tls=True)
    plain = replace(ASKED, plain=True)
    assert terms.judge(ASKED) is Verdict.INSIDE
    assert terms.judge(plain) is Verdict.PLAIN
    assert terms.judge(replace(plain, path="/")) is Verdict.NOWHERE
    assert terms.judge(replace(plain, host="evil.example")) is Verdict.MISNAMED


def test_with_a_password_all_below_the_prefix_needs_a_ticket() -> None:
    lock = Lock(PasswordHash.of("open sesame"), b"secret")
    terms = replace(TERMS, lock=lock)
    ticket = lock.ticket()
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
            assert terms.judge(there) is Verdict.LOCKED
            assert terms.judge(replace(there, tickets=("x",))) is Verdict.LOCKED
            assert terms.judge(replace(there, tickets=(ticket,))) is Verdict.INSIDE
            assert terms.judge(replace(there, tickets=("x", ticket, "y"))) is Verdict.INSIDE
    # that only leads to the page
    assert terms.judge(replace(ASKED, path=PREFIX)) is Verdict.INSIDE
    # a ticket does not stand for the rest
    assert terms.judge(replace(OURS, origin="http://evil.example", tickets=(ticket,))) is Verdict.FOREIGN
    assert terms.judge(replace(ASKED, path="/", tickets=(ticket,))) is Verdict.NOWHERE


def test_the_prefix_is_in_no_repr() -> None:
    assert "secret" not in repr(TERMS)
