"""The access rules: a request needs the prefix, a known host, an own origin, and the password if set."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ...network import list_origin_hosts
from .author_rules import AuthorRules
from .password import Password


class Decision(Enum):
    """The decision of the access rules about a request."""

    ALLOWED = "let in"
    NOT_FOUND = "not below the prefix: nothing is there, without a hint"
    UNKNOWN_HOST = "it knows the link, by a name that the share does not have"
    FOREIGN_ORIGIN = "a page from elsewhere sent it"
    HTTP_ON_TLS_PORT = "it comes by http where https is spoken"
    LOGIN_REQUIRED = "it brings no session token for the password"


@dataclass(frozen=True)
class RequestFacts:
    """The parts of a request that the access rules check."""

    path: str
    host: str = ""
    """The Host header."""
    origin: str | None = None
    """The Origin header, if there is one."""
    is_plain_http: bool = False
    """True for http, False for https."""
    has_side_effects: bool = False
    """True if the request opens a websocket or sends a form."""
    session_tokens: tuple[str, ...] = ()
    """Values of the cookies with the share's cookie name."""


@dataclass(frozen=True)
class AccessRules:
    """Decides which requests are allowed. Replaced as a whole, so that one value decides each request."""

    prefix: str = field(default="", repr=False)
    """The token of the link as a path, such as `/x8…`; empty if there is none."""
    origins: frozenset[str] = frozenset()
    """Scheme, host and port of each address of the share, as browsers write them."""
    base_path: str = ""
    """The path of a public URL, which a proxy in front may keep."""
    password: Password | None = None
    tls: bool = False
    """True if the share uses https."""
    cookie_name: str = "bokeh_share"
    """Name of the cookie for this share; browsers send a host's cookies to all its ports."""
    public_url: str = ""
    """The public URL without the token, if the author gave one."""
    author: AuthorRules = field(default_factory=AuthorRules)
    """The places from which requests of the author's own pages may come."""

    @cached_property
    def hosts(self) -> frozenset[str]:
        """The allowed Host headers."""
        return frozenset(host for origin in self.origins for host in list_origin_hosts(origin))

    def strip_prefix(self, path: str) -> str | None:
        """Return the path below the prefix, such as `/page.js`; None for a path outside of it."""
        if self.base_path and path.startswith(f"{self.base_path}/"):
            path = path[len(self.base_path) :]
        begin, rest = path[: len(self.prefix)], path[len(self.prefix) :]
        has_prefix = hmac.compare_digest(begin.encode(), self.prefix.encode())
        return rest if has_prefix and rest[:1] in ("", "/") else None

    def decide(self, facts: RequestFacts) -> Decision:
        """Decide about a request. Rejects unknown Host headers, which prevents DNS rebinding."""
        rest = self.strip_prefix(facts.path)
        if rest is None:
            return Decision.NOT_FOUND
        if facts.host.lower() not in self.hosts:
            return Decision.UNKNOWN_HOST if self.prefix else Decision.NOT_FOUND
        if self.tls and facts.is_plain_http:
            return Decision.HTTP_ON_TLS_PORT
        if facts.has_side_effects and not self._is_own_origin(facts.origin):
            return Decision.FOREIGN_ORIGIN
        if (
            self.password is not None
            and rest
            and not any(map(self.password.is_valid_session_token, facts.session_tokens))
        ):
            return Decision.LOGIN_REQUIRED
        return Decision.ALLOWED

    def _is_own_origin(self, origin: str | None) -> bool:
        """Return True for an origin of the share; also without an origin if there is a token, since a program
        that knows the link is not a foreign page."""
        return bool(self.prefix) if origin is None else origin in self.origins
