"""The state of publishing to the broker at one moment, as the author sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..broker import PublisherStatus, list_relay_links
from ..card import Note, RelayLine, describe_relay, list_broker_notes
from ..network import Link
from .broker_choice import NO_BROKER, BrokerChoice

RELAY_AUDIENCE = "through the relay"


@dataclass(frozen=True)
class RelaySnapshot:
    """The broker of a share, its links at relays, and their viewers."""

    is_active: bool = False
    """True if the share is to be published to a broker."""
    status: PublisherStatus = field(default_factory=PublisherStatus)
    broker: str = ""
    """The broker's URL without its password; empty if the URL is not valid."""
    author: str = ""
    """The user name in the broker's URL."""
    secret: str = field(default="", repr=False)
    """The secret part of the share's link."""
    choice: BrokerChoice = NO_BROKER
    is_password_saved: bool = False
    """True if a cell contains the broker's password."""

    @property
    def viewer_count(self) -> int:
        """The number of viewers of all relays."""
        return self.status.viewer_count if self.is_active else 0

    @property
    def is_live(self) -> bool:
        """True if relays show the newest page."""
        return self.is_active and self.status.state == "live"

    @property
    def links(self) -> tuple[Link, ...]:
        """The links of the share at relays."""
        if not (self.is_active and self.broker and self.secret):
            return ()
        urls = list_relay_links(self.status.relay_urls, self.secret, self.author)
        return tuple(Link(url, RELAY_AUDIENCE, is_relayed=True) for url in urls)

    def add_links(self, direct_links: Sequence[Link]) -> tuple[Link, ...]:
        """Return the direct links of a running share with those at relays, the best first: a relay's while
        relays are live, since everybody can open it. A share without direct links has none."""
        if not direct_links:
            return ()
        links = self.links
        return (*links, *direct_links) if self.is_live else (*direct_links, *links)

    def describe(self) -> RelayLine | None:
        """Build the card's line; None if the share is not published."""
        if not self.is_active:
            return None
        status = self.status
        return describe_relay(
            status.state,
            broker=self.broker,
            viewer_count=status.viewer_count,
            offline_since=status.offline_since,
            problem=status.problem,
            too_large=status.too_large,
            has_relay=bool(status.relay_urls) or status.viewer_count > 0,
            author_without_link=self.author if status.relay_urls and not self.links else "",
        )

    def list_notes(self) -> Iterator[Note]:
        """List the notes on the broker for the card's details."""
        if self.is_active and self.broker:
            yield from list_broker_notes(
                self.broker,
                retention=self.choice.retention,
                is_from_environment=self.choice.is_from_environment,
                is_password_saved=self.is_password_saved,
            )
