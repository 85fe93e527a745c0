"""Collects the changes that a cell makes to the share, for the line that replaces another card."""

from __future__ import annotations

from IPython import get_ipython


class Confirmation:
    """The changes that the running cell has made to a running share. Exists as long as the share."""

    def __init__(self) -> None:
        self._cell_number: int | None = None
        """The number of the cell that made the changes."""
        self._changes: list[str] = []
        self._is_card_needed = False

    def add(self, change: str) -> None:
        """Confirm a change, such as `the title is now 'Sales'`."""
        self._start_cell()
        if change not in self._changes:
            self._changes.append(change)

    def require_card(self) -> None:
        """Require the card instead of a line, since the link or its password changed."""
        self._start_cell()
        self._is_card_needed = True

    def take(self) -> str:
        """Return the line that confirms the running cell's changes; empty if the card must be shown."""
        self._start_cell()
        changes, self._changes = self._changes, []
        return "" if self._is_card_needed else " · ".join(changes)

    def _start_cell(self) -> None:
        """Forget the changes of a former cell."""
        number = getattr(get_ipython(), "execution_count", None)
        if number != self._cell_number:
            self._cell_number, self._changes, self._is_card_needed = number, [], False
