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
        self._cell_number: int | str | None = None  # or the id of its request, by `_identify_cell`
        """The number of the cell that made the changes."""
        self._changes: dict[str, str] = {}
        """The changes by subject."""
        self._has_more = False
        """True if there were more than `MAX_CHANGES`."""
        self._is_card_needed = False
        self._has_changed = False

    @property
    def has_changed(self) -> bool:
        """True if the running cell has changed the share, also if the line was taken."""
        self._start_cell()
        return self._has_changed

    def add(self, change: str, *, subject: str | None = None) -> None:
        """Confirm a change, such as `the title is now 'Sales'` with the subject `title`. Without a subject,
        only the same change replaces it."""
        self._start_cell()
        self._has_changed = True
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

    @staticmethod
    def _identify_cell() -> int | str | None:
        """Return the id of the front end's request that runs this code, else the number of the running cell.

        Cells that a front end does not count all have the same number.
        """
        shell = get_ipython()
        request = shell.get_parent() if shell is not None and hasattr(shell, "get_parent") else None
        request_id: str | None = ((request or {}).get("header") or {}).get("msg_id")
        return request_id or getattr(shell, "execution_count", None)

    def _start_cell(self) -> None:
        """Forget the changes of a former cell."""
        number = self._identify_cell()
        if number != self._cell_number:
            self._cell_number, self._changes = number, {}
            self._has_more = self._is_card_needed = self._has_changed = False
