"""The state of a publisher, for the author's card."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

PublisherState: TypeAlias = Literal["starting", "live", "offline", "fenced", "refused"]


@dataclass(frozen=True)
class PublisherStatus:
    """The publisher's state at one moment."""

    state: PublisherState = "starting"
    offline_since: int | None = None
    """The time at which the broker was lost, in milliseconds since 1970, UTC."""
    viewer_count: int = 0
    """The number of viewers of all relays."""
    relay_urls: tuple[str, ...] = ()
    """The public URLs of the relays that run, without the link's secret part. One may contain `{author}`."""
    too_large: tuple[str, ...] = ()
    """The plots that the broker does not take, each by its name and its size."""
    problem: str = ""
    """The sentence for the author if the broker refuses or is unsuitable."""
