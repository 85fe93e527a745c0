"""Keeps the cards in the author's notebook up to date."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from IPython import get_ipython
from IPython.display import display

from .card import Card

MAX_CARDS = 5
"""Number of latest cards that are kept up to date; older ones are updated when the link is revoked."""
CARD_UPDATE_INTERVAL = 0.2
"""Seconds between two updates, at least."""


class CardDisplay:
    """Lives as long as a share; the last update says that it has ended."""

    def __init__(
        self, build_card: Callable[[], Card], schedule: Callable[[float, Callable[[], None]], None]
    ) -> None:
        """`schedule` calls a function on the kernel's loop, some seconds from now."""
        self._build_card = build_card
        self._schedule = schedule
        self.is_shown = False
        """Whether the author has been shown a card."""
        self._displays: list[Any] = []
        self._pending = threading.Event()
        self._is_everywhere = False
        """Whether the next update is for all cards that ever were shown."""

    def show(self) -> None:
        """Show a card as the output of a cell."""
        self.is_shown = True
        handle = display(self._build_mime_bundle(), raw=True, display_id=True)
        if handle is not None and hasattr(get_ipython(), "kernel"):
            self._add_display(handle)  # a terminal can't change what it has printed

    def show_in(self, handle: Any) -> None:
        """Show a card in a display of the notebook."""
        self._add_display(handle)
        handle.update(self._build_mime_bundle(), raw=True)

    def refresh(self, *, everywhere: bool = False) -> None:
        """Bring the cards up to date, soon, on the loop; may be called from any thread."""
        self._is_everywhere = self._is_everywhere or everywhere
        if self._displays and not self._pending.is_set():
            self._pending.set()
            self._schedule(CARD_UPDATE_INTERVAL, self._update_cards)

    def _update_cards(self) -> None:
        self._pending.clear()
        start = 0 if self._is_everywhere else -MAX_CARDS
        self._is_everywhere = False
        bundle = self._build_mime_bundle()
        for handle in self._displays[start:]:
            handle.update(bundle, raw=True)

    def _add_display(self, handle: Any) -> None:
        self.is_shown = True
        self._displays.append(handle)

    def _build_mime_bundle(self) -> dict[str, str]:
        card = self._build_card()
        return {"text/html": card.to_html(), "text/plain": card.to_text()}
