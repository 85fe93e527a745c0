"""Declares the notebook side as a share uses it, so that `sharing` does not import `notebook`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Protocol

from ..plots import PlotKey, Showable


class NotebookSide(Protocol):
    """The author's notebook, as a share uses it. Lives as long as the extension is loaded."""

    @property
    def path(self) -> Path | None:
        """The path of the notebook's file, if the front end gives it."""

    @property
    def saved_cell_ids(self) -> Collection[str]:
        """The ids of the notebook's cells, as its file had them when it was read last."""

    @property
    def busy_since(self) -> float | None:
        """When the cell that runs began, by `time.monotonic`."""

    @property
    def cell_number(self) -> int | None:
        """The number that the front end shows beside the cell that runs; None where there is none."""

    def find_cell_number(self, key: PlotKey) -> int | None:
        """Find the number of the cell that a plot belongs to; None if there is none."""

    def set_path(self, path: Path) -> None:
        """The file may have been renamed since."""

    def connect_share(
        self,
        format_announcement: Callable[[], str],
        on_busy: Callable[[float | None], None],
        on_renumber: Callable[[], None],
    ) -> None:
        """Print `format_announcement()` in cells from now on; call `on_busy` when a cell begins or ends, and
        `on_renumber` when plots may belong to a cell with another number."""

    def mute(self) -> None:
        """Stop cells from printing that a plot is on the page."""

    def put_plot(self, showable: Showable, value: Any, name: str | None, caption: str | None) -> None:
        """Put what `value` looks like on the page."""

    def drop(self, keys: Iterable[PlotKey]) -> None:
        """Take these off the page, for as long as they are not shared by name again."""

    def unload(self) -> None:
        """Take every hook back."""
