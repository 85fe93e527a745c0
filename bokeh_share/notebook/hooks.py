"""Hooks into IPython that follow which cell runs, what it displays, and when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from ..apps import AppRegistry
from ..plots import PlotTracker
from .announcer import Announcer
from .bokeh_hooks import BokehHooks
from .cell import CellRun
from .display_collector import DisplayCollector
from .displays import DisplayObserver, observe_displays
from .error_logging import log_errors
from .notebook_plots import NotebookPlots
from .output_areas import OutputAreas
from .registered_callbacks import RegisteredCallbacks
from .running_cells import KernelRequest, RunningCells

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell


class NotebookHooks:
    """Reports to `plots` which cells run, what they show and when they end. `load` and `unload` are
    symmetrical.

    Exists as long as the extension is loaded. Nothing in here may break the author's cell: errors are
    recorded in `tracker.plots.problems` or logged.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        tracker: PlotTracker,
        apps: AppRegistry,
        plots: NotebookPlots,
        announcer: Announcer,
    ) -> None:
        self._shell = shell
        self._tracker = tracker
        self._apps = apps
        self._plots = plots
        self._on_busy: Callable[[float | None], None] = lambda since: None
        """Called when a cell begins, with the time, and when it has ended, with None."""
        self._on_renumber: Callable[[], None] = lambda: None
        self.busy_since: float | None = None
        """By `time.monotonic`."""
        self._running_cells = RunningCells(self._read_request, self._update_busy, self._read_cell_number)
        self.output_areas = OutputAreas(shell, plots.cells, self._running_cells, self._read_request)
        """Shows plots for the running cell."""
        self._bokeh_hooks = BokehHooks(shell, apps, announcer, self.output_areas.show)
        self._displays = DisplayObserver(
            tracker, lambda: self.cell, self._is_app, self.output_areas.show, announcer.print_once
        )
        self._collector = DisplayCollector(
            self.output_areas, plots.displays, tracker.withheld, lambda: self.cell, announcer.print_once
        )
        self._announcer = announcer
        self._callbacks = RegisteredCallbacks(lambda: self.cell)
        tracker.capturer.connect_callbacks(self._callbacks)
        self._undo: list[Callable[[], object]] = []

    @property
    def cell(self) -> CellRun | None:
        """The cell for which this code runs."""
        return self._running_cells.current

    def load(self) -> None:
        self._running_cells.start_run(None)
        undo = self._undo.append
        for event, hook in (
            ("pre_run_cell", self._on_pre_run_cell),
            ("post_run_cell", self._on_post_run_cell),
        ):
            self._shell.events.register(event, hook)
            undo(partial(self._shell.events.unregister, event, hook))
        assert self._shell.display_formatter is not None
        undo(observe_displays(self._shell.display_formatter.mimebundle_formatter, self._on_display))
        self.output_areas.load(self._collector)
        undo(self.output_areas.unload)
        self._bokeh_hooks.load()
        undo(self._bokeh_hooks.unload)

    def unload(self) -> None:
        while self._undo:
            with suppress(ValueError):  # another package removed the hook
                self._undo.pop()()
        self._tracker.close()
        self._displays.clean_up_plots()

    def connect_share(self, on_busy: Callable[[float | None], None], on_renumber: Callable[[], None]) -> None:
        """Call `on_busy` when cells begin or end, and `on_renumber` when one that shows plots has ended."""
        self._on_busy, self._on_renumber = on_busy, on_renumber

    def _on_pre_run_cell(self, info: ExecutionInfo) -> None:
        self.output_areas.update_widgets()
        self._plots.cells.delete_cells((getattr(info, "cell_meta", None) or {}).get("deletedCells") or ())
        with log_errors("reading a document's callbacks"):
            self._callbacks.update()
        self._running_cells.start_run(info)
        self._bokeh_hooks.enable_notebook_type()

    def _on_post_run_cell(self, result: ExecutionResult | None) -> None:
        def finish_run(cell: CellRun) -> None:
            with log_errors("refreshing the plots after a cell"):
                success = result is not None and bool(result.success)
                self.output_areas.finish_run(cell, has_result=getattr(result, "result", None) is not None)
                self._callbacks.finish_run(cell, success=success)
                self._plots.finish_run(cell, success=success)
                self._displays.clean_up_plots()
                if cell.plot_keys or cell.area.withheld:
                    self._on_renumber()
                if not cell.plot_keys and success:
                    self._announcer.announce_missing_plot(cell)

        self._running_cells.finish_run(result, finish_run)

    def _read_cell_number(self) -> int:
        """Return the number of the cell that runs, if it is counted.

        Newer versions of IPython increase `execution_count` when a cell begins, older ones when it has ended.
        """
        number: int = getattr(self._shell.displayhook, "prompt_count", 0)  # the author may have another hook
        return number

    def _update_busy(self, is_busy: bool) -> None:
        self.busy_since = time.monotonic() if is_busy else None
        self._on_busy(self.busy_since)

    def _read_request(self) -> KernelRequest:
        return KernelRequest.from_message(
            self._shell.get_parent() if hasattr(self._shell, "get_parent") else {}
        )

    def _on_display(self, value: Any, bundle: Mapping[str, Any]) -> None:
        with log_errors("handling a display"):
            self._displays.handle_display(value, bundle)

    def _is_app(self, value: Any) -> bool:
        return any(app.viewable is value for app in self._apps)
