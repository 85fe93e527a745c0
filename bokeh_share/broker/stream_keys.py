"""The names of a share's keys in the broker, and the signatures of its entries; both come from its link."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

KEY_PREFIX = "bokeh_share"
"""Begins the name of each key."""
RELAYS_KEY = f"{KEY_PREFIX}:relays"
"""The name of the hash in which relays announce their public URLs."""
DEFAULT_AUTHOR = "default"
"""The author's name if the broker's URL has no user name, as for Redis itself."""
AUTHOR_NAME = re.compile(r"[\w.@-]{1,64}", re.ASCII)
"""The names that can be part of a key and of a pattern of an ACL, in which `*` and `?` have a meaning."""
SIGNATURE_BYTES = 32


@dataclass(frozen=True)
class StreamKeys:
    """The keys of one share in the broker.

    The names contain a digest of the link's secret part, so that the broker does not reveal links. The
    signing key comes from the secret part too: neither the operator of the broker, nor an author who may
    write to it, can sign an entry of a share whose link they do not know.
    """

    stream: str
    """The name of the stream with the entries of the page."""
    state: str
    """The name of the key with the state of the author's kernel."""
    presence: str
    """The name of the hash with the number of viewers of each relay."""
    requests: str
    """The name of the set with the ids of plots that relays need whole."""
    file_base: str
    """Begins the names of the keys with the author's scripts; the digest follows."""
    signing_key: bytes = field(repr=False)

    @classmethod
    def from_secret(cls, secret: str, author: str = DEFAULT_AUTHOR) -> StreamKeys:
        """Derive the keys from the secret part of a link. `author` is the user name with which the kernel
        connects to the broker, whose ACL allows it to write keys with this name only."""
        if not secret:
            raise ValueError("a link without a secret part has no keys")
        if AUTHOR_NAME.fullmatch(author) is None:
            raise ValueError(f"{author!r} cannot be part of a key")
        base = f"{KEY_PREFIX}:{author}:{_derive(secret, 'stream').hex()[:32]}"
        return cls(
            base,
            f"{base}:state",
            f"{base}:presence",
            f"{base}:requests",
            f"{KEY_PREFIX}:{author}:file:",
            _derive(secret, "entries"),
        )

    @property
    def short_name(self) -> str:
        """A part of the stream's name by which logs and clients name the share, without its link."""
        return self.stream.rpartition(":")[2][:8]

    @property
    def publisher_name(self) -> str:
        """The name of the author's kernel in the broker's list of clients."""
        return f"{KEY_PREFIX}-{self.short_name}"

    def sign(self, parts: Iterable[bytes]) -> bytes:
        """Return the signature of `parts`. Two lists have the same only if all parts are the same."""
        signature = hmac.new(self.signing_key, self.stream.encode(), hashlib.sha256)
        for part in parts:
            signature.update(len(part).to_bytes(8))
            signature.update(part)
        return signature.digest()

    def is_signed(self, parts: Iterable[bytes], signature: bytes) -> bool:
        return hmac.compare_digest(self.sign(parts), signature)


def _derive(secret: str, purpose: str) -> bytes:
    """Derive one of several keys from a secret; none of them reveals another one."""
    return hmac.digest(secret.encode(), f"bokeh_share {purpose}".encode(), "sha256")
