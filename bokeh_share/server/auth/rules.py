"""What a request has to bring: the prefix, a name of ours, an origin of ours, and where set the password."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property

from ...network.origins import hosts_of
from .password import Password


class Decision(Enum):
    """What comes of a request."""

    INSIDE = "let in"
    NOWHERE = "not below the prefix: nothing is there, without a hint"
    MISNAMED = "it knows the link, by a name that the share does not have"
    FOREIGN = "a page from elsewhere sent it"
    PLAIN = "it comes by http where https is spoken"
    LOCKED = "it brings no ticket for the password"


@dataclass(frozen=True)
class RequestFacts:
    """What counts of a request."""

    path: str
    host: str = ""
    """Its Host header."""
    origin: str | None = None
    """Its Origin header, if it has one."""
    plain: bool = False
    """Whether it comes by http."""
    acts: bool = False
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
    base: str = ""
    """The path of a public URL, which a proxy in front may leave on."""
    lock: Password | None = None
    tls: bool = False
    """Whether https is spoken."""
    public: str = ""
    """The public URL, if the author has said one, without the part that can't be guessed."""

    @cached_property
    def hosts(self) -> frozenset[str]:
        """What a Host header may say."""
        return frozenset(host for origin in self.origins for host in hosts_of(origin))

    def inside(self, path: str) -> str | None:
        """What is asked for below the prefix, such as `/page.js`; None outside."""
        if self.base and path.startswith(f"{self.base}/"):
            path = path[len(self.base) :]
        begin, rest = path[: len(self.prefix)], path[len(self.prefix) :]
        is_ours = hmac.compare_digest(begin.encode(), self.prefix.encode())
        return rest if is_ours and rest[:1] in ("", "/") else None

    def judge(self, asked: RequestFacts) -> Decision:
        """Another name tells a page that had its own name lead here (DNS rebinding)."""
        rest = self.inside(asked.path)
        if rest is None:
            return Decision.NOWHERE
        if asked.host.lower() not in self.hosts:
            return Decision.MISNAMED if self.prefix else Decision.NOWHERE
        if self.tls and asked.plain:
            return Decision.PLAIN
        if asked.acts and not self._is_ours(asked.origin):
            return Decision.FOREIGN
        if self.lock is not None and rest and not any(map(self.lock.admits, asked.session_tokens)):
            return Decision.LOCKED
        return Decision.INSIDE

    def _is_ours(self, origin: str | None) -> bool:
        """A program that names no origin is no page of somebody else's if it knows the link."""
        return bool(self.prefix) if origin is None else origin in self.origins
