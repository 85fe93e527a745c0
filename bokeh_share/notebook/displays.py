"""Observes displays of other libraries in cells: HoloViews, hvPlot, Panel and jupyter_bokeh.

IPython finds formatters by the names of classes, so nothing here imports those libraries.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import BokehShareError
from ..plots import PlotTracker, attach_document, build_plot, is_drawn_with_bokeh, is_element
from .cell import CellRun, Outcome
from .formatters import Formatter, replace_formatter

if TYPE_CHECKING:
    from IPython.core.formatters import MimeBundleFormatter

HOLOVIEWS_TYPE = ("holoviews.core.dimension", "Dimensioned")
"""The base class of all objects of HoloViews, and of hvPlot's plots."""
_PANEL_REASON = "since Panel draws it: share a function that"
UNSUPPORTED_TYPES = {
    ("panel.viewable", "Viewable"): f"{_PANEL_REASON} makes and returns it",
    ("panel.viewable", "Viewer"): f"{_PANEL_REASON} makes and returns it",
    ("panel.template.base", "BaseTemplate"): f"{_PANEL_REASON} makes and returns it",
    ("hvplot.interactive", "Interactive"): f"{_PANEL_REASON} returns its .layout()",
    ("param.reactive", "rx"): f"{_PANEL_REASON} returns panel.panel(…) of it",
    ("jupyter_bokeh.widgets", "BokehModel"): "since Jupyter draws it: share its Bokeh plot, share(p)",
}
"""Classes that other libraries draw, with the reason why they are not on the page, and advice."""
HOLOVIEWS_EXEC_MIME_TYPE = "application/vnd.holoviews_exec.v0+json"
"""The MIME type in displays of Panel and HoloViews, unless they use widgets of ipywidgets."""
PLOT_JSON_PATTERN = re.compile(r'"name":\s*"(Figure|Plot|GMap)"')
"""Matches a plot in the JSON of Bokeh's documents."""

OnDisplay = Callable[[Any, Mapping[str, Any]], None]
"""Called with a displayed object and its representations by MIME type."""


def observe_displays(formatter: MimeBundleFormatter, on_display: OnDisplay) -> Callable[[], None]:
    """Call `on_display` with each object that cells display from now on. Return a function that undoes this.

    The display itself is unchanged. Another package's formatter for the class is still used.
    """
    undo = [
        _observe_type(formatter, type_name, on_display) for type_name in (HOLOVIEWS_TYPE, *UNSUPPORTED_TYPES)
    ]

    def undo_all() -> None:
        for each in undo:
            each()

    return undo_all


def _observe_type(
    formatter: MimeBundleFormatter, type_name: tuple[str, str], on_display: OnDisplay
) -> Callable[[], None]:
    def format_value(value: Any, previous_formatter: Formatter | None) -> Any:
        __tracebackhide__ = True  # errors in here come from the displayed object
        bundle = (
            value._repr_mimebundle_(include=None, exclude=None)
            if previous_formatter is None
            else previous_formatter(value)
        )
        on_display(value, (bundle[0] if isinstance(bundle, tuple) else bundle) or {})
        return bundle

    return replace_formatter(formatter, type_name, format_value)


class DisplayObserver:
    """Puts plots on the page that HoloViews draws for cells, and prints a hint for plots that it cannot put
    there.

    Exists as long as the extension is loaded. A HoloViews object is drawn once more for the page: the model
    in the notebook is Panel's, and changes with the author's mouse and wheel.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        find_cell: Callable[[], CellRun | None],
        is_shared: Callable[[Any], bool],
        show_model: Callable[..., Outcome],
        print_once: Callable[[str], None],
    ) -> None:
        """`find_cell` returns the running cell, `is_shared` returns True if a Panel object is an app,
        `show_model` puts a model on the page, with the object from which it was drawn as `value`, and
        `print_once` prints a text once below the cell."""
        self._tracker = tracker
        self._find_cell = find_cell
        self._is_shared = is_shared
        self._show_model = show_model
        self._print_once = print_once
        self._holoviews_plots: list[Any] = []
        """HoloViews' plots of the objects on the page."""

    def handle_display(self, value: Any, bundle: Mapping[str, Any]) -> None:
        """Handle that a cell displays `value` by this bundle; an empty bundle displays nothing."""
        cell = self._find_cell()
        if not bundle or (cell is not None and cell.is_skipped):
            return
        if not is_element(value):
            self._print_hint(value, bundle)
        elif is_drawn_with_bokeh():
            self._show_element(value, bundle, cell)

    def clean_up_plots(self) -> None:
        """Stop streams from updating plots that have left the page."""
        plots, self._holoviews_plots = self._holoviews_plots, []
        for plot in plots:
            if self._tracker.plots.list_keys(plot.state):
                self._holoviews_plots.append(plot)
            else:
                plot.cleanup()

    def _show_element(self, value: Any, bundle: Mapping[str, Any], cell: CellRun | None) -> None:
        try:
            with _silence_warnings():  # the notebook has shown its warnings already
                plot = build_plot(value)
                model = attach_document(plot)
            self._holoviews_plots.append(plot)
            outcome = self._show_model(model, value=value)
        except BokehShareError as error:
            if error.__cause__ is None or HOLOVIEWS_EXEC_MIME_TYPE in bundle:  # else HoloViews has printed it
                self._print_once(str(error))
            return
        if outcome is Outcome.DROPPED:
            self._print_once(outcome.value)

    def _print_hint(self, value: Any, bundle: Mapping[str, Any]) -> None:
        if not _has_plots(value, bundle) or self._is_shared(value):
            return
        kinds = [(kind.__module__, kind.__name__) for kind in type(value).__mro__]
        reason = next(UNSUPPORTED_TYPES[kind] for kind in kinds if kind in UNSUPPORTED_TYPES)
        self._print_once(f"this {type(value).__name__} is not on the page, {reason}")


def _has_plots(value: Any, bundle: Mapping[str, Any]) -> bool:
    """Return True if the display contains Bokeh plots; Panel's may contain only widgets and texts."""
    if HOLOVIEWS_EXEC_MIME_TYPE in bundle:
        return PLOT_JSON_PATTERN.search(bundle.get("text/html", "")) is not None
    if (panes := sys.modules.get("panel.pane")) is None or not hasattr(value, "select"):
        return True
    return any(value.select(kind) for kind in (panes.Bokeh, panes.HoloViews))


@contextmanager
def _silence_warnings() -> Iterator[None]:
    """Silence Python's warnings inside the block, and Param's, which HoloViews uses."""
    from param.parameterized import logging_level

    with warnings.catch_warnings(), logging_level("CRITICAL"):
        warnings.simplefilter("ignore")
        yield
