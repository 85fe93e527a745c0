"""Calls the function of an app for one viewer's document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent
from bokeh.model import Model

from ..errors import NotAModel
from ..plots import as_showable, render_element
from . import panel
from .app import App
from .errors import AppFailure
from .heights import build_stack
from .isolation import Isolation, ModelCheckpoint


class FunctionCaller:
    """Calls an app's function for one document, and gives the document models of its own. Exists as long as
    the document."""

    def __init__(self, app_name: str, document: Document) -> None:
        self._app_name = app_name
        self._document = document
        self._isolation = Isolation(app_name, document)
        self._checkpoint = ModelCheckpoint()
        """The time of the last call of the function."""

    def call(self, app: App, values: Mapping[str, Any]) -> Any:
        """Call the function and return its result; None if it filled the document.

        The document must be the current one. Raises what the function raises.
        """
        self._checkpoint = ModelCheckpoint()
        if app.is_plot_function:
            return app.parameters.call(values)
        app.parameters.call(values, self._document)
        if not self._document.roots:
            raise AppFailure(self._app_name, "adds nothing to its document", "call doc.add_root(…)")
        # Copied now: after the first edit the whole table would be sent again.
        panel.copy_frames(self._document)
        return None

    def call_for_root(self, app: App, values: Mapping[str, Any]) -> Model | None:
        """Call the function and return one model that shows its result; None if that is a Panel object."""
        result = self.call(app, values)
        return None if panel.is_viewable(result) else self.build_root(result)

    def build_root(self, result: Any) -> Model:
        """Return one model that shows what the function returned. Raises `AppFailure`."""
        try:
            showable = as_showable(render_element(result))
        except NotAModel as error:
            reason = f"returns {error.kind.replace('of type', 'a value of type', 1)}"
            hint = "return a Bokeh figure, layout, widget or table"
            raise AppFailure(self._app_name, reason, hint) from error
        root = build_stack(showable) if isinstance(showable, list) else showable
        return self._isolation.copy_foreign_models([root], self._checkpoint)[0]

    def isolate_roots(self) -> None:
        """Replace models that the function put into the document but did not make by copies. Raises
        `AppFailure`."""
        self._isolation.isolate_roots(self._checkpoint)

    def check_panes(self, viewable: Any) -> None:
        """Raises `AppFailure` if a Panel object has a plot in a pane that the function did not make."""
        plots = panel.list_panel_plots(viewable, name=self._app_name)
        if self._isolation.has_foreign_models(plots, self._checkpoint):
            reason = "puts a Bokeh plot in a pane of Panel, and did not make the plot"
            raise AppFailure(self._app_name, reason, "make the plot inside the function")

    def remove_roots(self) -> None:
        """Remove the models that the function added to the document."""
        self._isolation.remove_roots()

    def handle_change(self, event: DocumentChangedEvent, on_failure: Callable[[AppFailure], None]) -> None:
        """Replace models that a callback of the author puts into the document but did not make by copies."""
        self._isolation.handle_change(event, on_failure)
