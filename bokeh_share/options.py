"""What the author asked for, by magic or function."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import BadOption


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

    def __post_init__(self) -> None:
        if self.max_viewers is not None and self.max_viewers < 1:
            hint = "at least one viewer may come; --stop ends sharing"
            raise BadOption("max_viewers", self.max_viewers, hint)


def place_of(external: bool | None, address: str | None) -> str | None:
    """What `--external`, `--local` and `--address` ask for together; raises `BadOption`."""
    if address is not None and external is False:
        raise BadOption("--address", address, "it goes with --external or alone, not with --local")
    if address is not None:
        return address
    return None if external is None else "external" if external else "local"
