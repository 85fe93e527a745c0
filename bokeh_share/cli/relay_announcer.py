"""Prints the state of the relay on a terminal, where no card shows it."""

from __future__ import annotations

from collections.abc import Callable

from ..sharing import RelaySnapshot
from ..text import make_printable, print_line


class RelayAnnouncer:
    """Prints the links at relays, and each change of the relay's state but for the number of viewers."""

    def __init__(self, say: Callable[[str], None] = print_line) -> None:
        self._say = say
        self._former_text = ""

    def update(self, snapshot: RelaySnapshot) -> None:
        """Print the state, if it is another one than before."""
        text = _describe(snapshot)
        if text and text != self._former_text:
            self._say(text)
        self._former_text = text or self._former_text


def _describe(snapshot: RelaySnapshot) -> str:
    line = snapshot.describe()
    if line is None or snapshot.status.state == "starting":
        return ""
    if snapshot.is_live and snapshot.links:
        return f"relay: live at {' and '.join(make_printable(link.url) for link in snapshot.links)}"
    has_viewers = snapshot.is_live and snapshot.viewer_count > 0
    return "" if has_viewers else line.text
