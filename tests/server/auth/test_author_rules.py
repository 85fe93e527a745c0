"""The places from which requests of the author may come, without a socket."""

from __future__ import annotations

from typing import Any

import pytest

from bokeh_share.server.auth.author_rules import AuthorRules

RULES = AuthorRules(
    frozenset({"http://localhost:5006", "http://127.0.0.1:5006", "https://hub.example.org"}),
    frozenset({"https://plots.example.org"}),
)
HERE: dict[str, Any] = {
    "host": "localhost:5006",
    "remote_ip": "127.0.0.1",
    "origin": "http://localhost:5006",
    "needs_origin": True,
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"remote_ip": "::1"},
        {"origin": "http://127.0.0.1:5006"},
        {"host": "LOCALHOST:5006"},
        {"host": "hub.example.org", "origin": "https://hub.example.org"},
        {"host": "plots.example.org", "origin": "https://plots.example.org", "remote_ip": "10.0.0.9"},
        {"origin": None, "needs_origin": False},
    ],
)
def test_the_author_comes_from_this_machine_or_by_the_public_url(change: dict[str, Any]) -> None:
    assert RULES.allows(**{**HERE, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"remote_ip": "10.0.0.9"},
        {"remote_ip": ""},
        {"remote_ip": "10.0.0.9", "host": "hub.example.org", "origin": "https://hub.example.org"},
        {"host": "10.0.0.1:5006", "origin": "http://10.0.0.1:5006"},
        {"host": "localhost"},
        {"host": ""},
        {"origin": None},
        {"origin": "http://localhost:8888"},
        {"origin": "http://evil.example", "needs_origin": False},
        {"origin": "null", "needs_origin": False},
        {"remote_ip": "10.0.0.9", "host": "plots.example.org"},
    ],
)
def test_a_request_from_elsewhere_is_not_the_authors(change: dict[str, Any]) -> None:
    assert not RULES.allows(**{**HERE, **change})


def test_without_rules_nobody_is_the_author() -> None:
    assert not AuthorRules().allows(**HERE)
