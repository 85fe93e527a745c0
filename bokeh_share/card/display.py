"""The cards that the author has before them, kept up to date."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from IPython import get_ipython
from IPython.display import display

from .card import Card

MAX_CARDS = 5
"""How many of the cards that were shown last are kept up to date; the others, when the link is taken back."""
REDRAW_INTERVAL = 0.2
"""Seconds between two updates, at least."""


class CardDisplay:
    """Lives as long as a share; the last update says that it has ended."""

    def __init__(self, card: Callable[[], Card], soon: Callable[[float, Callable[[], None]], None]) -> None:
        """`soon` calls a function on the kernel's loop, some seconds from now."""
        self._card = card
        self._soon = soon
        self._displays: list[Any] = []
        self._pending = threading.Event()
        self._everywhere = False
        """Whether the next update is for all cards that ever were shown."""

    def show(self) -> None:
        """Show a card as what a cell has put out."""
        handle = display(self._bundle(), raw=True, display_id=True)
        if handle is not None and hasattr(get_ipython(), "kernel"):
            self._keep_up(handle)  # a terminal can't change what it has printed

    def show_in(self, handle: Any) -> None:
        """Show a card in a display of the notebook."""
        self._keep_up(handle)
        handle.update(self._bundle(), raw=True)

    def refresh(self, *, everywhere: bool = False) -> None:
        """Bring the cards up to date, soon, on the loop; may be called from any thread."""
        self._everywhere = self._everywhere or everywhere
        if self._displays and not self._pending.is_set():
            self._pending.set()
            self._soon(REDRAW_INTERVAL, self._refresh)

    def _refresh(self) -> None:
        self._pending.clear()
        begin = 0 if self._everywhere else -MAX_CARDS
        self._everywhere = False
        bundle = self._bundle()
        for handle in self._displays[begin:]:
            handle.update(bundle, raw=True)

    def _keep_up(self, handle: Any) -> None:
        self._displays.append(handle)

    def _bundle(self) -> dict[str, str]:
        card = self._card()
        return {"text/html": card.html(), "text/plain": card.text()}
