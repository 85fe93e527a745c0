"""The rules in force, and which logins requests have under them."""

from __future__ import annotations

from dataclasses import replace

from support.http_requests import request_with

from bokeh_share.server.auth.access_control import AccessControl
from bokeh_share.server.auth.password import Password, PasswordHash
from bokeh_share.server.auth.rules import AccessRules, Decision, RequestFacts

RULES = AccessRules("/x8secret", frozenset({"http://10.0.0.7:5006"}), cookie_name="bokeh_share_5006")


def test_before_there_are_rules_nothing_is_let_in() -> None:
    access = AccessControl()
    assert access.rules.decide(RequestFacts("/", host="10.0.0.7:5006")) is Decision.NOT_FOUND
    assert (access.certificate, access.has_password) == (None, False)


def test_of_its_cookies_a_request_gives_those_of_this_port_each_once() -> None:
    access = AccessControl(RULES)
    cookies = "bokeh_share_5007=a.b; bokeh_share_5006=c.d;bokeh_share_5006=e-f"
    cookies += "; x_bokeh_share_5006=g, bokeh_share_5006=c.d"
    assert access.read_session_tokens(request_with(Cookie=cookies)) == ("c.d", "e-f")
    access.update(replace(RULES, cookie_name="bokeh_share_5007"), None)
    assert access.read_session_tokens(request_with(Cookie=cookies)) == ("a.b",)


def test_only_tokens_of_the_password_in_force_are_valid() -> None:
    password = Password(PasswordHash.from_password("opensesame"), b"secret")
    token = password.issue_session_token()
    request = request_with(Cookie=f"bokeh_share_5006={token}; bokeh_share_5006=made.up")
    access = AccessControl(RULES)
    assert access.read_valid_session_tokens(request) == ()
    access.update(replace(RULES, password=password), None)
    assert access.has_password
    assert access.read_session_tokens(request) == (token, "made.up")
    assert access.read_valid_session_tokens(request) == (token,)
    password.revoke(token)
    assert access.read_valid_session_tokens(request) == ()
    other = Password(PasswordHash.from_password("another"), b"other secret")
    access.update(replace(RULES, password=other), None)
    assert access.read_valid_session_tokens(request) == ()
