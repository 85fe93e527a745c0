"""Shows the card in the author's notebook and keeps it up to date; older cards point to the newest."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from IPython import get_ipython
from IPython.display import DisplayHandle, display

from .card import Card
from .template import render_template

MAX_OLDER_CARDS = 20
"""Maximum number of older cards that are updated when another cell shows the newest. Cards before them name
a former cell of the newest card; the card of that cell names the next cell."""
CARD_UPDATE_INTERVAL = 0.2
"""Minimum number of seconds between two updates."""

Schedule = Callable[[float, Callable[[], None]], None]
"""Calls a function on the kernel's loop, some seconds from now."""


@dataclass(frozen=True)
class ShownCard:
    """A card in the notebook, and the number of its cell, if that has one."""

    handle: Any
    cell_number: int | None


class CardDisplay:
    """The cards that a kernel has shown. Exists as long as the process.

    Only the newest card is live: it shows the state of the share that runs, or that ran last. When a cell
    shows another card, the older ones become a line that names this cell, without the link. So no card says
    "ended" while a share runs, or "live" while another share does. Cards of former kernels cannot be updated:
    each of them has the time of its state, and stays true.
    """

    def __init__(self, find_cell_number: Callable[[], int | None]) -> None:
        """`find_cell_number` returns the number of the cell that runs, as the notebook shows it."""
        self._find_cell_number = find_cell_number
        self.is_shown = False
        """True if a card was shown to the author."""
        self._build_card: Callable[[], Card] | None = None
        self._shown_card: Card | None = None
        """The state that the newest card shows."""
        self._schedule: Schedule = lambda delay, callback: None
        self._newest: ShownCard | None = None
        self._older: deque[ShownCard] = deque(maxlen=MAX_OLDER_CARDS)
        self._pending = threading.Event()
        self._lock = threading.RLock()
        """For `_newest` and its display: the loop and the author's threads update both."""

    def connect_share(self, build_card: Callable[[], Card], schedule: Schedule) -> None:
        """Show the state of this share from now on, in the newest card too."""
        self._build_card, self._schedule = build_card, schedule
        self._pending.clear()  # the former share's loop may have been closed before an update
        self.refresh()

    def show(self) -> None:
        """Show a card as the output of a cell."""
        if hasattr(get_ipython(), "kernel"):
            handle = DisplayHandle()
            self._show_by(handle.display, handle)
        else:  # a terminal can't change what it has printed
            self.is_shown = True
            display(self._build_mime_bundle(""), raw=True)

    def show_in(self, handle: Any) -> None:
        """Show a card in a display of the notebook."""
        self._show_by(handle.update, handle)

    def _show_by(self, put: Callable[..., object], handle: Any) -> None:
        self.is_shown = True
        with self._lock:
            if self._newest is not None:
                self._older.append(self._newest)
            self._newest = ShownCard(handle, self._find_cell_number())
            for card in self._older:
                card.handle.update(build_pointer(card, self._newest), raw=True)
            put(self._build_mime_bundle(handle.display_id), raw=True)

    def refresh(self) -> None:
        """Update the newest card soon, on the loop. May be called from any thread.

        No update is sent if only the time differs: an update changes the notebook, which must then be saved,
        and the card stays true without it.
        """
        if self._newest is not None and not self._pending.is_set():
            self._pending.set()
            self._schedule(CARD_UPDATE_INTERVAL, self._update_newest)

    def _update_newest(self) -> None:
        self._pending.clear()
        newest = self._newest
        if newest is None or self._build_card is None:
            return
        card = self._build_card()
        with self._lock:
            # it may have become an older one meanwhile
            if newest is self._newest and not card.has_same_state(self._shown_card):
                newest.handle.update(self._build_mime_bundle(newest.handle.display_id, card), raw=True)

    def _build_mime_bundle(self, key: str, card: Card | None = None) -> dict[str, str]:
        if card is None and self._build_card is not None:
            card = self._build_card()
        self._shown_card = card
        return {"text/html": card.to_html(key), "text/plain": card.to_text()} if card else {"text/plain": ""}


def build_pointer(older: ShownCard, newest: ShownCard) -> dict[str, str]:
    """Build the line that replaces an older card and points to the newest one."""
    if newest.cell_number is None:
        place = "the newest card"
    elif newest.cell_number == older.cell_number:
        place = "the card below"
    else:
        place = f"cell [{newest.cell_number}]"
    text = f"bokeh_share: see {place}"
    return {"text/html": render_template("pointer.html", text=text), "text/plain": text}
