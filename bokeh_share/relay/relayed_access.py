"""The access rules of a relayed share."""

from __future__ import annotations

import hmac

from ..broker import ShareInfo
from ..server.auth import AccessControl, AccessRules, Password, PasswordHash
from .relay_services import RelayServices
from .relay_url import ShareAddress
from .remembered_password import RememberedPassword


class RelayedAccess:
    """Holds the access rules of a share, which depend on its password. Before `update`, nobody is let in."""

    def __init__(self, address: ShareAddress, services: RelayServices) -> None:
        self.control = AccessControl()
        self._address, self._services = address, services
        self._password: PasswordHash | None = None
        self._is_known = False
        self._revoked_tokens: dict[str, int] = {}
        """The session tokens of viewers who have logged out here."""

    def update(self, info: ShareInfo | None) -> bool:
        """Set the facts about the share; None for one that has ended. Return True if the rules have
        changed."""
        hashed = None if info is None else info.password
        if self._is_known and hashed == self._password:
            return False
        self._password, self._is_known = hashed, True
        self.control.update(self._build_rules(), None)
        return True

    def _build_rules(self) -> AccessRules:
        services, address = self._services, self._address
        return AccessRules(
            prefix=address.prefix,
            origins=services.list_origins(address.author),
            password=self._build_password(),
            tls=services.uses_tls,
            cookie_name=f"bokeh_share_{address.keys.short_name}",
            public_url=services.url.format_for(address.author),
        )

    def _build_password(self) -> Password | None:
        """Build the check of the password. All relays with the same secret accept the same session tokens;
        who reads the broker does not know the secret."""
        if self._password is None:
            return None
        secret = hmac.digest(self._services.secret, self._address.keys.stream.encode(), "sha256")
        remembered = RememberedPassword(self._password.salt, self._password.digest)
        return Password(remembered, secret, revoked=self._revoked_tokens)
