"""One run of a cell, and what comes of a plot that it shows."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum

from ..plots.page import PlotKey
from .areas import Area


class Outcome(Enum):
    """What comes of a plot that a cell shows, in the words that the cell says."""

    ON_PAGE = "on the page"
    SKIPPED = "not shared"
    HIDDEN = "on the page when its output is displayed again"
    DROPPED = "not shared, since it was dropped: share it by a name to have it on the page again"


@dataclass(eq=False)
class CellRun:
    """One run of a cell."""

    id: str
    """The same whenever this cell is run."""
    has_id: bool = True
    """Whether the front end told it; otherwise it is made of the code."""
    name: str | None = None
    """What its plots are called, from `%%bokeh_share NAME`."""
    caption: str | None = None
    is_skipped: bool = False
    """Whether the author keeps this cell's plots off the page."""
    plot_keys: list[PlotKey] = field(default_factory=list)
    """Where its plots have been, also those that were cleared."""
    request_id: str = ""
    """The id of the front end's request that it runs for."""
    is_replaced: bool = False
    """Whether the cell was run again, or deleted."""
    area: Area = field(init=False, repr=False)
    """Where outputs appear that no widget collects."""

    def __post_init__(self) -> None:
        self.area = Area(cell=self)

    @classmethod
    def from_code(cls, id: str | None, code: str) -> CellRun:
        """Tell cells apart by their code where a front end gives them no ids; a changed one is another."""
        digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return cls(id or digest, has_id=bool(id))
