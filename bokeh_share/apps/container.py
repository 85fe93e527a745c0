"""The root of a viewer's document that holds the widgets for the options and what the function returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bokeh.document import Document
from bokeh.model import Model
from bokeh.models import Column
from bokeh.models.widgets import Div

from .app import App
from .heights import apply_sizing
from .parameters import OptionWidgets
from .update import PlotState

CONTAINER_NAME = "bokeh_share"
"""The name of the root that contains the result of the function. The page reads its tags: the query that
reproduces the state; a status if the function has failed or the document waits for the page; and the ranges
that a redraw replaced."""


class AppContainer:
    """Contains what one viewer sees of a function, and describes its state to the page by its tags."""

    def __init__(self, document: Document, on_options_changed: Callable[[dict[str, Any]], None]) -> None:
        """`on_options_changed` is called with all values when the viewer has changed one."""
        self._document = document
        self._on_options_changed = on_options_changed
        self._column = Column(name=CONTAINER_NAME)
        self._option_widgets: OptionWidgets | None = None
        self.own_models: set[Model] = {self._column}
        """Models that the function did not make."""
        self._replaced_ranges: list[list[str]] = []
        """Pairs of ids: the ranges of the last redraw, each with the range that it replaced."""

    def add_to_document(self) -> None:
        self._document.add_root(self._column)

    def update(self, root: Model, app: App, values: Mapping[str, Any], *, new_widgets: bool) -> None:
        """Show `root` below the widgets for the options of `app`, which stand for `values`."""
        widgets = self._list_widgets(app, values, rebuild=new_widgets)
        # The column takes any model here: `as_showable` has checked it.
        self._column.children = [*widgets, root]  # type: ignore[list-item]

    def add_widgets(self, app: App, values: Mapping[str, Any]) -> bool:
        """Show the widgets alone; return True if there are any."""
        if widgets := self._list_widgets(app, values, rebuild=True):
            self._column.children = widgets
        return bool(widgets)

    def apply_sizing(self, root: Model) -> None:
        """Size the column for `root`. Not part of `update`, whose events are not sent to the viewer."""
        apply_sizing(self._column, root, below=len(self._column.children) > 1)

    def _list_widgets(self, app: App, values: Mapping[str, Any], *, rebuild: bool) -> list[Any]:
        """Return the row of the widgets for the options, if the app has widgets."""
        if rebuild or self._option_widgets is None:
            needs_widgets = app.controls and len(list(app.parameters)) > 0
            self._option_widgets = (
                OptionWidgets(app.parameters, values, self._on_options_changed) if needs_widgets else None
            )
        widgets: list[Any] = [] if self._option_widgets is None else [self._option_widgets.model]
        self.own_models = {self._column, *(model for each in widgets for model in each.references())}
        return widgets

    def update_tags(self, query: str, plot_state: PlotState | None) -> None:
        """`query` is the part of the address that reproduces this state."""
        if plot_state is not None and plot_state.replaced_ranges:
            self._replaced_ranges = [list(pair) for pair in plot_state.replaced_ranges]
        self._column.tags = [query, "", self._replaced_ranges]

    def report_failure(self, query: str, *, is_empty: bool) -> None:
        """Mark for the page that the function failed, and if there is nothing to see: neither the result of
        an earlier call, nor widgets to choose other options."""
        has_widgets = self._option_widgets is not None
        self._column.tags = [query, "nothing" if is_empty and not has_widgets else "failed", []]
        if self._column not in self._document.roots:
            if not has_widgets:
                self._column.children = [Div()]  # Bokeh warns of a layout with nothing in it
            self.add_to_document()
