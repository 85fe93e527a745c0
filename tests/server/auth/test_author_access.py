"""The author's one-time codes and session tokens."""

from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.server.auth.author_access import AuthorAccess


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def author(clock: Clock) -> AuthorAccess:
    return AuthorAccess(clock=clock)


def test_a_code_is_good_once(author: AuthorAccess) -> None:
    used: list[str] = []
    code = author.issue_code(lambda: used.append("code"))
    assert author.is_valid_code(code)
    assert author.is_valid_code(code), "looking at it does not use it"
    token = author.exchange(code)
    assert token is not None
    assert author.is_valid_token(token)
    assert (author.is_valid_code(code), author.exchange(code), used) == (False, None, ["code"])


def test_a_code_is_good_within_two_minutes(author: AuthorAccess, clock: Clock) -> None:
    assert limits.AUTHOR_CODE_LIFETIME == 120
    code, other = author.issue_code(), author.issue_code()
    clock.now += 119.9
    assert author.exchange(code) is not None
    clock.now += 0.1
    assert (author.is_valid_code(other), author.exchange(other)) == (False, None)


@pytest.mark.parametrize("wrong", ["", "x", "ü", "\ud800", "a" * 10_000])
def test_a_guess_is_worth_nothing(author: AuthorAccess, wrong: str) -> None:
    code = author.issue_code()
    assert (author.is_valid_code(wrong), author.exchange(wrong), author.is_valid_token(wrong)) == (
        False,
        None,
        False,
    )
    token = author.exchange(code)
    assert token is not None
    assert not author.is_valid_token(code)
    assert not author.is_valid_code(token)


def test_all_of_it_can_be_revoked(author: AuthorAccess) -> None:
    token = author.exchange(author.issue_code())
    code = author.issue_code()
    author.revoke_all()
    assert token is not None
    assert not author.is_valid_token(token)
    assert not author.is_valid_code(code)


def test_the_number_of_codes_and_tokens_is_limited(
    author: AuthorAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_AUTHOR_SESSIONS", 3)
    codes = [author.issue_code() for _ in range(4)]
    assert [author.is_valid_code(code) for code in codes] == [False, True, True, True]
    tokens = [author.exchange(author.issue_code()) or "" for _ in range(4)]
    assert [author.is_valid_token(token) for token in tokens] == [False, True, True, True]


def test_another_share_does_not_know_them(author: AuthorAccess) -> None:
    other = AuthorAccess()
    token = author.exchange(author.issue_code())
    assert token is not None
    assert not other.is_valid_token(token)
    assert not other.is_valid_code(author.issue_code())
    assert other.cookie_name != author.cookie_name, "browsers send cookies to all ports of a host"
