"""Holds the current access rules and certificate, and reads the logins of requests."""

from __future__ import annotations

import re

from tornado.httputil import HTTPServerRequest

from ..certificate import Certificate
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
        pattern = rf"(?:^|[;,]) *{self._rules.cookie_name}=([\w.-]*)"
        return tuple(dict.fromkeys(re.findall(pattern, request.headers.get("Cookie", ""))))

    def read_valid_session_tokens(self, request: HTTPServerRequest) -> tuple[str, ...]:
        """Return the valid session tokens of the request."""
        password = self._rules.password
        return (
            tuple(filter(password.is_valid_session_token, self.read_session_tokens(request)))
            if password is not None
            else ()
        )
