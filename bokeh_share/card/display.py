"""Shows the card in the author's notebook and keeps it up to date; older cards point to the newest."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from IPython import get_ipython
from IPython.display import DisplayHandle, display

from ..text import sanitize_for_log
from .card import Card
from .template import render_template

log = logging.getLogger(__name__)

MAX_OLDER_CARDS = 20
"""Maximum number of older cards that are updated when another cell shows the newest. Cards before them name
a former cell of the newest card; the card of that cell names the next cell."""
CARD_UPDATE_INTERVAL = 0.2
"""Minimum number of seconds between two updates."""

BLANK_BUNDLE = {"text/plain": ""}
"""The representations of an output without text."""

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
        """The state that the newest card shows; None if it must be updated."""
        self._schedule: Schedule = _ignore_update
        self._cards: tuple[ShownCard, ...] = ()
        """The cards, the newest last. An interrupt finds all of them or none changed."""
        self._pending = threading.Event()
        self._lock = threading.RLock()
        """For `_cards` and their displays: the loop and the author's threads update both."""

    def connect_share(self, build_card: Callable[[], Card], schedule: Schedule) -> None:
        """Show the state of this share from now on, in the newest card too."""
        self._build_card, self._schedule = build_card, schedule
        self._pending.clear()  # the former share's loop may have been closed before an update
        self.refresh()

    def disconnect_share(self) -> None:
        """Update the newest card for the last time, and hold nothing of the share from now on.

        The magic is unloaded, so the card does not say that it starts sharing again.
        """
        build_card = self._build_card
        if build_card is not None:
            self._build_card = lambda: replace(build_card(), can_restart=False)
            self.update()
        self._build_card, self._schedule, self._shown_card = None, _ignore_update, None

    def show(self) -> None:
        """Show a card as the output of a cell."""
        if hasattr(get_ipython(), "kernel"):
            handle = DisplayHandle()
            self._show_by(handle.display, handle)
        else:  # a terminal can't change what it has printed
            display(_build_mime_bundle(self._build_current_card(), ""), raw=True)
            self.is_shown = True

    def show_in(self, handle: Any) -> None:
        """Show a card in a display of the notebook. If this fails, the display is blank."""
        self._show_by(handle.update, handle)

    def is_newest(self, handle: Any) -> bool:
        """Return True if the newest card is in this display of the notebook."""
        return bool(self._cards) and self._cards[-1].handle is handle

    def _show_by(self, put: Callable[..., object], handle: Any) -> None:
        """Show a card by `put`. If this fails or is interrupted, the former card stays the newest."""
        with self._lock:
            former_cards, newest = self._cards, ShownCard(handle, self._find_cell_number())
            try:
                card = self._build_current_card()
                bundle = _build_mime_bundle(card, handle.display_id)
                self._shown_card, self._cards = None, (*former_cards, newest)[-1 - MAX_OLDER_CARDS :]
                self._update_older()
                put(bundle, raw=True)
            except BaseException:
                handle.update(BLANK_BUNDLE, raw=True)
                self._restore(former_cards)
                raise
            self._shown_card, self.is_shown = card, True

    def _restore(self, cards: tuple[ShownCard, ...]) -> None:
        """Make the last of these cards the newest again."""
        is_changed, self._cards = cards is not self._cards, cards
        if is_changed:
            self._update_older()
            self.update()

    def _update_older(self) -> None:
        """Let all cards but the newest point to it."""
        for card in self._cards[:-1]:
            card.handle.update(build_pointer(card, self._cards[-1]), raw=True)

    def refresh(self) -> None:
        """Update the newest card soon, on the loop. May be called from any thread.

        No update is sent if only the time differs: an update changes the notebook, which must then be saved,
        and the card stays true without it.
        """
        if self._cards and not self._pending.is_set():
            self._pending.set()
            self._schedule(CARD_UPDATE_INTERVAL, self.update)

    def update(self) -> None:
        """Update the newest card now, as `refresh` does. Errors are logged: the card keeps its state then."""
        self._pending.clear()
        if not self._cards or self._build_card is None:
            return
        newest = self._cards[-1]
        try:
            card = self._build_card()
            bundle = _build_mime_bundle(card, newest.handle.display_id)
        except Exception as error:
            log.error("building the card failed", exc_info=sanitize_for_log(error))
            return
        with self._lock:
            # it may have become an older one meanwhile
            if newest is self._cards[-1] and not card.has_same_state(self._shown_card):
                newest.handle.update(bundle, raw=True)
                self._shown_card = card

    def _build_current_card(self) -> Card | None:
        return self._build_card() if self._build_card is not None else None


def _ignore_update(delay: float, callback: Callable[[], None]) -> None:
    """Schedule nothing, since no share is connected."""


def _build_mime_bundle(card: Card | None, key: str) -> dict[str, str]:
    return {"text/html": card.to_html(key), "text/plain": card.to_text()} if card else BLANK_BUNDLE


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
