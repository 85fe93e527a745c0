"""The link of a share at a relay, from the relay's public URL."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

from ..errors import BokehShareError
from ..network import PublicUrl
from .stream_keys import DEFAULT_AUTHOR

AUTHOR_PLACEHOLDER = "{author}"
"""In a relay's public URL, stands for the author's name: the first part of the host."""
HOST_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
"""The names that can be part of a host, which browsers write in small letters."""


def build_relay_link(public_url: str, secret: str, author: str = DEFAULT_AUTHOR) -> str | None:
    """Build the link of a share at the relay with this public URL; None if the author cannot have one there.

    `secret` is the secret part of the direct link, and `author` the user name of the broker's URL. With
    `{author}` in the public URL, each author has a host of their own, and a name that cannot be part of a
    host has none. Otherwise the path begins with `~` and the author's name, unless that is the default one.
    """
    has_own_host = AUTHOR_PLACEHOLDER in public_url
    if has_own_host and HOST_LABEL.fullmatch(author) is None:
        return None
    try:
        base = PublicUrl.parse(public_url.replace(AUTHOR_PLACEHOLDER, author)).url
    except BokehShareError:  # anyone who may announce a relay has written it
        return None
    folder = "" if has_own_host or author == DEFAULT_AUTHOR else f"/~{quote(author, safe='@')}"
    return f"{base}{folder}/{secret}/"


def list_relay_links(
    public_urls: Iterable[str], secret: str, author: str = DEFAULT_AUTHOR
) -> tuple[str, ...]:
    """List the links of a share at these relays, each once."""
    links = (build_relay_link(each, secret, author) for each in public_urls)
    return tuple(dict.fromkeys(link for link in links if link is not None))
