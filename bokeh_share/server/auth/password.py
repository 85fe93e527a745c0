"""The password of a share, and the session tokens of viewers who entered it."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock as Mutex
from typing import Any

from ... import limits

SCRYPT_COST = {"n": 2**15, "r": 8, "p": 3, "maxmem": 2**26}
"""Cost of one check, for the share and for a thief of the hash: 32 MB and about a quarter of a second.

Source: OWASP's password storage cheat sheet, scrypt.
"""
SESSION_TOKEN_PATTERN = re.compile(r"([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{22})\.([0-9a-f]{64})")


@dataclass(frozen=True)
class PasswordHash:
    """The salted scrypt hash of a password. Only the hash is stored."""

    salt: bytes = field(repr=False)
    digest: bytes = field(repr=False)

    @classmethod
    def from_password(cls, password: str, salt: bytes | None = None) -> PasswordHash:
        """Hash a password, which takes as long as one check. The same password and salt give the same hash.

        The text is composed (NFC), since keyboards and systems differ in the number of characters of é.
        """
        salt = secrets.token_bytes(16) if salt is None else salt
        composed = unicodedata.normalize("NFC", password).encode(errors="surrogatepass")
        return cls(salt, hashlib.scrypt(composed, salt=salt, **SCRYPT_COST))

    def is_correct(self, password: str) -> bool:
        """Return True if this is the password. Slow on purpose: call it in a thread."""
        return hmac.compare_digest(PasswordHash.from_password(password, self.salt).digest, self.digest)


@dataclass(frozen=True)
class Credentials:
    """The stored secret and password hash of a link."""

    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    """The key that signs the session tokens of this link. It is never sent."""
    password: PasswordHash | None = None
    """The password's hash; None if the link has no password."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Credentials:
        """Reverse `to_dict`. Raises KeyError, TypeError or ValueError for missing or damaged data."""
        secret, password = bytes.fromhex(data["secret"]), data["password"]
        if password is not None:
            salt, digest = map(bytes.fromhex, password)
            password = PasswordHash(salt, digest)
        if len(secret) != 32 or (password is not None and len(password.digest) != 64):
            raise ValueError("no secret, or no hash")
        return cls(secret, password)

    def to_dict(self) -> dict[str, Any]:
        """Return the data for JSON, in a file that only its user may read."""
        password = self.password and [self.password.salt.hex(), self.password.digest.hex()]
        return {"secret": self.secret.hex(), "password": password}

    def replace_password(self, password: str) -> Credentials:
        """Return the credentials with another password. Takes as long as one check."""
        # With the former salt, so that session tokens stay valid if the password is the same.
        salt = self.password.salt if self.password is not None else None
        return replace(self, password=PasswordHash.from_password(password, salt))

    def replace_secret(self) -> Credentials:
        """Return the credentials for another link with the same password. Earlier session tokens are invalid
        for it."""
        return Credentials(password=self.password)

    def build_password(self, port: int, revoked: dict[str, int] | None = None) -> Password | None:
        """Return the password for the share at this port; None if there is none."""
        if self.password is None:
            return None
        # Browsers send cookies to all ports of a host, so a session token is valid for one port only.
        secret = hmac.digest(self.secret, b"port %d" % port, "sha256")
        return Password(self.password, secret, revoked=revoked)


class Password:
    """Checks a password by its hash. Exists until the share ends, or gets another password or link.

    A viewer who entered the password gets a session token, valid for `limits.SESSION_TOKEN_LIFETIME` seconds.
    Tokens are signed with `secret`, which is never sent, so that a token does not help to check a guessed
    password. The same hash and secret accept the same tokens, so tokens stay valid after a restart of the
    kernel. Its methods may be called from any thread.
    """

    _mutex = Mutex()
    """A lock for all instances, since they may share the revoked session tokens."""

    def __init__(
        self,
        password: PasswordHash,
        secret: bytes,
        *,
        revoked: dict[str, int] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`revoked` are the revoked session tokens of a former instance."""
        self.is_correct = password.is_correct
        # Signed with the hash too, so that another password invalidates the former session tokens.
        self._signing_key = hmac.digest(secret, password.salt + password.digest, "sha256")
        self._clock = clock
        self._revoked = {} if revoked is None else revoked
        """Nonces of revoked session tokens, with the times at which the tokens expire."""

    def issue_session_token(self) -> str:
        """Return a new session token for a viewer who entered the password."""
        expires_at = int(self._clock() + limits.SESSION_TOKEN_LIFETIME)
        nonce = secrets.token_urlsafe(16)
        return f"{expires_at}.{nonce}.{self._sign(expires_at, nonce)}"

    def is_valid_session_token(self, session_token: str) -> bool:
        """Return True if the session token is from this share, has not expired, and was not revoked."""
        match = SESSION_TOKEN_PATTERN.fullmatch(session_token)
        if match is None:
            return False
        expires_at, nonce, signature = int(match[1]), match[2], match[3]
        is_signed = hmac.compare_digest(self._sign(expires_at, nonce), signature)
        return is_signed and self._clock() < expires_at and nonce not in self._revoked

    def revoke(self, session_token: str) -> None:
        """Revoke a session token."""
        if not self.is_valid_session_token(session_token):
            return
        now = self._clock()
        expires_at, nonce, _ = session_token.split(".")
        with self._mutex:
            for each in [each for each, until in self._revoked.items() if until <= now]:
                del self._revoked[each]
            self._revoked[nonce] = int(expires_at)

    def _sign(self, expires_at: int, nonce: str) -> str:
        return hmac.new(self._signing_key, f"{expires_at} {nonce}".encode(), hashlib.sha256).hexdigest()
