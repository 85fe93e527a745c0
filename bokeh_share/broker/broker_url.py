"""The URL of a broker, whose password is never shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from .errors import InvalidBrokerUrl
from .stream_keys import AUTHOR_NAME, DEFAULT_AUTHOR

BROKER_VARIABLE = "BOKEH_SHARE_BROKER"
"""The environment variable with the URL, for authors and relays that are given none."""
SCHEMES = ("redis", "rediss", "unix")
"""Plain TCP, TLS, and a socket of this machine."""


@dataclass(frozen=True)
class BrokerUrl:
    """The URL of a Redis or Valkey server. Its text and its repr have no password."""

    text: str
    """The URL without the password."""
    author: str
    """The user name; it is part of the names of the author's keys."""
    secret_url: str = field(repr=False)
    """The URL with the password, for the client."""

    def __str__(self) -> str:
        return self.text

    def is_password_in(self, text: str) -> bool:
        """Return True if `text` contains the password of the URL, which need not have one."""
        parts = urlsplit(self.secret_url)
        passwords = [parts.password, *parse_qs(parts.query).get("password", ())]
        return any(each and each in text for each in passwords)

    @classmethod
    def parse(cls, url: str) -> BrokerUrl:
        """Read the URL that the author gave. Raises `InvalidBrokerUrl`, whose message has no part of it."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port  # raises for one that is no number
        except ValueError:
            raise InvalidBrokerUrl("is not valid") from None
        if parts.scheme not in SCHEMES:
            raise InvalidBrokerUrl("does not begin with redis:// or rediss://")
        if parts.scheme != "unix" and not parts.hostname:
            raise InvalidBrokerUrl("has no host")
        if port == 0 or (parts.scheme != "unix" and not _is_database(parts.path)):
            raise InvalidBrokerUrl("is not valid")
        author = unquote(parts.username or "") or DEFAULT_AUTHOR
        if AUTHOR_NAME.fullmatch(author) is None:
            raise InvalidBrokerUrl("has a user name with other characters than letters, digits and . _ @ -")
        return cls(_hide_password(parts), author, url.strip())


def _is_database(path: str) -> bool:
    """Return True for no path, or one that is the number of a database."""
    number = path.removeprefix("/")
    return number == "" or number.isdecimal()


def _hide_password(parts: SplitResult) -> str:
    """Return the URL without password and query, which may contain one too."""
    address = parts.netloc.rpartition("@")[2]
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{address}{parts.path}"
