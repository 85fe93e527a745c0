"""The state of one viewer's page."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..wire import PlotEntries


@dataclass(eq=False)
class Viewer:
    """The hub's state of one open browser page."""

    entries: PlotEntries | None = None
    """The list of the plots that this viewer was last sent; None before the first one."""
    generations: dict[str, int] = field(default_factory=dict)
    """The generation that this viewer was last sent, by plot id."""
    can_decompress: bool = False
    """True if frames may be compressed."""
    has_plots: bool = True
    """True if the page shows the plots, and not an app."""
    first: str | None = None
    """The id, the name or the anchor of the plot that is sent first, until all were sent; None for the page's
    order."""

    is_author: bool = False
    """True for the author's own page, which does not follow the view that the author presents."""
    presented_step: int = 0
    """The step of the presented view that this viewer was last sent; 0 before the first one."""
    pin_step: int = 0
    """The step of the pins that this viewer was last sent; 0 before the first one."""

    def record_presented_step(self, step: int) -> None:
        """Record that the viewer is sent this step of the presented view."""
        self.presented_step = step

    def record_pin_step(self, step: int) -> None:
        """Record that the viewer is sent this step of the pins."""
        self.pin_step = step

    complete_version: int | None = None
    """The version of the page of which this viewer was sent all plots that there are; None if it is not
    known. Looking through the plots for each small message would cost more than sending it."""

    def record_complete(self, version: int) -> None:
        """Record that the viewer was sent all plots of this version of the page."""
        self.complete_version = version

    def forget_plot(self, plot_id: str) -> None:
        """Forget that the viewer was sent a plot, which it needs again."""
        self.generations.pop(plot_id, None)
        self.complete_version = None

    def end_catching_up(self) -> None:
        """Record that the viewer has all plots; later changes are sent in the page's order."""
        self.first = None

    def forget_page(self) -> None:
        """Record that the viewer has nothing of the page, since another kernel has begun to share it."""
        self.entries, self.generations = None, {}

    @property
    def version(self) -> int | None:
        """The version of the page that this viewer was last sent."""
        return None if self.entries is None else self.entries.version

    def update_page(self, entries: PlotEntries) -> None:
        """Record that the viewer is sent this version of the page, which has these plots and no others."""
        self.entries = entries
        self.generations = {id: n for id, n in self.generations.items() if id in entries.by_id}
