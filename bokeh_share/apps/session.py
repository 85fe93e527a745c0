"""One viewer's document of an app, filled by the function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qs

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent, SessionCallbackAdded
from bokeh.io.doc import patch_curdoc
from bokeh.model import Model
from bokeh.models import ColumnDataSource

from ..compat import find_current_document, restore_curdoc, run_on_loop
from . import panel
from .app import App
from .callbacks import CallbackRunner, FormerCallbacks
from .container import AppContainer
from .document_assets import DocumentAssets
from .function_call import FunctionCaller
from .protocol import measure_column_size
from .update import DocumentChanges, PlotState, update_document


class AppSession:
    """One viewer's document and its state. Exists from opening the websocket until the viewer leaves, on the
    kernel's loop.

    Callers of its methods have acquired the document's lock.
    """

    def __init__(
        self,
        app: App,
        document: Document,
        arguments: Mapping[str, Sequence[str]],
        on_failure: Callable[[str, Exception], None],
        on_outdated: Callable[[], None] = lambda: None,
        on_custom_models: Callable[[Iterable[type[Model]]], None] = lambda classes: None,
        *,
        wait_for_turn: Callable[[], Awaitable[None]] | None = None,
        on_time_spent: Callable[[float], None] = lambda seconds: None,
    ) -> None:
        """`on_failure` is called with the app's name if the author's code fails, `on_outdated` if the viewer
        needs a new document, `on_custom_models` with the author's own model classes in the document. The
        document's callbacks await `wait_for_turn` before they run, and report to `on_time_spent` the seconds
        that they took."""
        self.app = app
        self.is_outdated = False
        """True if the viewer needs a new document, since this one cannot be updated as requested."""
        self.assets = DocumentAssets(document, on_custom_models)
        self._on_outdated = on_outdated
        self._on_failure = partial(on_failure, app.name)
        self._callback_runner = CallbackRunner(self._on_failure, wait_for_turn, on_time_spent)
        self._document = document
        self._arguments = arguments
        self._option_values: dict[str, Any] = {}
        self._container = AppContainer(document, self._on_options_changed)
        self._plot_state: PlotState | None = None
        self._viewable: Any = None
        """The Panel object that the document is filled with, if any."""
        self._changes = DocumentChanges()
        self._is_calling = True
        """True while the function runs, or its result is put into the document."""
        self._caller = FunctionCaller(app.name, document)

    def start(self) -> None:
        """Call the function for the first time."""
        document = self._document
        # The page does both itself.
        document.config.update(reconnect_session=False, notify_connection_status=False)
        document.theme = find_current_document().theme
        document.on_change(self._on_document_change)
        try:
            self._option_values = self.app.read_options(self._arguments)[0]
            with restore_curdoc(), patch_curdoc(document):
                result = self._caller.call(self.app, self._option_values)
                self._caller.isolate_roots()
                if panel.is_viewable(result):
                    self._fill_with_panel(result)
                elif self.app.is_plot_function:
                    self._add_plot(self._caller.build_root(result))
        except Exception as error:
            self._caller.remove_roots()
            if self._option_values:  # the viewer can choose options that do not fail
                self._container.add_widgets(self.app, self._option_values)
            self._report_failure(error)
        finally:
            self._is_calling = False

    @property
    def data_size(self) -> int:
        """Approximate bytes of the columns in the document, which use most of a large document's memory."""
        sources = [each for each in self._document.models if isinstance(each, ColumnDataSource)]
        return sum(measure_column_size(column) for source in sources for column in source.data.values())

    def update_app(self, app: App) -> None:
        """Update the document to another version of the app that the author has shared."""
        if self._option_values:
            query = self.app.parameters.to_query(self._option_values)
            self._arguments = parse_qs(query, keep_blank_values=True)
        self.app = app
        self._option_values = app.parameters.from_partial_query(self._arguments)[0]
        self._update_plot(new_widgets=True)

    def mark_outdated(self) -> None:
        """Open no further connection to this document."""
        self.is_outdated = True

    def copy_frames(self) -> None:
        """Copy tables' data frames before the viewer edits them: the author may have set new ones since."""
        with restore_curdoc(), patch_curdoc(self._document):
            panel.copy_frames(self._document)

    def _add_plot(self, root: Model, *, new_widgets: bool = True) -> None:
        self._plot_state = PlotState.capture(root, self._document, self.app.name)
        self._container.update(root, self.app, self._option_values, new_widgets=new_widgets)
        self._container.apply_sizing(root)
        self._update_tags()
        self._container.add_to_document()

    def _on_options_changed(self, values: dict[str, Any]) -> None:
        """Update the document after the viewer has chosen other options."""
        self._option_values = values
        self._update_plot()

    def _update_plot(self, *, new_widgets: bool = False) -> None:
        """Call the function again, and update the document to its result."""
        former_callbacks = FormerCallbacks(self._document)
        self._is_calling = True
        try:
            with restore_curdoc(), patch_curdoc(self._document):
                is_panel = self._viewable is not None
                root = None if is_panel else self._caller.call_for_root(self.app, self._option_values)
            if root is None or not self.assets.has_loaded_types(root):
                self._replace_document()
                return
            self._replace_plot(root, new_widgets=new_widgets)
            self._changes = DocumentChanges()
            former_callbacks.remove()
            self._update_tags()
        except Exception as error:
            former_callbacks.restore_scripts()
            self._report_failure(error)
        finally:
            self._is_calling = False

    def _replace_plot(self, root: Model, *, new_widgets: bool) -> None:
        """Show `root` instead of the former plot, if there is one."""
        if self._plot_state is None:
            self._add_plot(root, new_widgets=new_widgets)
            return
        put_root = partial(
            self._container.update, root, self.app, self._option_values, new_widgets=new_widgets
        )
        with restore_curdoc(), patch_curdoc(self._document):
            self._plot_state = update_document(
                self._document, root, self._plot_state, self._changes, put_root, plot=self.app.name
            )
        self._container.apply_sizing(root)

    def _replace_document(self) -> None:
        """Give the viewer a new document: only Panel can change its own models, and a page may have to load
        more."""
        self.mark_outdated()
        self._update_tags()
        self._document.add_next_tick_callback(self._on_outdated)  # after the tags with its address were sent

    def _fill_with_panel(self, viewable: Any) -> None:
        self._caller.check_panes(viewable)
        self._viewable = viewable
        if self._container.add_widgets(self.app, self._option_values):
            self._update_tags()
            self._container.add_to_document()
        panel.fill_document(self._document, viewable, name=self.app.name)

    def _update_tags(self) -> None:
        self._container.update_tags(self.app.parameters.to_query(self._option_values), self._plot_state)

    def _report_failure(self, error: Exception) -> None:
        """Show to the viewer that the function failed, and to the author why."""
        self._on_failure(error)
        query = self.app.parameters.to_query(self._option_values) if self._option_values else ""
        self._container.report_failure(query, is_empty=self._plot_state is None)

    def _on_document_change(self, event: DocumentChangedEvent) -> None:
        if isinstance(event, SessionCallbackAdded):
            run_on_loop(event.callback, self._callback_runner.run)
        elif not self._is_calling and getattr(event, "model", None) not in self._container.own_models:
            self._changes.record(event)
            if event.setter is None:
                self._caller.handle_change(event, self._on_failure)
