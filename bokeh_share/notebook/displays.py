"""Observes the displays of other libraries in cells: HoloViews, hvPlot, Panel and jupyter_bokeh.

IPython asks its formatters by the names of classes, so nothing here imports those libraries.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ..errors import BokehShareError
from ..plots import PlotTracker, attach_document, build_plot, is_drawn_with_bokeh, is_element
from ..text import print_line
from .cell import CellRun, Outcome
from .formatters import Formatter, replace_formatter

if TYPE_CHECKING:
    from IPython.core.formatters import MimeBundleFormatter

HOLOVIEWS_TYPE = ("holoviews.core.dimension", "Dimensioned")
"""What all objects of HoloViews are, hvPlot's plots too."""
_PANEL_REASON = "since Panel draws it: share a function that"
UNSUPPORTED_TYPES = {
    ("panel.viewable", "Viewable"): f"{_PANEL_REASON} makes and returns it",
    ("panel.viewable", "Viewer"): f"{_PANEL_REASON} makes and returns it",
    ("panel.template.base", "BaseTemplate"): f"{_PANEL_REASON} makes and returns it",
    ("hvplot.interactive", "Interactive"): f"{_PANEL_REASON} returns its .layout()",
    ("param.reactive", "rx"): f"{_PANEL_REASON} returns panel.panel(…) of it",
    ("jupyter_bokeh.widgets", "BokehModel"): "since Jupyter draws it: share its Bokeh plot, share(p)",
}
"""What others draw, why it is not on the page, and what the author can do."""
HOLOVIEWS_EXEC_MIME_TYPE = "application/vnd.holoviews_exec.v0+json"
"""Is in what Panel and HoloViews display, unless they do it as widgets of ipywidgets."""
PLOT_JSON_PATTERN = re.compile(r'"name":\s*"(Figure|Plot|GMap)"')
"""A plot in the JSON of Bokeh's documents."""

OnDisplay = Callable[[Any, Mapping[str, Any]], None]
"""Called with what is displayed, and what stands for it, by MIME type."""


def observe_displays(formatter: MimeBundleFormatter, on_display: OnDisplay) -> Callable[[], None]:
    """Call `on_display` with each object that cells display from now on; returns a function that undoes this.

    The display itself is unchanged. A formatter that somebody else registered for the class is still used.
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
        __tracebackhide__ = True  # what goes wrong in here is not ours
        bundle = (
            value._repr_mimebundle_(include=None, exclude=None)
            if previous_formatter is None
            else previous_formatter(value)
        )
        on_display(value, (bundle[0] if isinstance(bundle, tuple) else bundle) or {})
        return bundle

    return replace_formatter(formatter, type_name, format_value)


class DisplayObserver:
    """Puts on the page what HoloViews draws for cells, and prints a hint for plots that it cannot put there.

    Lives as long as the extension is loaded. A HoloViews object is drawn once more for the page: the model in
    the notebook is Panel's, which sets in it what its author does there with mouse and wheel.
    """

    def __init__(
        self,
        tracker: PlotTracker,
        find_cell: Callable[[], CellRun | None],
        is_shared: Callable[[Any], bool],
        show_model: Callable[..., Outcome],
    ) -> None:
        """`find_cell` returns the running cell, `is_shared` whether an object of Panel's is an app, and
        `show_model` puts a model on the page, with the object that it was drawn from as `value`."""
        self._tracker = tracker
        self._find_cell = find_cell
        self._is_shared = is_shared
        self._show_model = show_model
        self._holoviews_plots: list[Any] = []
        """HoloViews' plots of what is on the page."""
        self._printed_messages: WeakKeyDictionary[CellRun, set[str]] = WeakKeyDictionary()
        """By the run of a cell: the hints that were printed, each once."""
        self._printed_outside_cells: set[str] = set()

    def handle_display(self, value: Any, bundle: Mapping[str, Any]) -> None:
        """A cell displays `value`, by this bundle: nothing, if that is empty."""
        cell = self._find_cell()
        if not bundle or (cell is not None and cell.is_skipped):
            return
        if not is_element(value):
            self._print_hint(value, bundle)
        elif is_drawn_with_bokeh():
            self._show_element(value, bundle, cell)

    def clean_up_plots(self) -> None:
        """Let streams forget plots that have left the page."""
        plots, self._holoviews_plots = self._holoviews_plots, []
        for plot in plots:
            if self._tracker.plots.list_keys(plot.state):
                self._holoviews_plots.append(plot)
            else:
                plot.cleanup()

    def _show_element(self, value: Any, bundle: Mapping[str, Any], cell: CellRun | None) -> None:
        try:
            with _silence_warnings():  # it has warned when it was drawn in the notebook
                plot = build_plot(value)
                model = attach_document(plot)
            self._holoviews_plots.append(plot)
            outcome = self._show_model(model, value=value)
        except BokehShareError as error:
            if error.__cause__ is None or HOLOVIEWS_EXEC_MIME_TYPE in bundle:  # or HoloViews has printed it
                self._say_once(str(error))
            return
        if outcome is Outcome.DROPPED:
            self._say_once(outcome.value)

    def _print_hint(self, value: Any, bundle: Mapping[str, Any]) -> None:
        if not _has_plots(value, bundle) or self._is_shared(value):
            return
        kinds = [(kind.__module__, kind.__name__) for kind in type(value).__mro__]
        reason = next(UNSUPPORTED_TYPES[kind] for kind in kinds if kind in UNSUPPORTED_TYPES)
        self._say_once(f"this {type(value).__name__} is not on the page, {reason}")

    def _say_once(self, text: str) -> None:
        cell = self._find_cell()
        printed = (
            self._printed_messages.setdefault(cell, set())
            if cell is not None
            else self._printed_outside_cells
        )
        if text not in printed:
            printed.add(text)
            print_line(text)


def _has_plots(value: Any, bundle: Mapping[str, Any]) -> bool:
    """Whether Bokeh's plots are in what is displayed; in Panel's there may be widgets and texts only."""
    if HOLOVIEWS_EXEC_MIME_TYPE in bundle:
        return PLOT_JSON_PATTERN.search(bundle.get("text/html", "")) is not None
    if (panes := sys.modules.get("panel.pane")) is None or not hasattr(value, "select"):
        return True
    return any(value.select(kind) for kind in (panes.Bokeh, panes.HoloViews))


@contextmanager
def _silence_warnings() -> Iterator[None]:
    """Inside, neither Python's warnings nor those of Param, which HoloViews gives, are printed."""
    from param.parameterized import logging_level

    with warnings.catch_warnings(), logging_level("CRITICAL"):
        warnings.simplefilter("ignore")
        yield
