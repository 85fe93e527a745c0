"""Finds the author's plots and data sources that viewers point at."""

from __future__ import annotations

from dataclasses import dataclass, field

from bokeh.model import Model

from ..broadcast import PointingBoard, PointingViewer
from ..plots import Plot, PlotTracker


@dataclass(frozen=True)
class Pointed:
    """The points that a viewer shows the author."""

    plot: Plot
    source: Model | None = field(repr=False)
    """Your data source that has the points; None if the viewer selected none, or if it is not found."""
    indices: tuple[int, ...]
    """The rows of the points in the source."""
    x_range: tuple[float, float]
    """Start and end of the part that the viewer sees; positions on an axis of factors."""
    y_range: tuple[float, float]
    name: str
    """The name that the viewer typed; anyone can type any name."""


class PointedPoints:
    """Reads the board of what viewers point at, for the author. Exists as long as the share.

    Called in the author's threads only, since it returns the author's own models.
    """

    def __init__(self, tracker: PlotTracker, board: PointingBoard) -> None:
        self._tracker, self._board = tracker, board

    def list_pointed(self) -> tuple[Pointed, ...]:
        """List what viewers point at now, the latest last."""
        plots = {plot.id: plot for plot in self._tracker.page.plots}
        return tuple(
            self._find(plots[each.pointing.plot], each)
            for each in self._board.pointed
            if each.pointing.plot in plots
        )

    def _find(self, plot: Plot, pointed: PointingViewer) -> Pointed:
        pointing = pointed.pointing
        source = None if pointing.source is None else self._find_model(plot, pointing.source)
        return Pointed(plot, source, pointing.indices, pointing.x, pointing.y, pointing.name)

    def _find_model(self, plot: Plot, model_id: str) -> Model | None:
        """Find the author's model that has this id on the page."""
        node_index = plot.snapshot.node_indices.get(model_id.removeprefix(f"{plot.id}."))
        tracked = self._tracker.plots.by_key.get(plot.key)
        if node_index is None or tracked is None:
            return None
        captured = tracked.captured
        return next(
            (model for model in captured.models if captured.node_indices.get(model.id) == node_index), None
        )
