"""The password, and the tickets of who gave it."""

from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.server.auth.password import Credentials, Password, PasswordHash

HASH = PasswordHash.from_password("open sesame", b"salt")
SECRET = b"known to us alone"
LOCK = Password(HASH, SECRET)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("password", "fits"),
    [
        ("open sesame", True),
        ("open sesam", False),
        ("open sesame ", False),
        ("", False),
        ("OPEN SESAME", False),
    ],
)
def test_only_the_password_fits(password: str, fits: bool) -> None:
    assert LOCK.is_correct(password) is fits


def test_a_password_may_be_any_text() -> None:
    assert PasswordHash.from_password("ü 🔑 \udc80\0").is_correct("ü 🔑 \udc80\0")


@pytest.mark.parametrize(("one", "other"), [("caf\u00e9", "cafe\u0301"), ("\u1e69", "s\u0307\u0323")])
def test_an_accent_is_the_same_however_it_was_typed(one: str, other: str) -> None:
    assert PasswordHash.from_password(one).is_correct(other)
    assert PasswordHash.from_password(other).is_correct(one)
    assert not PasswordHash.from_password(one).is_correct("cafe")


def test_the_password_is_nowhere_in_it() -> None:
    assert "open sesame" not in repr([vars(LOCK), LOCK, vars(HASH), HASH])


def test_its_hash_is_in_no_repr_and_each_has_a_salt_of_its_own() -> None:
    one, other = PasswordHash.from_password("open sesame"), PasswordHash.from_password("open sesame")
    assert one.salt != other.salt
    assert one.digest != other.digest
    assert repr(one) == repr(other)


def test_a_ticket_holds_for_its_lock_alone() -> None:
    session_token = LOCK.issue_session_token()
    assert LOCK.is_valid_session_token(session_token)
    assert not Password(HASH, b"of another link").is_valid_session_token(session_token)
    assert session_token != LOCK.issue_session_token(), "each browser has its own"


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "0", lambda t: "9" + t, lambda t: "0" + t]
)
def test_a_ticket_that_was_changed_does_not_hold(change: object) -> None:
    assert callable(change)
    assert not LOCK.is_valid_session_token(change(LOCK.issue_session_token()))


@pytest.mark.parametrize("text", ["", "x", "..", "1..", "٣.aaaaaaaaaaaaaaaaaaaaaa." + "0" * 64, "9" * 5000])
def test_what_is_no_ticket_does_not_hold(text: str) -> None:
    assert not LOCK.is_valid_session_token(text)


def test_a_ticket_ends() -> None:
    clock = Clock()
    lock = Password(HASH, SECRET, clock=clock)
    session_token = lock.issue_session_token()
    clock.now += limits.SESSION_TOKEN_LIFETIME - 1
    assert lock.is_valid_session_token(session_token)
    clock.now += 1
    assert not lock.is_valid_session_token(session_token)


def test_a_ticket_that_was_handed_back_does_not_hold_and_the_others_do() -> None:
    clock = Clock()
    lock = Password(HASH, SECRET, clock=clock)
    mine, yours = lock.issue_session_token(), lock.issue_session_token()
    lock.revoke(mine)
    lock.revoke("nonsense")
    assert (lock.is_valid_session_token(mine), lock.is_valid_session_token(yours)) == (False, True)
    clock.now += limits.SESSION_TOKEN_LIFETIME
    lock.revoke(lock.issue_session_token())
    assert len(lock._revoked) == 1, "what has ended anyway is not remembered"


def test_a_ticket_that_was_handed_back_does_not_hold_for_the_next_lock_either() -> None:
    revoked: dict[str, int] = {}
    former = Password(HASH, SECRET, revoked=revoked)
    session_token = former.issue_session_token()
    former.revoke(session_token)
    assert not Password(HASH, SECRET, revoked=revoked).is_valid_session_token(session_token)


def test_the_same_password_and_secret_know_each_others_tickets_and_no_others_do() -> None:
    session_token = LOCK.issue_session_token()
    assert Password(PasswordHash.from_password("open sesame", b"salt"), SECRET).is_valid_session_token(
        session_token
    ), "after a restart of the kernel"
    assert not Password(PasswordHash.from_password("another", b"salt"), SECRET).is_valid_session_token(
        session_token
    )
    assert not Password(PasswordHash.from_password("open sesame", b"other"), SECRET).is_valid_session_token(
        session_token
    )


def test_a_ticket_holds_for_one_port_and_one_link() -> None:
    link = Credentials(password=HASH)
    here = link.build_password(5006)
    assert here is not None
    session_token = here.issue_session_token()
    for lock, holds in (
        (Credentials.from_dict(link.to_dict()).build_password(5006), True),
        (link.build_password(5007), False),
        (link.replace_secret().build_password(5006), False),
    ):
        assert lock is not None
        assert (lock.is_valid_session_token(session_token), lock.is_correct("open sesame")) == (holds, True)
    assert Credentials().build_password(5006) is None


def test_a_ticket_tells_nobody_whether_a_guessed_password_is_right() -> None:
    """Whoever has a ticket and the link would else try a list of words on it, as fast as they like."""
    session_token = Password(HASH, SECRET).issue_session_token()
    for secret in (b"", b"/x8", HASH.salt, HASH.digest):
        assert not Password(HASH, secret).is_valid_session_token(session_token), (
            "the right password is not enough"
        )
