"""Holds the current access rules and certificate, and reads the logins of requests."""

from __future__ import annotations

import re

from tornado.httputil import HTTPServerRequest

from ..certificate import Certificate
from .author_access import AuthorAccess
from .rules import AccessRules


class AccessControl:
    """The access rules and the certificate of a share. Exists as long as the share.

    Two loops read it at the same time; `update` replaces the rules as a whole, so that one value decides each
    request.
    """

    def __init__(self, rules: AccessRules | None = None, certificate: Certificate | None = None) -> None:
        """Without rules it allows no request."""
        self._rules = AccessRules() if rules is None else rules
        self._certificate = certificate
        self.author = AuthorAccess()
        """The secrets of the author's own pages."""

    @property
    def rules(self) -> AccessRules:
        return self._rules

    @property
    def certificate(self) -> Certificate | None:
        """The certificate if the share uses TLS; then plain http is only redirected."""
        return self._certificate

    @property
    def has_password(self) -> bool:
        """True if viewers have to enter a password."""
        return self._rules.password is not None

    def update(self, rules: AccessRules, certificate: Certificate | None) -> None:
        """Replace the rules and the certificate for later requests."""
        self._certificate = certificate
        self._rules = rules

    def read_session_tokens(self, request: HTTPServerRequest) -> tuple[str, ...]:
        """Return the values of the request's cookies with the share's cookie name.

        There may be several: other servers of this host, or of a parent domain, can set one as well.
        """
        return _list_cookies(request, self._rules.cookie_name)

    def read_valid_session_tokens(self, request: HTTPServerRequest) -> tuple[str, ...]:
        """Return the valid session tokens of the request."""
        password = self._rules.password
        return (
            tuple(filter(password.is_valid_session_token, self.read_session_tokens(request)))
            if password is not None
            else ()
        )

    def is_author(self, request: HTTPServerRequest) -> bool:
        """Return True if the request has the author's cookie, and comes from a place where the author may
        be."""
        tokens = _list_cookies(request, self.author.cookie_name)
        return any(map(self.author.is_valid_token, tokens)) and self._is_from_author(request)

    def has_author_code(self, request: HTTPServerRequest) -> bool:
        """Return True if the request has a valid code of the author's link, and comes from a place where the
        author may be."""
        return self.author.is_valid_code(_read_author_code(request)) and self._is_from_author(request)

    def exchange_author_code(self, request: HTTPServerRequest) -> str | None:
        """Exchange the code of the request for a session token; None if the code is not valid any more."""
        return self.author.exchange(_read_author_code(request)) if self._is_from_author(request) else None

    def _is_from_author(self, request: HTTPServerRequest) -> bool:
        is_websocket = request.headers.get("Upgrade", "").lower() == "websocket"
        return self._rules.author.allows(
            host=request.host,
            remote_ip=str(request.remote_ip),
            origin=request.headers.get("Origin"),
            needs_origin=is_websocket or request.method not in ("GET", "HEAD"),
        )


def _list_cookies(request: HTTPServerRequest, name: str) -> tuple[str, ...]:
    """List the values of the cookies with this name; each value once."""
    pattern = rf"(?:^|[;,]) *{name}=([\w.-]*)"
    return tuple(dict.fromkeys(re.findall(pattern, request.headers.get("Cookie", ""))))


def _read_author_code(request: HTTPServerRequest) -> str:
    """Return the code in the query of the author's link; empty if there is none."""
    codes = request.query_arguments.get("author", [])
    return codes[0].decode("latin-1") if len(codes) == 1 else ""
