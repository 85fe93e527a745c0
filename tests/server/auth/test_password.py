"""The password, and the session tokens of viewers who gave it."""

from __future__ import annotations

import pytest

from bokeh_share import limits
from bokeh_share.server.auth.password import Credentials, Password, PasswordHash

HASH = PasswordHash.from_password("open sesame", b"salt")
SECRET = b"known to us alone"
PASSWORD = Password(HASH, SECRET)


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
    assert PASSWORD.is_correct(password) is fits


def test_a_password_may_be_any_text() -> None:
    assert PasswordHash.from_password("ü 🔑 \udc80\0").is_correct("ü 🔑 \udc80\0")


@pytest.mark.parametrize(("one", "other"), [("caf\u00e9", "cafe\u0301"), ("\u1e69", "s\u0307\u0323")])
def test_an_accent_is_the_same_however_it_was_typed(one: str, other: str) -> None:
    assert PasswordHash.from_password(one).is_correct(other)
    assert PasswordHash.from_password(other).is_correct(one)
    assert not PasswordHash.from_password(one).is_correct("cafe")


def test_the_stored_data_do_not_contain_the_password() -> None:
    assert "open sesame" not in repr([vars(PASSWORD), PASSWORD, vars(HASH), HASH])


def test_its_hash_is_in_no_repr_and_each_has_a_salt_of_its_own() -> None:
    one, other = PasswordHash.from_password("open sesame"), PasswordHash.from_password("open sesame")
    assert one.salt != other.salt
    assert one.digest != other.digest
    assert repr(one) == repr(other)


def test_a_session_token_is_valid_for_its_password_and_secret_alone() -> None:
    session_token = PASSWORD.issue_session_token()
    assert PASSWORD.is_valid_session_token(session_token)
    assert not Password(HASH, b"of another link").is_valid_session_token(session_token)
    assert session_token != PASSWORD.issue_session_token(), "each browser has its own"


@pytest.mark.parametrize(
    "change", [lambda t: t[:-1], lambda t: t + "0", lambda t: "9" + t, lambda t: "0" + t]
)
def test_a_session_token_that_was_changed_is_not_valid(change: object) -> None:
    assert callable(change)
    assert not PASSWORD.is_valid_session_token(change(PASSWORD.issue_session_token()))


@pytest.mark.parametrize("text", ["", "x", "..", "1..", "٣.aaaaaaaaaaaaaaaaaaaaaa." + "0" * 64, "9" * 5000])
def test_a_text_that_is_no_session_token_is_not_valid(text: str) -> None:
    assert not PASSWORD.is_valid_session_token(text)


def test_a_session_token_expires() -> None:
    clock = Clock()
    password = Password(HASH, SECRET, clock=clock)
    session_token = password.issue_session_token()
    clock.now += limits.SESSION_TOKEN_LIFETIME - 1
    assert password.is_valid_session_token(session_token)
    clock.now += 1
    assert not password.is_valid_session_token(session_token)


def test_a_revoked_session_token_is_not_valid_and_the_others_are() -> None:
    clock = Clock()
    password = Password(HASH, SECRET, clock=clock)
    mine, yours = password.issue_session_token(), password.issue_session_token()
    password.revoke(mine)
    password.revoke("nonsense")
    assert (password.is_valid_session_token(mine), password.is_valid_session_token(yours)) == (False, True)
    clock.now += limits.SESSION_TOKEN_LIFETIME
    password.revoke(password.issue_session_token())
    assert len(password._revoked) == 1, "what has ended anyway is not remembered"


def test_a_revoked_session_token_is_not_valid_for_the_next_instance_either() -> None:
    revoked: dict[str, int] = {}
    former = Password(HASH, SECRET, revoked=revoked)
    session_token = former.issue_session_token()
    former.revoke(session_token)
    assert not Password(HASH, SECRET, revoked=revoked).is_valid_session_token(session_token)


def test_the_same_password_and_secret_accept_each_others_session_tokens_and_no_others_do() -> None:
    session_token = PASSWORD.issue_session_token()
    assert Password(PasswordHash.from_password("open sesame", b"salt"), SECRET).is_valid_session_token(
        session_token
    ), "after a restart of the kernel"
    assert not Password(PasswordHash.from_password("another", b"salt"), SECRET).is_valid_session_token(
        session_token
    )
    assert not Password(PasswordHash.from_password("open sesame", b"other"), SECRET).is_valid_session_token(
        session_token
    )


def test_a_session_token_is_valid_for_one_port_and_one_link() -> None:
    link = Credentials(password=HASH)
    here = link.build_password(5006)
    assert here is not None
    session_token = here.issue_session_token()
    for password, is_valid in (
        (Credentials.from_dict(link.to_dict()).build_password(5006), True),
        (link.build_password(5007), False),
        (link.replace_secret().build_password(5006), False),
    ):
        assert password is not None
        assert (password.is_valid_session_token(session_token), password.is_correct("open sesame")) == (
            is_valid,
            True,
        )
    assert Credentials().build_password(5006) is None


def test_a_session_token_does_not_help_to_check_a_guessed_password() -> None:
    """Otherwise a viewer with a session token and the link could check words on it at any speed."""
    session_token = Password(HASH, SECRET).issue_session_token()
    for secret in (b"", b"/x8", HASH.salt, HASH.digest):
        assert not Password(HASH, secret).is_valid_session_token(session_token), (
            "the right password is not enough"
        )
