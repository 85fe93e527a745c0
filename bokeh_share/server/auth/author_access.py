"""Lets the author's own pages in: by a code that is good once, and then by a cookie."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock as Mutex
from typing import Any

from ... import limits


@dataclass(frozen=True)
class _IssuedCode:
    """A code that was not exchanged yet."""

    expires_at: float
    on_exchange: Callable[[], None]


class AuthorAccess:
    """The one-time codes and the session tokens of the author's pages.

    Exists as long as a share, in memory only: nothing of it is stored, so that it ends with the kernel.
    `revoke_all` ends it for a new link. Only digests are kept; a look-up by a digest tells nothing about
    codes and tokens by its duration. Any thread may call its methods.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.cookie_name = f"bokeh_share_author_{secrets.token_hex(4)}"
        """The name of the author's cookie. It is the share's own, since browsers send cookies to all ports of
        a host; and it does not contain the port, which may change."""
        self._clock = clock
        self._mutex = Mutex()
        self._codes: dict[bytes, _IssuedCode] = {}
        """The codes by their digests, the oldest first."""
        self._tokens: dict[bytes, None] = {}
        """The digests of the valid session tokens, the oldest first."""

    def issue_code(self, on_exchange: Callable[[], None] = lambda: None) -> str:
        """Return a new code, which `exchange` accepts once within `AUTHOR_CODE_LIFETIME`. `on_exchange` is
        called then, on the loop of the request."""
        code = secrets.token_urlsafe(16)
        with self._mutex:
            self._codes[_hash(code)] = _IssuedCode(self._clock() + limits.AUTHOR_CODE_LIFETIME, on_exchange)
            _remove_oldest(self._codes, limits.MAX_AUTHOR_SESSIONS)
        return code

    def is_valid_code(self, code: str) -> bool:
        """Return True if the code can be exchanged now; it stays valid."""
        issued = self._codes.get(_hash(code))
        return issued is not None and self._clock() < issued.expires_at

    def exchange(self, code: str) -> str | None:
        """Return a session token for the code, which is invalid afterwards; None if it was not valid."""
        with self._mutex:
            issued = self._codes.pop(_hash(code), None)
            if issued is None or self._clock() >= issued.expires_at:
                return None
            token = secrets.token_urlsafe(32)
            self._tokens[_hash(token)] = None
            _remove_oldest(self._tokens, limits.MAX_AUTHOR_SESSIONS)
        issued.on_exchange()
        return token

    def is_valid_token(self, token: str) -> bool:
        return _hash(token) in self._tokens

    def revoke_all(self) -> None:
        """Invalidate all codes and session tokens, since the link was replaced or the share has ended."""
        with self._mutex:
            self._codes, self._tokens = {}, {}


def _hash(secret: str) -> bytes:
    return sha256(secret.encode(errors="surrogatepass")).digest()


def _remove_oldest(entries: dict[bytes, Any], count: int) -> None:
    """Keep the newest `count` entries."""
    for key in [*entries][:-count]:
        del entries[key]
