"""The ids of plots on the page, which are digests of their keys."""

from __future__ import annotations

from collections.abc import Iterable

from support.looks import look

from bokeh_share.plots.page import Page, Plot, PlotKey


def id_of(identifier: str, kind: str = "name", position: int = 0) -> str:
    """Return the id of the plot with this key."""
    key = PlotKey(kind, identifier, position)  # type: ignore[arg-type]
    (plot,) = Page().put(key, look("a"), now=1).plots
    return plot.id


def shorten_id(plots: Iterable[Plot], id: str) -> str:
    """Return the id that the author sees, such as `k1`, which counts the plots."""
    return next(plot.short_id for plot in plots if plot.id == id)
