"""One viewer's document of an app, filled by the function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent, SessionCallbackAdded
from bokeh.io import curdoc
from bokeh.io.doc import patch_curdoc
from bokeh.model import Model
from bokeh.models import ColumnDataSource

from ..compat import restore_curdoc, run_on_loop
from ..errors import NotAModel
from ..plots import as_showable, render_element
from ..server import log_misuse
from . import panel
from .app import App
from .container import AppContainer
from .document_assets import DocumentAssets
from .errors import AppFailure
from .failures import is_author_error
from .heights import build_stack
from .isolation import Isolation, ModelCheckpoint
from .parameters import BadValue
from .protocol import measure_column_size
from .update import DocumentChanges, PlotState, update_document


class AppSession:
    """Exists from when a viewer's page opens its websocket until the viewer leaves, on the kernel's loop.

    Callers of its methods have acquired the document's lock.
    """

    def __init__(
        self,
        app: App,
        document: Document,
        arguments: Mapping[str, Sequence[str]],
        on_failure: Callable[..., None],
        on_outdated: Callable[[], None] = lambda: None,
        on_custom_models: Callable[[Iterable[type[Model]]], None] = lambda classes: None,
        *,
        wait_for_turn: Callable[[], Awaitable[None]] | None = None,
        on_time_spent: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """The document's callbacks await `wait_for_turn` before they run, and report to `on_time_spent` how
        many seconds they took."""
        self.app = app
        self.is_outdated = False
        """True if the viewer needs a new document, since this one cannot be updated as requested."""
        self.assets = DocumentAssets(document, on_custom_models)
        self._on_outdated = on_outdated
        self._wait_for_turn, self._on_time_spent = wait_for_turn, on_time_spent
        self._document = document
        self._arguments = arguments
        self._on_failure = on_failure
        self._option_values: dict[str, Any] = {}
        self._container = AppContainer(document, self._on_options_changed)
        self._plot_state: PlotState | None = None
        self._viewable: Any = None
        """The Panel object that the document is filled with, if any."""
        self._changes = DocumentChanges()
        self._is_calling = True
        """True while the function runs, or its result is put into the document."""
        self._isolation = Isolation(app.name, document)
        self._call_checkpoint = ModelCheckpoint()
        """The time of the last call of the function."""

    def start(self) -> None:
        """Call the function for the first time."""
        document = self._document
        # The page does that itself.
        document.config.update(reconnect_session=False, notify_connection_status=False)
        document.theme = curdoc().theme
        document.on_change(self._on_document_change)
        try:
            self._option_values = self.app.parameters.from_query(self._arguments)
            with restore_curdoc(), patch_curdoc(document):
                result = self._call_function()
                self._isolation.isolate_roots(self._call_checkpoint)
                if panel.is_viewable(result):
                    self._fill_with_panel(result)
                elif self.app.is_plot_function:
                    self._add_plot(self._build_root(result))
        except Exception as error:
            self._isolation.remove_roots()
            self._report_failure(error)
        finally:
            self._is_calling = False

    @property
    def data_size(self) -> int:
        """Approximate bytes of the columns in the document, which are most of a large document's memory."""
        sources = [each for each in self._document.models if isinstance(each, ColumnDataSource)]
        return sum(measure_column_size(column) for source in sources for column in source.data.values())

    def update_app(self, app: App) -> None:
        """Update the document to another version of the app that the author has shared."""
        if self._option_values:
            query = self.app.parameters.to_query(self._option_values)
            self._arguments = parse_qs(query, keep_blank_values=True)
        self.app = app
        self._option_values = _parse_valid_options(app, self._arguments)
        self._update_plot(new_widgets=True)

    def copy_frames(self) -> None:
        """Copy tables' data frames before the viewer edits them: the author may have set new ones since."""
        with restore_curdoc(), patch_curdoc(self._document):
            panel.copy_frames(self._document)

    def _add_plot(self, root: Model) -> None:
        self._plot_state = PlotState.capture(root, self._document, self.app.name)
        self._container.update(root, self.app, self._option_values, new_widgets=True)
        self._container.apply_sizing(root)
        self._update_tags()
        self._container.add_to_document()

    def _on_options_changed(self, values: dict[str, Any]) -> None:
        """Update the document after the viewer has chosen other options."""
        self._option_values = values
        self._update_plot()

    def _update_plot(self, *, new_widgets: bool = False) -> None:
        document, changes = self._document, self._changes
        former_callbacks, scripts = document.session_callbacks, document.callbacks.js_event_callbacks
        former_scripts = {event: [*of_event] for event, of_event in scripts.items()}
        self._is_calling = True
        try:
            with restore_curdoc(), patch_curdoc(document):
                result = None if self._viewable is not None else self._call_function()
                if self._viewable is not None or panel.is_viewable(result):
                    self._replace_document()
                    return
                root = self._build_root(result)
            if not self.assets.has_loaded_types(root):
                self._replace_document()
                return
            if self._plot_state is None:
                self._add_plot(root)
            else:
                with restore_curdoc(), patch_curdoc(document):
                    self._plot_state = update_document(
                        document,
                        root,
                        self._plot_state,
                        changes,
                        lambda: self._container.update(
                            root, self.app, self._option_values, new_widgets=new_widgets
                        ),
                        plot=self.app.name,
                    )
                self._container.apply_sizing(root)
            self._changes = DocumentChanges()
            for callback in former_callbacks:  # those of the former call
                if callback in document.session_callbacks:
                    document.callbacks.remove_session_callback(callback)
            for event, of_event in former_scripts.items():
                scripts[event] = [each for each in scripts[event] if each not in of_event]
            self._update_tags()
        except Exception as error:
            scripts.clear()
            scripts.update(former_scripts)
            self._report_failure(error)
        finally:
            self._is_calling = False

    def _replace_document(self) -> None:
        """Give the viewer a new document: only Panel can change its own models, and a page may have to load
        more."""
        self.is_outdated = True
        self._update_tags()
        self._document.add_next_tick_callback(self._on_outdated)  # after the tags with its address were sent

    def _call_function(self) -> Any:
        """Call the function and return its result; None if it filled the document."""
        app, document = self.app, self._document
        self._call_checkpoint = ModelCheckpoint()
        if app.is_plot_function:
            return app.parameters.call(self._option_values)
        app.parameters.call(self._option_values, document)
        if not document.roots:
            raise AppFailure(app.name, "adds nothing to its document", "call doc.add_root(…)")
        # Now: at the first edit the whole table would be sent again.
        panel.copy_frames(document)
        return None

    def _build_root(self, result: Any) -> Model:
        """Return one model that shows what the function returned."""
        try:
            showable = as_showable(render_element(result))
        except NotAModel as error:
            hint = "return a figure, layout, widget or table"
            raise AppFailure(self.app.name, f"returns a value of type {error.type_name!r}", hint) from error
        root = build_stack(showable) if isinstance(showable, list) else showable
        return self._isolation.copy_foreign_models([root], self._call_checkpoint)[0]

    def _fill_with_panel(self, viewable: Any) -> None:
        if self._isolation.has_foreign_models(
            panel.list_panel_plots(viewable, name=self.app.name), self._call_checkpoint
        ):
            reason = "shows a Bokeh plot in a pane of Panel's that it did not make"
            raise AppFailure(self.app.name, reason, "make the plot inside of the function")
        self._viewable = viewable
        if self._container.add_widgets(self.app, self._option_values):
            self._update_tags()
            self._container.add_to_document()
        panel.fill_document(self._document, viewable, name=self.app.name)

    def _update_tags(self) -> None:
        self._container.update_tags(self.app.parameters.to_query(self._option_values), self._plot_state)

    def _report_failure(self, error: Exception) -> None:
        """Show to the viewer that the function failed, and to the author why."""
        self._on_failure(self.app, error)
        query = self.app.parameters.to_query(self._option_values) if self._option_values else ""
        self._container.report_failure(query, is_empty=self._plot_state is None)

    async def _run_callback(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a callback of the document. Bokeh would print each of its errors into the author's cell."""
        try:
            if self._wait_for_turn is not None:
                await self._wait_for_turn()
            await panel.PanelCoroutine(coroutine, self._on_time_spent)
        except Exception as error:
            if is_author_error(error):
                self._on_failure(self.app, error)
            else:
                log_misuse("a value of a viewer is none that Panel takes")

    def _on_document_change(self, event: DocumentChangedEvent) -> None:
        if isinstance(event, SessionCallbackAdded):
            run_on_loop(event.callback, self._run_callback)
        elif not self._is_calling and getattr(event, "model", None) not in self._container.own_models:
            self._changes.record(event)
            if event.setter is None:
                self._isolation.handle_change(event, partial(self._on_failure, self.app))


def _parse_valid_options(app: App, arguments: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return the options that the viewer chose and that the app still accepts."""
    remaining = dict(arguments)
    while True:
        try:
            return app.parameters.from_query(remaining)
        except BadValue as error:
            if error.parameter not in remaining:
                raise
            del remaining[error.parameter]
