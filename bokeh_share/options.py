"""What the author asked for, by magic or function."""

from __future__ import annotations

from dataclasses import dataclass, field

from .errors import BadOption, OptionsExclude
from .public import PublicUrl


@dataclass(frozen=True)
class Options:
    """What the author asked for; None keeps what a running share has, or takes the default."""

    place: str | None = None
    """`local`, `external`, `all`, an address, or an interface's name."""
    port: int | None = None
    title: str | None = None
    token: bool | None = None
    max_viewers: int | None = None
    fresh: bool = False
    """Whether the link is to be another one."""
    password: str | None = field(default=None, repr=False)
    """What viewers have to give besides the link."""
    tls: bool = False
    certfile: str | None = None
    keyfile: str | None = None
    public_url: str | None = None
    """Where colleagues find the share, if something else than this machine leads them there."""

    def __post_init__(self) -> None:
        if self.max_viewers is not None and self.max_viewers < 1:
            hint = "at least one viewer may come; --stop ends sharing"
            raise BadOption("max_viewers", self.max_viewers, hint)
        if self.token is False and self.password is not None:
            hint = "a password is for who has the link, which anyone can guess then"
            raise OptionsExclude("--no-token", "--password", hint)
        if self.keyfile is not None and self.certfile is None:
            raise BadOption("--keyfile", self.keyfile, "it goes with --certfile, the certificate of that key")
        if self.certfile is not None and not self.tls:
            raise BadOption("--certfile", self.certfile, "it goes with --tls")
        if self.public_url is not None:
            PublicUrl.read(self.public_url)


def place_of(external: bool | None, address: str | None) -> str | None:
    """What `--external`, `--local` and `--address` ask for together; raises `BadOption`."""
    if address is not None and external is False:
        raise BadOption("--address", address, "it goes with --external or alone, not with --local")
    if address is not None:
        return address
    return None if external is None else "external" if external else "local"
