"""Declares what a share asks of the author's notebook, which is given to it where there is one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Protocol

from ..plots import PlotKey, Showable


class NotebookSide(Protocol):
    """The author's notebook, as a share knows it. Lives as long as the extension is loaded."""

    @property
    def path(self) -> Path | None:
        """Where the notebook's file is, as far as its front end tells."""

    @property
    def saved_cell_ids(self) -> Collection[str]:
        """The ids of the notebook's cells, as its file had them when it was read last."""

    @property
    def busy_since(self) -> float | None:
        """When the cell that runs began, by `time.monotonic`."""

    def set_path(self, path: Path) -> None:
        """The file may have been renamed since."""

    def connect_share(
        self, format_announcement: Callable[[], str], on_busy: Callable[[float | None], None]
    ) -> None:
        """Cells say `format_announcement()` from now on; `on_busy` is called when one begins or ends."""

    def mute(self) -> None:
        """Cells do not say of each plot that it is on the page."""

    def put_plot(self, showable: Showable, value: Any, name: str | None, caption: str | None) -> None:
        """Put what `value` looks like on the page."""

    def drop(self, keys: Iterable[PlotKey]) -> None:
        """Take these off the page, for as long as they are not shared by name again."""

    def unload(self) -> None:
        """Take every hook back."""
