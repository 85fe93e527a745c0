"""The public URL: the address of a proxy, a tunnel or a forwarded port that leads to the share."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from ..errors import BadOption
from ..text import make_printable
from .origins import BLOCKED_PORTS, DEFAULT_PORTS, build_origins

MAX_URL_LENGTH = 1000
"""Maximum number of characters; a QR code for more could not be read."""


@dataclass(frozen=True)
class PublicUrl:
    """The part of a public URL before the token: scheme, host, port and path."""

    url: str
    """The URL without a slash at its end."""
    origin: str
    path: str
    """The path, which the proxy may keep in requests to the share."""

    @classmethod
    def parse(cls, text: str) -> PublicUrl:
        """Parse a URL of the author. Raises `BadOption`."""
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise BadOption("--public-url", text, f"it is not a URL ({error})") from None
        if problem := _describe_problem(text, parts):
            raise BadOption("--public-url", text, problem)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        (origin,) = build_origins(parts.scheme, [host], port or DEFAULT_PORTS[parts.scheme])
        path = parts.path.rstrip("/")
        return cls(origin + path, origin, path)


def _describe_problem(text: str, parts: SplitResult) -> str:
    """Describe the problem of a URL; empty if there is none."""
    if parts.scheme not in DEFAULT_PORTS or not parts.netloc:
        return "give the whole address, such as http://my-machine:5006"
    if parts.username is not None or parts.password is not None:
        return "leave out the user name and password, which would be in every link"
    if not parts.hostname or not parts.netloc.isascii() or " " in text or make_printable(text) != text:
        return "give a host as browsers show it, such as plots.example.org"
    if len(text) > MAX_URL_LENGTH:
        return f"it is too long, with {len(text)} characters"
    if parts.port in BLOCKED_PORTS:
        return f"browsers open no pages at port {parts.port}"
    if parts.query or parts.fragment:
        return "leave out ? and # and what follows, as the link continues there"
    return ""
