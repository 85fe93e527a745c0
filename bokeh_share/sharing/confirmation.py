"""Collects the changes that a cell makes to the share, for the line that replaces another card."""

from __future__ import annotations

from IPython import get_ipython


class Confirmation:
    """The changes that the running cell has made to a running share. Exists as long as the share."""

    def __init__(self) -> None:
        self._cell_number: int | str | None = None  # or the id of its request, by `_identify_cell`
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
            self._cell_number, self._changes, self._is_card_needed = number, [], False
