"""Checks a password quickly after it was once correct, since thousands of viewers may log in at once."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from ..server.auth import PasswordHash


@dataclass(frozen=True)
class RememberedPassword(PasswordHash):
    """A password's hash that recognises the password after it was correct.

    It keeps a digest with a random key of this process. So the first correct password and each wrong one take
    as long as scrypt does, and further correct ones no time.
    """

    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False, compare=False)
    _correct_digests: set[bytes] = field(default_factory=set, repr=False, compare=False)

    def is_correct(self, password: str) -> bool:
        digest = hmac.digest(self._key, password.encode(errors="surrogatepass"), "sha256")
        if any(hmac.compare_digest(digest, each) for each in self._correct_digests):
            return True
        is_correct = super().is_correct(password)
        if is_correct:
            self._correct_digests.clear()  # the same password, perhaps with other characters for its accents
            self._correct_digests.add(digest)
        return is_correct
