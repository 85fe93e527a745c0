"""Keeps the displays that the author does not share, to count them, and to share them later."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple
from weakref import WeakKeyDictionary

from ..text import format_quantity, format_words
from .media import Display

MAX_WITHHELD_BYTES = 100_000_000
"""Maximum size of the displays that are kept; the oldest are only counted then."""
MAX_NAMED_CELLS = 8
"""Maximum number of cells that the line about these displays names."""


class WithheldDisplay(NamedTuple):
    """A display that is not shared, and the number of its cell, if it has one."""

    display: Display
    cell_number: int | None


class WithheldDisplays:
    """The pictures, tables and texts of cells that are not on the page, since the author shares only plots of
    Bokeh. Exists as long as its tracker.
    """

    def __init__(self) -> None:
        self.are_shared = False
        """True if the author shares the displays of all cells."""
        self._list_all: Callable[[], Iterable[WithheldDisplay]] = lambda: ()
        self._share_all: Callable[[], None] = lambda: None
        self._withhold_all: Callable[[], None] = lambda: None
        self._sizes: WeakKeyDictionary[Display, int] = WeakKeyDictionary()

    def connect_notebook(
        self,
        list_all: Callable[[], Iterable[WithheldDisplay]],
        share_all: Callable[[], None],
        withhold_all: Callable[[], None],
    ) -> None:
        """Use these functions of the notebook from now on: one lists the displays, one puts them on the
        page, and one takes them off it."""
        self._list_all, self._share_all, self._withhold_all = list_all, share_all, withhold_all

    def add(self, display: Display) -> None:
        """Keep a display as long as its output exists. The oldest give up their content if all have much."""
        self._sizes[display] = display.size
        total = sum(self._sizes.values())
        for oldest in [*self._sizes.keys()]:
            if total <= MAX_WITHHELD_BYTES:
                break
            total -= self._sizes.pop(oldest)
            oldest.release()

    def update_sharing(self, are_shared: bool) -> None:
        """Share the displays of all cells from now on, also those of cells that have run; or none, which
        takes them off the page."""
        were_shared, self.are_shared = self.are_shared, are_shared
        if are_shared:
            self._share_all()
        elif were_shared:
            self._withhold_all()

    def describe(self) -> str:
        """Describe them, such as `3 matplotlib figures of cells [4] and [9] are not shared: --all`; the empty
        text if there are none."""
        withheld = [*self._list_all()]
        if not withheld:
            return ""
        counts: dict[str, int] = {}
        for display, _ in withheld:
            counts[display.noun] = counts.get(display.noun, 0) + 1
        quantities = format_words([format_quantity(count, noun) for noun, count in counts.items()], "and")
        verb = "is" if len(withheld) == 1 else "are"
        return f"{quantities}{_describe_cells(withheld)} {verb} not shared: --all"


def _describe_cells(withheld: Iterable[WithheldDisplay]) -> str:
    numbers = dict.fromkeys(number for _, number in withheld if number is not None)
    if not numbers:
        return ""
    cells = [f"[{number}]" for number in sorted(numbers)]
    if len(cells) > MAX_NAMED_CELLS:
        return f" of {len(cells)} cells"
    return f" of cell{'s' * (len(cells) > 1)} {format_words(cells, 'and')}"
