from __future__ import annotations

import pytest
from bokeh.util.token import get_token_payload

from bokeh_share.apps import document_token
from bokeh_share.apps.document_token import build_document_token, is_valid_document_token, parse_session_id

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_a_token_opens_the_document_of_its_session_with_its_payload() -> None:
    session_id = parse_session_id(build_document_token(None, KEY, {}))
    token = build_document_token(session_id, KEY, {"arguments": {"days": [b"7"]}, "parts": 2})
    assert is_valid_document_token(token, KEY)
    assert parse_session_id(token) == session_id
    assert get_token_payload(token)["parts"] == 2


def test_without_a_session_each_token_opens_another_document() -> None:
    tokens = [build_document_token(None, KEY, {}) for _ in range(2)]
    assert parse_session_id(tokens[0]) != parse_session_id(tokens[1])


def test_a_session_that_was_not_signed_is_not_opened() -> None:
    assert not is_valid_document_token(build_document_token("guessed", KEY, {}), KEY)


@pytest.mark.parametrize("token", [None, "", "x", "a.b", "\udcff"])
def test_what_is_no_token_is_not_valid(token: str | None) -> None:
    assert not is_valid_document_token(token, KEY)


def test_a_token_of_another_key_is_not_valid() -> None:
    token = build_document_token(None, OTHER_KEY, {})
    assert is_valid_document_token(token, OTHER_KEY)
    assert not is_valid_document_token(token, KEY)


def test_a_token_is_valid_until_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    token = build_document_token(None, KEY, {})
    expiry = get_token_payload(token)["session_expiry"]
    for now, is_valid in ((expiry - 1, True), (expiry, False)):
        monkeypatch.setattr(document_token.calendar, "timegm", lambda _, now=now: now)
        assert is_valid_document_token(token, KEY) == is_valid
