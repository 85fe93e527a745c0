"""The error for pictures, tables and texts that cannot be on the page."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import BokehShareError
from ...text import shorten


@dataclass(eq=False)
class CannotShow(BokehShareError):
    """A picture, a table or a text cannot be on the page."""

    plot_name: str
    """The plot, such as `matplotlib figure, cell [14]`."""
    reason: str

    def __str__(self) -> str:
        return f"cannot share {self.plot_name}: {shorten(self.reason)}"
