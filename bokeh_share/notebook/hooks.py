"""Hooks into IPython and Bokeh that follow which cell runs, what it shows, and when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial, wraps
from typing import TYPE_CHECKING, Any

from bokeh.io.notebook import install_notebook_hook, run_notebook_hook
from bokeh.io.state import curstate
from bokeh.models import LayoutDOM

from .. import compat
from ..apps import AppRegistry, as_app, is_bokeh_app_function
from ..card import NOT_SHARING_NOTE
from ..errors import BokehShareError
from ..plots import PlotTracker, Showable, as_showable, list_custom_types, log_issues
from ..text import print_line
from .cell import CellRun, Outcome
from .cells import Cells
from .compile_notice import print_compile_notice
from .displays import DisplayObserver, observe_displays
from .error_logging import log_errors
from .notebook_file import find_notebook_path
from .output_areas import OutputAreas
from .registered_callbacks import RegisteredCallbacks
from .running_cells import KernelRequest, RunningCells

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

NOTEBOOK_TYPE = "bokeh_share"
"""The notebook type that `show()` reaches where `output_notebook()` was not called."""


class NotebookHooks:
    """Hooks that pass what cells show to `tracker`; `load` and `unload` are symmetrical.

    Lives as long as the extension is loaded. Nothing in here may break the author's cell: errors are
    recorded in `tracker.plots.problems` or logged.
    """

    def __init__(self, shell: InteractiveShell, tracker: PlotTracker, apps: AppRegistry) -> None:
        self.shell = shell
        self.tracker = tracker
        self.apps = apps
        self.cells = Cells(tracker, shell.user_ns, find_notebook_path(shell))
        self._format_announcement: Callable[[], str] = lambda: NOT_SHARING_NOTE
        """Formats the text that a cell prints for an app, or for a plot where BokehJS was not loaded."""
        self.is_quiet = False
        """Whether cells print a text only for plots that are not on the page."""
        self._on_busy: Callable[[float | None], None] = lambda since: None
        """Called when a cell begins, with the time, and when it has ended, with None."""
        self.busy_since: float | None = None
        """By `time.monotonic`."""
        self._running_cells = RunningCells(self._read_request, self._update_busy)
        self._output_areas = OutputAreas(shell, self.cells, self._running_cells, self._read_request)
        self._displays = DisplayObserver(self.cells, lambda: self.cell, self._is_app, self.show)
        self._callbacks = RegisteredCallbacks(lambda: self.cell)
        tracker.capturer.connect_callbacks(self._callbacks)
        self._undo: list[Callable[[], object]] = []

    @property
    def cell(self) -> CellRun | None:
        """The cell that this code runs for."""
        return self._running_cells.current

    def load(self) -> None:
        self._running_cells.start_run(None)
        undo = self._undo.append
        for event, hook in (
            ("pre_run_cell", self._on_pre_run_cell),
            ("post_run_cell", self._on_post_run_cell),
        ):
            self.shell.events.register(event, hook)
            undo(partial(self.shell.events.unregister, event, hook))
        self._register_formatters()
        self._wrap_jupyter_hooks()
        self._output_areas.load()
        undo(self._output_areas.unload)
        install_notebook_hook(NOTEBOOK_TYPE, load_nothing, self._show_plot, self._show_app, overwrite=True)  # type: ignore[arg-type]
        undo(lambda: compat.remove_notebook_hooks(NOTEBOOK_TYPE))
        self._enable_notebook_type()
        undo(self._disable_notebook_type)
        undo(compat.follow_reset_output(self._enable_notebook_type))

    def unload(self) -> None:
        while self._undo:
            with suppress(ValueError):  # somebody else took a hook of ours away
                self._undo.pop()()
        self.tracker.close()
        self._displays.clean_up_plots()

    def connect_share(
        self, format_announcement: Callable[[], str], on_busy: Callable[[float | None], None]
    ) -> None:
        """Print a started share's announcement in cells, and call its `on_busy` when they begin or end."""
        self._format_announcement, self._on_busy = format_announcement, on_busy

    @property
    def is_outside_output(self) -> bool:
        """Whether this code runs outside of cells, and no widget collects what it puts out."""
        return self.cell is None and self._output_areas.current is None

    def show(self, shown: Showable, *, caption: str | None = None, value: Any = None) -> Outcome:
        """Put what the running cell shows on the page, unless the author keeps it off. `value` as for
        `Cells.show`."""
        area = self._output_areas.current
        try:
            return self.cells.show(shown, self.cell, caption=caption, area=area, value=value)
        finally:
            self._output_areas.handle_show(area)

    def _on_pre_run_cell(self, info: ExecutionInfo) -> None:
        self._output_areas.update_widgets()
        self.cells.delete_cells((getattr(info, "cell_meta", None) or {}).get("deletedCells") or ())
        with log_errors("looking at a document's callbacks"):
            self._callbacks.update()
        self._running_cells.start_run(info)
        self._enable_notebook_type()

    def _on_post_run_cell(self, result: ExecutionResult | None) -> None:
        def finish_run(cell: CellRun) -> None:
            with log_errors("looking at the plots after a cell"):
                success = result is not None and bool(result.success)
                self._output_areas.finish_run(cell, has_result=getattr(result, "result", None) is not None)
                self._callbacks.finish_run(cell, success=success)
                self.cells.finish_run(cell, success=success)
                self._displays.clean_up_plots()

        self._running_cells.finish_run(result, finish_run)

    def _update_busy(self, is_busy: bool) -> None:
        self.busy_since = time.monotonic() if is_busy else None
        self._on_busy(self.busy_since)

    def _read_request(self) -> KernelRequest:
        return KernelRequest.from_message(
            self.shell.get_parent() if hasattr(self.shell, "get_parent") else {}
        )

    def _enable_notebook_type(self) -> None:
        state = curstate()
        if not state.notebook:
            state.output_notebook(NOTEBOOK_TYPE)  # type: ignore[arg-type]  # a type of ours, as documented

    def _disable_notebook_type(self) -> None:
        if curstate().notebook_type == NOTEBOOK_TYPE:
            compat.disable_notebook_output()

    def _wrap_jupyter_hooks(self) -> None:
        previous_hooks = compat.get_notebook_hooks("jupyter")
        if previous_hooks is None:
            return

        @wraps(previous_hooks["doc"])
        def show_doc(obj: Any, *args: Any, **kwargs: Any) -> Any:
            result = previous_hooks["doc"](obj, *args, **kwargs)
            outcome = self._try_show(obj)
            if outcome is Outcome.DROPPED:
                print_line(Outcome.DROPPED.value)
            elif outcome is Outcome.ON_PAGE:
                self._announce_custom_models(obj, is_drawn=True)
            return result

        @wraps(previous_hooks["app"])
        def show_app(app: Any, *args: Any, **kwargs: Any) -> Any:
            if is_bokeh_app_function(app):
                previous_hooks["app"](app, *args, **kwargs)
            self._show_app(app)

        install_notebook_hook("jupyter", previous_hooks["load"], show_doc, show_app, overwrite=True)

        def restore_hooks() -> None:
            current_hooks = compat.get_notebook_hooks("jupyter")
            if current_hooks is not None and current_hooks["doc"] is show_doc:
                install_notebook_hook(
                    "jupyter",
                    previous_hooks["load"],
                    previous_hooks["doc"],
                    previous_hooks["app"],
                    overwrite=True,
                )

        self._undo.append(restore_hooks)

    def _register_formatters(self) -> None:
        assert self.shell.display_formatter is not None
        formatter = self.shell.display_formatter.ipython_display_formatter
        previous_formatter = formatter.for_type(LayoutDOM, self._display_model)

        def restore_formatter() -> None:
            if formatter.type_printers.get(LayoutDOM) == self._display_model:
                formatter.pop(LayoutDOM)
                if previous_formatter is not None:
                    formatter.for_type(LayoutDOM, previous_formatter)

        self._undo.append(restore_formatter)
        self._undo.append(
            observe_displays(self.shell.display_formatter.mimebundle_formatter, self._on_display)
        )

    def _on_display(self, value: Any, bundle: Mapping[str, Any]) -> None:
        with log_errors("looking at what a cell displays"):
            self._displays.handle_display(value, bundle)

    def _is_app(self, value: Any) -> bool:
        return any(app.viewable is value for app in self.apps)

    def _display_model(self, model: LayoutDOM) -> None:
        """A model as the last expression of a cell: as if it were shown."""
        state = curstate()
        kind = state.notebook_type if state.notebook else None
        run_notebook_hook(kind or NOTEBOOK_TYPE, "doc", model, state, False)  # type: ignore[arg-type]

    def _show_plot(self, obj: Any, state: Any, notebook_handle: Any = None) -> None:
        outcome = self._try_show(obj)
        with log_errors("showing a plot"):
            log_issues(obj)
            for model in obj if isinstance(obj, list) else [obj]:
                if model.document is not None:
                    # as when Bokeh shows it, or its document keeps all models that ever were in it
                    model.document.models.flush_synced()
        is_shared = outcome is Outcome.ON_PAGE
        if is_shared and self._announce_custom_models(obj):
            return
        if outcome is not None and not (is_shared and self.is_quiet):
            print_line(self._format_announcement() if is_shared else outcome.value)

    def _announce_custom_models(self, obj: Any, *, is_drawn: bool = False) -> bool:
        """Print whether browsers can load the plot's custom models, at once or when it is known.

        Returns whether it printed something, or will."""
        with log_errors("looking at the author's own models"):
            models = obj if isinstance(obj, list) else [obj]
            types = list_custom_types(each for model in models for each in model.references())
            if not types or self.tracker.custom_models.find_problem(types) == "":
                return False
            print_compile_notice(
                self.tracker.custom_models,
                types,
                "" if is_drawn or self.is_quiet else self._format_announcement(),
            )
            return True
        return False

    def _show_app(self, app: Any, *args: Any, **kwargs: Any) -> None:
        with log_errors("sharing an app"):
            try:
                name = self.apps.add(as_app(app)).name
            except BokehShareError as error:
                print_line(str(error))
            else:
                print_line(f"app {name} {self._format_announcement()}")

    def _try_show(self, obj: Any) -> Outcome | None:
        """Show `obj` without raising. Returns None if it cannot be on the page, after printing why."""
        with log_errors("capturing a plot"):
            try:
                return self.show(as_showable(obj))
            except BokehShareError as error:
                print_line(str(error))
        return None


def load_nothing(*args: object) -> None:
    """`output_notebook` with our type loads nothing."""
