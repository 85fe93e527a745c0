"""The facts about a share that relays need besides its plots, as data for the broker."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ..server.auth import PasswordHash
from .errors import InvalidEntry


@dataclass(frozen=True)
class ShareInfo:
    """Facts about a share. Replaced as a whole when the link's password or the addresses change."""

    bokeh_version: str
    """The version of the BokehJS that draws the plots."""
    scripts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """The SHA-256 digest of each of BokehJS's scripts, by component, such as `bokeh-widgets`."""
    direct_urls: tuple[str, ...] = ()
    """The URLs of the share on the author's machine, without the secret part of the link, such as
    `http://192.0.2.7:5006`."""
    password: PasswordHash | None = field(default=None, repr=False)
    """The hash of the password that viewers must enter."""

    def encode(self) -> bytes:
        password = self.password and [self.password.salt.hex(), self.password.digest.hex()]
        fields = {
            "bokeh": self.bokeh_version,
            "scripts": dict(self.scripts),
            "urls": self.direct_urls,
            "password": password,
        }
        return json.dumps(fields).encode()

    @classmethod
    def decode(cls, data: bytes) -> ShareInfo:
        """Reverse `encode`. Raises `InvalidEntry` for other data."""
        try:
            return cls._read(json.loads(data))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InvalidEntry("it does not describe a share") from None

    @classmethod
    def _read(cls, fields: Any) -> ShareInfo:
        texts = [fields["bokeh"], *fields["urls"], *fields["scripts"], *fields["scripts"].values()]
        if not all(isinstance(each, str) for each in texts):
            raise TypeError
        password = fields["password"]
        if password is not None:
            password = PasswordHash(*map(bytes.fromhex, password))
        return cls(fields["bokeh"], fields["scripts"], tuple(fields["urls"]), password)
