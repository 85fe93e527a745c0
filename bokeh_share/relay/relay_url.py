"""The public URL of a relay, and the share that a request asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..broker import AUTHOR_NAME, AUTHOR_PLACEHOLDER, DEFAULT_AUTHOR, StreamKeys
from ..errors import BadOption
from ..network import PublicUrl

EXAMPLE_LABEL = "author"
SHARE_PATH = re.compile(r"(?:/~([^/]+))?(/([\w-]{8,100}))(?:/.*)?", re.ASCII)
"""A path below a link, with the author's name and the token."""


@dataclass(frozen=True)
class ShareAddress:
    """The share that a request asks for, by its link."""

    keys: StreamKeys
    author: str
    token: str = field(repr=False)
    prefix: str = field(repr=False)
    """The path of the link without a slash at its end, such as `/~anna/x8…`."""


@dataclass(frozen=True)
class RelayUrl:
    """The public URL of a relay, with `{author}` as the first label of its host if each author has a
    subdomain."""

    text: str = ""
    """The URL as the operator gave it, without a slash at its end; empty if there is none."""
    example: PublicUrl | None = None
    """The URL for an author with the name `author`; None if there is none."""

    @classmethod
    def parse(cls, text: str | None) -> RelayUrl:
        """Read the URL. Raises `BadOption`."""
        if text is None:
            return cls()
        if "{" not in text and "}" not in text:
            example = PublicUrl.parse(text)
            return cls(example.url, example)
        rest = text.partition("://")[2]
        if not rest.startswith(f"{AUTHOR_PLACEHOLDER}.") or "{" in rest[1:]:
            hint = f"write {AUTHOR_PLACEHOLDER} once, at the beginning of the host"
            raise BadOption("--public-url", text, hint)
        try:
            example = PublicUrl.parse(text.replace(AUTHOR_PLACEHOLDER, EXAMPLE_LABEL))
        except BadOption as error:
            raise BadOption("--public-url", text, error.hint) from None
        return cls(example.url.replace(EXAMPLE_LABEL, AUTHOR_PLACEHOLDER, 1), example)

    @property
    def has_subdomains(self) -> bool:
        """True if each author has a subdomain."""
        return AUTHOR_PLACEHOLDER in self.text

    @property
    def base_path(self) -> str:
        """The path before the link, which a proxy may keep."""
        return "" if self.example is None else self.example.path

    def format_for(self, author: str) -> str:
        """Return the URL for an author."""
        return self.text.replace(AUTHOR_PLACEHOLDER, author)

    def format_origin_for(self, author: str) -> str:
        """Return the origin of the URL for an author, as browsers write it; empty if there is no URL."""
        if self.example is None:
            return ""
        origin = self.example.origin
        return origin.replace(f"//{EXAMPLE_LABEL}.", f"//{author}.", 1) if self.has_subdomains else origin

    def normalize_path(self, path: str) -> str:
        """Return the path of a request as access rules know it: below the public URL, and without the name of
        the author who needs none."""
        if self.base_path and path.startswith(f"{self.base_path}/"):
            path = path[len(self.base_path) :]
        return path.removeprefix(f"/~{DEFAULT_AUTHOR}") if path.startswith(f"/~{DEFAULT_AUTHOR}/") else path

    def find_share(self, path: str, host: str) -> ShareAddress | None:
        """Return the share for a normalized path and the Host header of a request; None if they are no
        link's."""
        match = SHARE_PATH.fullmatch(path)
        if match is None:
            return None
        named, token_path, token = match.groups()
        if self.has_subdomains:
            author, is_valid = self._find_author(host), named is None
        else:
            author, is_valid = named or DEFAULT_AUTHOR, True
        if not is_valid or author is None or AUTHOR_NAME.fullmatch(author) is None:
            return None
        prefix = token_path if named is None else f"/~{named}{token_path}"
        return ShareAddress(StreamKeys.from_secret(token, author), author, token, prefix)

    def _find_author(self, host: str) -> str | None:
        """Return the first label of the host; None if the rest is not that of the URL."""
        assert self.example is not None, "a URL with subdomains is one"
        label, _, rest = host.lower().rpartition(":")[0 if _has_port(host) else 2].partition(".")
        expected = self.example.origin.partition("://")[2].partition(".")[2].partition(":")[0]
        return label if rest == expected else None


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdecimal() and ":" in host
