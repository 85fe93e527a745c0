"""What cells display by other libraries' own methods: objects of HoloViews, hvPlot, Panel and jupyter_bokeh.

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
from ..plots.holoviews import apart, is_drawn_with_bokeh, is_element, plotted
from ..text import say
from .cell import Cell, Outcome
from .cells import Cells

if TYPE_CHECKING:
    from IPython.core.formatters import MimeBundleFormatter

ELEMENT = ("holoviews.core.dimension", "Dimensioned")
"""What all objects of HoloViews are, hvPlot's plots too."""
_PANEL = "since Panel draws it: share(function) shares one that"
OTHERS = {
    ("panel.viewable", "Viewable"): f"{_PANEL} makes and returns it",
    ("panel.viewable", "Viewer"): f"{_PANEL} makes and returns it",
    ("panel.template.base", "BaseTemplate"): f"{_PANEL} makes and returns it",
    ("hvplot.interactive", "Interactive"): f"{_PANEL} returns its .layout()",
    ("param.reactive", "rx"): f"{_PANEL} returns panel.panel(…) of it",
    ("jupyter_bokeh.widgets", "BokehModel"): "since Jupyter draws it: share(p) shares its plot",
}
"""What others draw, why it is not on the page, and what the author can do."""
PANELS = "application/vnd.holoviews_exec.v0+json"
"""Is in what Panel and HoloViews display, unless they do it as widgets of ipywidgets."""
PLOT = re.compile(r'"name":\s*"(Figure|Plot|GMap)"')
"""A plot in the JSON of Bokeh's documents."""

Heed = Callable[[Any, Mapping[str, Any]], None]
"""Called with what is displayed, and what stands for it, by MIME type."""


def follow(formatter: MimeBundleFormatter, heed: Heed) -> Callable[[], None]:
    """Have `heed` called with what cells display from now on; returns what ends that.

    What is displayed stays as it is. A class's formatter that somebody else registered is still asked.
    """
    undo = [_follow(formatter, kind, heed) for kind in (ELEMENT, *OTHERS)]

    def end() -> None:
        for each in undo:
            each()

    return end


def _follow(formatter: MimeBundleFormatter, kind: tuple[str, str], heed: Heed) -> Callable[[], None]:
    name = ".".join(kind)
    former = formatter.for_type_by_name(*kind)
    formatter.pop(name, None)  # or it would go before ours where the class is known already

    def display(value: Any) -> Any:
        __tracebackhide__ = True  # what goes wrong in here is not ours
        bundle = value._repr_mimebundle_(include=None, exclude=None) if former is None else former(value)
        heed(value, (bundle[0] if isinstance(bundle, tuple) else bundle) or {})
        return bundle

    formatter.for_type_by_name(*kind, display)

    def end() -> None:
        if formatter.for_type_by_name(*kind) is display:
            formatter.pop(name)
            if former is not None:
                formatter.for_type_by_name(*kind, former)

    return end


class Displays:
    """Puts on the page what HoloViews draws for cells, and tells of other plots that they are not there.

    Lives as long as the extension is loaded. A HoloViews object is drawn once more for the page: the model in
    the notebook is Panel's, which sets in it what its author does there with mouse and wheel.
    """

    def __init__(
        self,
        cells: Cells,
        cell: Callable[[], Cell | None],
        is_shared: Callable[[Any], bool],
        show: Callable[..., Outcome],
    ) -> None:
        """`cell` gives the one that runs, `is_shared` says whether an object of Panel's is an app, and `show`
        puts a model on the page, with what it was drawn of as `value`."""
        self._cells = cells
        self._cell = cell
        self._is_shared = is_shared
        self._put = show
        self._plots: list[Any] = []
        """HoloViews' plots of what is on the page."""
        self._said: WeakKeyDictionary[Cell, set[str]] = WeakKeyDictionary()
        """By the run of a cell: what was said of its displays, each once."""
        self._said_outside: set[str] = set()

    def heed(self, value: Any, bundle: Mapping[str, Any]) -> None:
        """A cell displays `value`, by this bundle: nothing, if that is empty."""
        cell = self._cell()
        if not bundle or (cell is not None and cell.skipped):
            return
        if not is_element(value):
            self._hint_at(value, bundle)
        elif is_drawn_with_bokeh():
            self._show(value, bundle, cell)

    def tidy(self) -> None:
        """Let streams forget plots that have left the page."""
        plots, self._plots = self._plots, []
        for plot in plots:
            if self._cells.has(plot.state):
                self._plots.append(plot)
            else:
                plot.cleanup()

    def _show(self, value: Any, bundle: Mapping[str, Any], cell: Cell | None) -> None:
        try:
            with _silence():  # it has warned when it was drawn in the notebook
                plot = plotted(value)
                model = apart(plot)
            self._plots.append(plot)
            outcome = self._put(model, value=value)
        except BokehShareError as error:
            if error.__cause__ is None or PANELS in bundle:  # or HoloViews has said it
                self._say(str(error))
            return
        if outcome is Outcome.DROPPED:
            self._say(outcome.value)

    def _hint_at(self, value: Any, bundle: Mapping[str, Any]) -> None:
        if not _has_plots(value, bundle) or self._is_shared(value):
            return
        kinds = [(kind.__module__, kind.__name__) for kind in type(value).__mro__]
        why = next(OTHERS[kind] for kind in kinds if kind in OTHERS)
        self._say(f"this {type(value).__name__} is not on the page, {why}")

    def _say(self, text: str) -> None:
        cell = self._cell()
        said = self._said.setdefault(cell, set()) if cell is not None else self._said_outside
        if text not in said:
            said.add(text)
            say(text)


def _has_plots(value: Any, bundle: Mapping[str, Any]) -> bool:
    """Whether Bokeh's plots are in what is displayed; in Panel's there may be widgets and texts only."""
    if PANELS in bundle:
        return PLOT.search(bundle.get("text/html", "")) is not None
    if (panes := sys.modules.get("panel.pane")) is None or not hasattr(value, "select"):
        return True
    return any(value.select(kind) for kind in (panes.Bokeh, panes.HoloViews))


@contextmanager
def _silence() -> Iterator[None]:
    """Inside, neither Python's warnings nor those of Param, which HoloViews gives, are printed."""
    from param.parameterized import logging_level

    with warnings.catch_warnings(), logging_level("CRITICAL"):
        warnings.simplefilter("ignore")
        yield
