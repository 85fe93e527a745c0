"""What a request has to bring: the prefix, a name of ours, an origin of ours, and where set the password."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ...network import list_origin_hosts
from .password import Password


class Decision(Enum):
    """What comes of a request."""

    ALLOWED = "let in"
    NOT_FOUND = "not below the prefix: nothing is there, without a hint"
    UNKNOWN_HOST = "it knows the link, by a name that the share does not have"
    FOREIGN_ORIGIN = "a page from elsewhere sent it"
    HTTP_ON_TLS_PORT = "it comes by http where https is spoken"
    LOGIN_REQUIRED = "it brings no ticket for the password"


@dataclass(frozen=True)
class RequestFacts:
    """What counts of a request."""

    path: str
    host: str = ""
    """Its Host header."""
    origin: str | None = None
    """Its Origin header, if it has one."""
    is_plain_http: bool = False
    """Whether it comes by http."""
    has_side_effects: bool = False
    """Whether it does more than fetch: it opens a websocket or sends a form."""
    session_tokens: tuple[str, ...] = ()
    """What its cookies bring."""


@dataclass(frozen=True)
class AccessRules:
    """Who is let in. The value is replaced as a whole, so that each request is judged by one."""

    prefix: str = field(default="", repr=False)
    """Such as `/x8…`, or the empty text."""
    origins: frozenset[str] = frozenset()
    """Scheme, host and port of each address that the share announces, as browsers write them."""
    base_path: str = ""
    """The path of a public URL, which a proxy in front may leave on."""
    password: Password | None = None
    tls: bool = False
    """Whether https is spoken."""
    public_url: str = ""
    """The public URL, if the author has said one, without the part that can't be guessed."""

    @cached_property
    def hosts(self) -> frozenset[str]:
        """What a Host header may say."""
        return frozenset(host for origin in self.origins for host in list_origin_hosts(origin))

    def strip_prefix(self, path: str) -> str | None:
        """What is asked for below the prefix, such as `/page.js`; None outside."""
        if self.base_path and path.startswith(f"{self.base_path}/"):
            path = path[len(self.base_path) :]
        begin, rest = path[: len(self.prefix)], path[len(self.prefix) :]
        has_prefix = hmac.compare_digest(begin.encode(), self.prefix.encode())
        return rest if has_prefix and rest[:1] in ("", "/") else None

    def decide(self, facts: RequestFacts) -> Decision:
        """Another name tells a page that had its own name lead here (DNS rebinding)."""
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
        """A program that names no origin is no page of somebody else's if it knows the link."""
        return bool(self.prefix) if origin is None else origin in self.origins
