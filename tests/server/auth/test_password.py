"""The password, and the tickets of who gave it."""

from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.server.auth.password import Credentials, Password, PasswordHash

HASH = PasswordHash.of("open sesame", b"salt")
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
    assert LOCK.fits(password) is fits


def test_a_password_may_be_any_text() -> None:
    assert PasswordHash.of("ü 🔑 \udc80\0").fits("ü 🔑 \udc80\0")


@pytest.mark.parametrize(("one", "other"), [("caf\u00e9", "cafe\u0301"), ("\u1e69", "s\u0307\u0323")])
def test_an_accent_is_the_same_however_it_was_typed(one: str, other: str) -> None:
    assert PasswordHash.of(one).fits(other)
    assert PasswordHash.of(other).fits(one)
    assert not PasswordHash.of(one).fits("cafe")


def test_the_password_is_nowhere_in_it() -> None:
    assert "open sesame" not in repr([vars(LOCK), LOCK, vars(HASH), HASH])


def test_its_hash_is_in_no_repr_and_each_has_a_salt_of_its_own() -> None:
    one, other = PasswordHash.of("open sesame"), PasswordHash.of("open sesame")
    assert one.salt != other.salt
    assert one.digest != other.digest
    assert repr(one) == repr(other)


def test_a_ticket_holds_for_its_lock_alone() -> None:
    session_token = LOCK.session_token()
    assert LOCK.admits(session_token)
    assert not Password(HASH, b"of another link").admits(session_token)
    assert session_token != LOCK.session_token(), "each browser has its own"


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "0", lambda t: "9" + t, lambda t: "0" + t]
)
def test_a_ticket_that_was_changed_does_not_hold(change: object) -> None:
    assert callable(change)
    assert not LOCK.admits(change(LOCK.session_token()))


@pytest.mark.parametrize("text", ["", "x", "..", "1..", "٣.aaaaaaaaaaaaaaaaaaaaaa." + "0" * 64, "9" * 5000])
def test_what_is_no_ticket_does_not_hold(text: str) -> None:
    assert not LOCK.admits(text)


def test_a_ticket_ends() -> None:
    clock = Clock()
    lock = Password(HASH, SECRET, clock=clock)
    session_token = lock.session_token()
    clock.now += limits.TICKET - 1
    assert lock.admits(session_token)
    clock.now += 1
    assert not lock.admits(session_token)


def test_a_ticket_that_was_handed_back_does_not_hold_and_the_others_do() -> None:
    clock = Clock()
    lock = Password(HASH, SECRET, clock=clock)
    mine, yours = lock.session_token(), lock.session_token()
    lock.revoke(mine)
    lock.revoke("nonsense")
    assert (lock.admits(mine), lock.admits(yours)) == (False, True)
    clock.now += limits.TICKET
    lock.revoke(lock.session_token())
    assert len(lock._revoked) == 1, "what has ended anyway is not remembered"


def test_a_ticket_that_was_handed_back_does_not_hold_for_the_next_lock_either() -> None:
    revoked: dict[str, int] = {}
    former = Password(HASH, SECRET, revoked=revoked)
    session_token = former.session_token()
    former.revoke(session_token)
    assert not Password(HASH, SECRET, revoked=revoked).admits(session_token)


def test_the_same_password_and_secret_know_each_others_tickets_and_no_others_do() -> None:
    session_token = LOCK.session_token()
    assert Password(PasswordHash.of("open sesame", b"salt"), SECRET).admits(session_token), (
        "after a restart of the kernel"
    )
    assert not Password(PasswordHash.of("another", b"salt"), SECRET).admits(session_token)
    assert not Password(PasswordHash.of("open sesame", b"other"), SECRET).admits(session_token)


def test_a_ticket_holds_for_one_port_and_one_link() -> None:
    link = Credentials(password=HASH)
    here = link.lock(5006)
    assert here is not None
    session_token = here.session_token()
    for lock, holds in (
        (Credentials.read(link.written()).lock(5006), True),
        (link.lock(5007), False),
        (link.renewed().lock(5006), False),
    ):
        assert lock is not None
        assert (lock.admits(session_token), lock.fits("open sesame")) == (holds, True)
    assert Credentials().lock(5006) is None


def test_a_ticket_tells_nobody_whether_a_guessed_password_is_right() -> None:
    """Whoever has a ticket and the link would else try a list of words on it, as fast as they like."""
    session_token = Password(HASH, SECRET).session_token()
    for secret in (b"", b"/x8", HASH.salt, HASH.digest):
        assert not Password(HASH, secret).admits(session_token), "the right password is not enough"
