"""The password of a share, and the tickets of those who gave it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from threading import Lock as Mutex

from .. import limits

COST = {"n": 2**15, "r": 8, "p": 3, "maxmem": 2**26}
"""Of one try, for us and for who has stolen the hash: 32 MB and about a quarter of a second.

Source: OWASP's password storage cheat sheet, scrypt.
"""
TICKET = re.compile(r"([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{64})")


class Lock:
    """Knows a password by its scrypt hash alone. Lives until the share ends or has another password.

    Who gave it gets a ticket, good for `limits.TICKET` seconds and for one prefix. The same password and
    prefix make the same lock, so tickets outlive a restart of the kernel. Its methods may be called from
    any thread.
    """

    def __init__(
        self,
        password: str,
        prefix: str,
        *,
        revoked: dict[str, int] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Takes as long as one try. `revoked` is what a former lock knew of tickets that were handed back."""
        self._salt = hashlib.sha256(f"bokeh_share {prefix}".encode()).digest()
        self._hash = self._hashed(password)
        self._clock = clock
        self._mutex = Mutex()
        self._revoked = {} if revoked is None else revoked
        """Nonces of tickets that were handed back, and when these end anyway."""

    def fits(self, password: str) -> bool:
        """Whether this is the password. Takes long, on purpose: ask in a thread."""
        return hmac.compare_digest(self._hashed(password), self._hash)

    def ticket(self, prefix: str) -> str:
        """For who gave the password."""
        end = int(self._clock() + limits.TICKET)
        nonce = secrets.token_urlsafe(16)
        return f"{end}.{nonce}.{self._signature(prefix, end, nonce)}"

    def admits(self, ticket: str, prefix: str) -> bool:
        """Whether this is a ticket that holds."""
        match = TICKET.fullmatch(ticket)
        if match is None:
            return False
        end, nonce, signature = int(match[1]), match[2], match[3]
        is_signed = hmac.compare_digest(self._signature(prefix, end, nonce), signature)
        return is_signed and self._clock() < end and nonce not in self._revoked

    def revoke(self, ticket: str, prefix: str) -> None:
        """The ticket holds no more."""
        if not self.admits(ticket, prefix):
            return
        now = self._clock()
        end, nonce, _ = ticket.split(".")
        with self._mutex:
            for each in [each for each, until in self._revoked.items() if until <= now]:
                del self._revoked[each]
            self._revoked[nonce] = int(end)

    def _hashed(self, password: str) -> bytes:
        return hashlib.scrypt(password.encode(errors="surrogatepass"), salt=self._salt, **COST)

    def _signature(self, prefix: str, end: int, nonce: str) -> str:
        return hmac.new(self._hash, f"{prefix} {end} {nonce}".encode(), hashlib.sha256).hexdigest()
