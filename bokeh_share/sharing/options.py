"""The options of sharing that the author gave, as one value, checked against each other."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, Literal

from ..errors import BadOption, ConflictingOptions
from ..network import BLOCKED_PORTS, PublicUrl
from ..server import BLOCKED_PORT_HELP, PORT_HELP
from .errors import MissingOption

MAX_RETENTION = 3650
"""Maximum number of days for which relays show the last state."""
RETENTION_HELP = f"give a number of days from 0 to {MAX_RETENTION}, such as 30 or 0.5"
GUESSABLE_LINK_HELP = "relays need a link that cannot be guessed; leave out one of them"


@dataclass(frozen=True)
class Options:
    """The author's options; None keeps the value of a running share, or takes the default."""

    bind_address: str | None = None
    """`local`, `external`, `all`, an address, or an interface's name."""
    port: int | None = None
    title: str | None = None
    token: bool | None = None
    max_viewers: int | None = None
    all: bool | None = None
    """True if pictures, tables and texts of cells are shared too."""
    headings: bool | None = None
    """True if the page shows the notebook's headings."""
    download: bool | None = None
    pointing: bool | None = None
    """True if viewers can show the author which points they mean."""
    fresh: bool = False
    """True if the share needs a new link."""
    password: str | None = field(default=None, repr=False)
    """The password that viewers must enter; the empty text until the author is asked for it."""
    tls: bool = False
    certfile: str | None = None
    keyfile: str | None = None
    public_url: str | None = None
    """The URL of the share for colleagues, if a proxy or tunnel leads to it."""
    broker: str | Literal[False] | None = field(default=None, repr=False)
    """The URL of the broker, which may contain a password; False to publish to none."""
    retention: float | None = None
    """The number of days for which relays show the last state after the kernel has ended."""

    def __post_init__(self) -> None:
        if self.port is not None and not (_is_whole_number(self.port) and 0 <= self.port <= 65535):
            raise BadOption("port", self.port, PORT_HELP)
        if self.port in BLOCKED_PORTS:
            raise BadOption("port", self.port, BLOCKED_PORT_HELP)
        if self.max_viewers is not None and not _is_whole_number(self.max_viewers):
            raise BadOption("max_viewers", self.max_viewers, "give a whole number, such as 20")
        if self.max_viewers is not None and self.max_viewers < 1:
            raise BadOption("max_viewers", self.max_viewers, "give 1 or more")
        if self.token is False and self.fresh:
            raise ConflictingOptions("--fresh", "--no-token", "give one of them")
        if self.token is False and self.password is not None:
            hint = "a password protects a link that cannot be guessed; leave out --no-token"
            raise ConflictingOptions("--no-token", "--password", hint)
        if self.keyfile is not None and self.certfile is None:
            raise MissingOption("--keyfile", "--certfile")
        if self.certfile is not None and not self.tls:
            raise MissingOption("--certfile", "--tls")
        if self.broker == "":  # from a variable that is not set
            raise BadOption("broker", "", "give its URL, or --no-broker to publish to none")
        if self.retention is not None and not _is_day_count(self.retention):
            raise BadOption("retention", self.retention, RETENTION_HELP)
        if self.broker is False and self.retention is not None:
            raise ConflictingOptions("--no-broker", "--retention", "give one of them")
        if self.token is False and self.broker:
            raise ConflictingOptions("--no-token", "--broker", GUESSABLE_LINK_HELP)
        if self.public_url is not None:
            PublicUrl.parse(self.public_url)

    def check(self, *, has_password: bool) -> None:
        """Raise `ConflictingOptions` for options that a link with a password does not allow."""
        if self.token is False and has_password:
            hint = "--fresh makes a new link without a password; then give --no-token"
            raise ConflictingOptions("--no-token", "the password that is set", hint)


def build_options(parameters: Mapping[str, Any]) -> Options:
    """Build the options from the author's values for parameters of `share()`; others are ignored.

    Raises `BadOption`, `ConflictingOptions` or `MissingOption`.
    """
    get = parameters.get
    is_fresh, password = bool(get("fresh")), get("password")
    return Options(
        bind_address=_build_bind_address(get("external"), get("address")),
        port=get("port"),
        title=get("title"),
        token=True if is_fresh and get("token") is None else get("token"),
        max_viewers=get("max_viewers"),
        all=get("all"),
        headings=get("headings"),
        download=get("download"),
        pointing=get("pointing"),
        fresh=is_fresh,
        password="" if password is True else password or None,
        tls=bool(get("tls")),
        certfile=_convert_path(get("certfile")),
        keyfile=_convert_path(get("keyfile")),
        public_url=get("public_url"),
        broker=get("broker"),
        retention=get("retention"),
    )


def _convert_path(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(path)


def _is_whole_number(number: object) -> bool:
    """Return True for a whole number, also for numpy's, but not for `True`."""
    return isinstance(number, Integral) and not isinstance(number, bool)


def _is_day_count(number: object) -> bool:
    is_number = isinstance(number, Real) and not isinstance(number, bool)
    return is_number and 0 < float(number) <= MAX_RETENTION  # type: ignore[arg-type]  # a number


def _build_bind_address(external: bool | None, address: str | None) -> str | None:
    """Combine the values of `--external`, `--local` and `--address`. Raises `BadOption`."""
    if address is not None and not address:  # from a shell's variable that is not set
        raise BadOption("--address", address, "give an address or an interface, or leave the option out")
    if address is not None and external is False:
        raise BadOption("--address", address, "give it without --local or external=False")
    if address is not None:
        return address
    return None if external is None else "external" if external else "local"
