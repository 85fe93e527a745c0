"""The signed tokens that open a viewer's document."""

from __future__ import annotations

import calendar
import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from bokeh.core.types import ID
from bokeh.util.token import (
    check_token_signature,
    generate_jwt_token,
    generate_session_id,
    get_session_id,
    get_token_payload,
)


def build_document_token(session_id: str | None, secret_key: bytes, payload: Mapping[str, Any]) -> str:
    """Sign a token for the document of this session, or for a new one."""
    known = ID(session_id) if session_id else generate_session_id(secret_key=secret_key, signed=True)
    return generate_jwt_token(known, secret_key=secret_key, signed=True, extra_payload=dict(payload))


def is_valid_document_token(token: str | None, secret_key: bytes | None) -> bool:
    """Return True for a valid token. Bokeh's own check would print errors into the author's cell."""
    try:
        if token is None or not check_token_signature(token, secret_key=secret_key, signed=True):
            return False
        expiry: int = get_token_payload(token)["session_expiry"]
        return calendar.timegm(time.gmtime()) < expiry
    except Exception:  # no token at all
        return False


@lru_cache(1000)
def parse_session_id(token: str) -> str:
    """Read the session id of a token. Cached, since each action of a socket reads it."""
    return get_session_id(token)
