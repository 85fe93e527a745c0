"""Collects the changes that a cell makes to the share, for the line that replaces another card."""

from __future__ import annotations

from IPython import get_ipython

MAX_CHANGES = 10
"""Maximum number of changes in the line. A script has no cells, so its changes would grow without end."""


class Confirmation:
    """The changes that the running cell has made to a running share. Exists as long as the share.

    A later change of the same subject, such as the title, replaces the earlier one.
    """

    def __init__(self) -> None:
        self._cell_number: int | None = None
        """The number of the cell that made the changes."""
        self._changes: dict[str, str] = {}
        """The changes by subject."""
        self._has_more = False
        """True if there were more than `MAX_CHANGES`."""
        self._is_card_needed = False

    def add(self, change: str, *, subject: str | None = None) -> None:
        """Confirm a change, such as `the title is now 'Sales'` with the subject `title`. Without a subject,
        only the same change replaces it."""
        self._start_cell()
        subject = change if subject is None else subject
        if subject in self._changes or len(self._changes) < MAX_CHANGES:
            self._changes[subject] = change
        else:
            self._has_more = True

    def require_card(self) -> None:
        """Require the card instead of a line, since the link or its password changed."""
        self._start_cell()
        self._is_card_needed = True

    def take(self) -> str:
        """Return the line that confirms the running cell's changes; empty if the card must be shown."""
        self._start_cell()
        changes = [*self._changes.values(), *(["and more"] if self._has_more else [])]
        self._changes, self._has_more = {}, False
        return "" if self._is_card_needed else " · ".join(changes)

    def _start_cell(self) -> None:
        """Forget the changes of a former cell."""
        number = getattr(get_ipython(), "execution_count", None)
        if number != self._cell_number:
            self._cell_number, self._changes = number, {}
            self._has_more = self._is_card_needed = False
