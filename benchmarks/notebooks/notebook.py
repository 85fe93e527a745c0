"""The interface of all notebooks whose pages are compared."""

from __future__ import annotations

from typing import Protocol

from benchmarks.changes import Change


class Notebook(Protocol):
    """Shows plots to a viewer, and changes them. Exists as long as its kernel."""

    def start(self) -> str:
        """Listen on loopback. Returns the URL of the page."""

    def show(self, change: Change, number: int) -> None:
        """Make the plots anew and show them in the place of the former ones: the cell is run again."""

    def edit(self, change: Change, number: int) -> None:
        """Change the plots in place."""
