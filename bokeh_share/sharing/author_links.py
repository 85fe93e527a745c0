"""Makes links to the author's own page, each good once and for two minutes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from IPython import get_ipython
from IPython.display import DisplayHandle

from .. import limits
from ..card import (
    LINK_EXPIRED_TEXT,
    LINK_USED_TEXT,
    build_author_link_bundle,
    build_ended_link_bundle,
    format_author_link,
)
from ..network import Link
from ..server.auth import AuthorAccess
from ..text import print_line
from .access import ShareAccess
from .event_loop import EventLoop


@dataclass(eq=False)
class AuthorLink:
    """A link to the author's own page, which controls the share. It works once, within two minutes.

    As the output of a cell it is shown until it was used or has expired, so that nothing that works later is
    saved with the notebook.
    """

    links: Sequence[Link] = field(repr=False)
    """The link at each address that leads here for the author, the best first."""
    expires_at: datetime
    on_display: Callable[[Any], None] = field(repr=False)
    """Called with the display that shows it."""

    @property
    def url(self) -> str:
        return self.links[0].url

    def __str__(self) -> str:
        return format_author_link(self.links, self.expires_at)

    def _ipython_display_(self) -> None:
        if not hasattr(get_ipython(), "kernel"):
            print_line(str(self))
            return
        handle = DisplayHandle()
        handle.display(build_author_link_bundle(self.links, self.expires_at), raw=True)
        self.on_display(handle)


class AuthorLinks:
    """Makes the author's links of one share, and takes each out of the notebook when it does not work any
    more. Exists as long as the share."""

    def __init__(self, loop: EventLoop, access: ShareAccess, author: AuthorAccess) -> None:
        self._loop, self._access, self._author = loop, access, author
        self._timers: dict[int, Callable[[], None]] = {}
        """Functions that cancel the expiry of the links that still work, by the number of the link."""
        self._displays: dict[int, Any] = {}
        """The displays that show a link that still works, by its number."""
        self._end_texts: dict[int, str] = {}
        """The reason why a link does not work any more, by its number."""
        self._count = 0

    def create(self) -> AuthorLink:
        """Make a link to the author's page."""
        self._count = number = self._count + 1
        code = self._author.issue_code(
            lambda: self._loop.schedule(0, lambda: self._end(number, LINK_USED_TEXT))
        )
        expires_at = datetime.now() + timedelta(seconds=limits.AUTHOR_CODE_LIFETIME)
        self._timers[number] = self._loop.call_later(
            limits.AUTHOR_CODE_LIFETIME, lambda: self._end(number, LINK_EXPIRED_TEXT)
        )
        links = [link._replace(url=f"{link.url}?author={code}") for link in self._list_links()]
        return AuthorLink(links, expires_at, lambda handle: self._add_display(number, handle))

    def create_relative_url(self, prefix: str) -> str:
        """Make a code for a page of the author that is open at the former link, and return the URL with it
        below this prefix, relative to that page. Cookies of the former link were revoked."""
        return f"..{prefix}/?author={self._author.issue_code()}"

    def revoke(self) -> None:
        """Revoke all links and cookies of the author, since the link was replaced or the share ends. Called
        in the author's thread, since the notebook may be saved afterwards."""
        self._author.revoke_all()
        for number in [*self._timers]:
            self._end(number, LINK_EXPIRED_TEXT)

    def _list_links(self) -> Sequence[Link]:
        """List the links that lead the author here: to this machine, or as the author said."""
        usable = [
            each for each in self._access.links if each.is_public or each.is_proxied or each.is_loopback
        ]
        return sorted(usable, key=lambda link: (not link.is_public, link.is_limited, link.is_proxied))

    def _add_display(self, number: int, handle: Any) -> None:
        if number in self._timers:
            self._displays[number] = handle
        else:
            _end_display(handle, self._end_texts[number])

    def _end(self, number: int, text: str) -> None:
        """Show on the display of a link that it does not work any more; the first reason stays."""
        cancel = self._timers.pop(number, None)
        if cancel is None:
            return
        cancel()
        self._end_texts[number] = text
        handle = self._displays.pop(number, None)
        if handle is not None:
            _end_display(handle, text)


def _end_display(handle: Any, text: str) -> None:
    handle.update(build_ended_link_bundle(text), raw=True)
