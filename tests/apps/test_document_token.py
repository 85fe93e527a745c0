from __future__ import annotations

import pytest
from bokeh.util.token import get_token_payload

from bokeh_share.apps import document_token
from bokeh_share.apps.document_token import build_document_token, is_valid_document_token, parse_session_id

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def test_a_token_opens_the_document_of_its_session_with_its_payload() -> None:
    token = build_document_token("known", KEY, {"arguments": {"days": [b"7"]}, "parts": 2})
    assert is_valid_document_token(token, KEY)
    assert parse_session_id(token) == "known"
    assert get_token_payload(token)["parts"] == 2


def test_without_a_session_each_token_opens_another_document() -> None:
    tokens = [build_document_token(None, KEY, {}) for _ in range(2)]
    assert parse_session_id(tokens[0]) != parse_session_id(tokens[1])


@pytest.mark.parametrize("token", [None, "", "x", "a.b", "\udcff"])
def test_what_is_no_token_is_not_valid(token: str | None) -> None:
    assert not is_valid_document_token(token, KEY)


def test_a_token_of_another_key_is_not_valid() -> None:
    assert not is_valid_document_token(build_document_token("known", OTHER_KEY, {}), KEY)


def test_a_token_is_valid_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    token = build_document_token("known", KEY, {})
    expiry = get_token_payload(token)["session_expiry"]
    monkeypatch.setattr(document_token.calendar, "timegm", lambda now: expiry)
    assert not is_valid_document_token(token, KEY)
