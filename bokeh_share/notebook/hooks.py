"""The IPython side of capture: which cell runs, what it shows, and when it ended."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from bokeh.io.notebook import install_notebook_hook, run_notebook_hook
from bokeh.io.state import curstate
from bokeh.models import LayoutDOM
from IPython import get_ipython
from IPython.core.inputtransformer2 import cell_magic

from .. import compat
from ..apps.app import Apps, as_app, as_bokeh_shows
from ..errors import BokehShareError
from ..plots.custom_models import types_of_custom
from ..plots.tracker import PlotTracker, Showable, as_shown, log_issues
from ..text import say
from .cell import Cell, Outcome
from .cells import Cells
from .compile_notice import tell_when_known
from .displays import Displays, follow
from .output_areas import OutputAreas
from .registered_callbacks import RegisteredCallbacks
from .reported import reported
from .running_cells import Request, RunningCells

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

SESSION, PARENT = "JPY_SESSION_NAME", "JPY_PARENT_PID"
OURS = "bokeh_share"
"""The notebook type that `show()` reaches where `output_notebook()` was not called."""


class Notebook:
    """Hooks that tell `capture` what cells show; `load` and `unload` are symmetrical.

    Lives as long as the extension is loaded. Nothing in here may break the author's cell: what goes
    wrong is noted in `capture.problems` or logged.
    """

    def __init__(self, shell: InteractiveShell, tracker: PlotTracker, apps: Apps) -> None:
        self.shell = shell
        self.tracker = tracker
        self.apps = apps
        self.cells = Cells(tracker, shell.user_ns, notebook_path(shell))
        self.announce: Callable[[], str] = lambda: "kept for the page; %bokeh_share starts sharing"
        """What a cell says instead of drawing, where BokehJS was not loaded: of this app, or of a plot."""
        self.quiet = False
        """Whether cells say only of what is not on the page."""
        self.on_busy: Callable[[float | None], None] = lambda since: None
        """Called when a cell begins, with the time, and when it has ended, with None."""
        self.busy_since: float | None = None
        """By `time.monotonic`."""
        self._running = RunningCells(self._request, self._show_busy)
        self._areas = OutputAreas(shell, self.cells, self._running, self._request)
        self._displays = Displays(self.cells, lambda: self.cell, self._is_app, self.show)
        self._registered = RegisteredCallbacks(lambda: self.cell)
        tracker.scripts_of = self._registered.of
        self._undo: list[Callable[[], object]] = []

    @property
    def cell(self) -> Cell | None:
        """The cell that this code runs for."""
        return self._running.current

    def load(self) -> None:
        self._running.begin(None)
        undo = self._undo.append
        for event, hook in (("pre_run_cell", self._begin), ("post_run_cell", self._end)):
            self.shell.events.register(event, hook)
            undo(partial(self.shell.events.unregister, event, hook))
        transformers = self.shell.input_transformers_cleanup
        transformers.insert(0, name_the_cell)
        undo(lambda: transformers.remove(name_the_cell))
        self._take_last_expressions()
        self._wrap_jupyter()
        self._areas.load()
        undo(self._areas.unload)
        install_notebook_hook(OURS, _nothing, self._show_here, self._show_app_here, overwrite=True)  # type: ignore[arg-type]
        undo(lambda: compat.forget_notebook_hooks(OURS))
        self._reach_notebook()
        undo(self._leave_notebook)
        undo(compat.on_reset_output(self._reach_notebook))

    def unload(self) -> None:
        while self._undo:
            with suppress(ValueError):  # somebody else took a hook of ours away
                self._undo.pop()()
        self.tracker.close()
        self._displays.tidy()

    @property
    def is_in_no_output(self) -> bool:
        """Whether this code runs outside of cells, and no widget collects what it puts out."""
        return self.cell is None and self._areas.current is None

    def show(self, shown: Showable, *, caption: str | None = None, value: Any = None) -> Outcome:
        """Put what the running cell shows on the page, unless the author keeps it off. `value` as for
        `Cells.show`."""
        area = self._areas.current
        try:
            return self.cells.show(shown, self.cell, caption=caption, area=area, value=value)
        finally:
            self._areas.shown(area)

    def _begin(self, info: ExecutionInfo) -> None:
        self._areas.look()
        self.cells.delete((getattr(info, "cell_meta", None) or {}).get("deletedCells") or ())
        with reported("looking at a document's callbacks"):
            self._registered.look()
        self._running.begin(info)
        self._reach_notebook()

    def _end(self, result: ExecutionResult | None) -> None:
        def finish(cell: Cell) -> None:
            with reported("looking at the plots after a cell"):
                success = result is not None and bool(result.success)
                self._areas.end(cell, has_result=getattr(result, "result", None) is not None)
                self._registered.end(cell, success=success)
                self.cells.finish(cell, success=success)
                self._displays.tidy()

        self._running.end(result, finish)

    def _show_busy(self, busy: bool) -> None:
        self.busy_since = time.monotonic() if busy else None
        self.on_busy(self.busy_since)

    def _request(self) -> Request:
        return Request.of(self.shell.get_parent() if hasattr(self.shell, "get_parent") else {})

    def _reach_notebook(self) -> None:
        state = curstate()
        if not state.notebook:
            state.output_notebook(OURS)  # type: ignore[arg-type]  # a type of ours, as documented

    def _leave_notebook(self) -> None:
        if curstate().notebook_type == OURS:
            compat.show_no_longer_in_notebook()

    def _wrap_jupyter(self) -> None:
        former = compat.notebook_hooks("jupyter")
        if former is None:
            return

        @wraps(former["doc"])
        def show_doc(obj: Any, *args: Any, **kwargs: Any) -> Any:
            result = former["doc"](obj, *args, **kwargs)
            outcome = self._show_quietly(obj)
            if outcome is Outcome.DROPPED:
                say(Outcome.DROPPED.value)
            elif outcome is Outcome.ON_PAGE:
                self._says_of_custom(obj, drawn=True)
            return result

        @wraps(former["app"])
        def show_app(app: Any, *args: Any, **kwargs: Any) -> Any:
            if as_bokeh_shows(app):
                former["app"](app, *args, **kwargs)
            self._show_app_here(app)

        install_notebook_hook("jupyter", former["load"], show_doc, show_app, overwrite=True)

        def undo() -> None:
            now = compat.notebook_hooks("jupyter")
            if now is not None and now["doc"] is show_doc:
                install_notebook_hook("jupyter", former["load"], former["doc"], former["app"], overwrite=True)

        self._undo.append(undo)

    def _take_last_expressions(self) -> None:
        assert self.shell.display_formatter is not None
        formatter = self.shell.display_formatter.ipython_display_formatter
        former = formatter.for_type(LayoutDOM, self._display)

        def undo() -> None:
            if formatter.type_printers.get(LayoutDOM) == self._display:
                formatter.pop(LayoutDOM)
                if former is not None:
                    formatter.for_type(LayoutDOM, former)

        self._undo.append(undo)
        self._undo.append(follow(self.shell.display_formatter.mimebundle_formatter, self._heed_display))

    def _heed_display(self, value: Any, bundle: Mapping[str, Any]) -> None:
        with reported("looking at what a cell displays"):
            self._displays.heed(value, bundle)

    def _is_app(self, value: Any) -> bool:
        return any(app.value is value for app in self.apps)

    def _display(self, model: LayoutDOM) -> None:
        """A model as the last expression of a cell: as if it were shown."""
        state = curstate()
        kind = state.notebook_type if state.notebook else None
        run_notebook_hook(kind or OURS, "doc", model, state, False)  # type: ignore[arg-type]

    def _show_here(self, obj: Any, state: Any, notebook_handle: Any = None) -> None:
        outcome = self._show_quietly(obj)
        with reported("showing a plot"):
            log_issues(obj)
            for model in obj if isinstance(obj, list) else [obj]:
                if model.document is not None:
                    # as when Bokeh shows it, or its document keeps all models that ever were in it
                    model.document.models.flush_synced()
        is_shared = outcome is Outcome.ON_PAGE
        if is_shared and self._says_of_custom(obj):
            return
        if outcome is not None and not (is_shared and self.quiet):
            say(self.announce() if is_shared else outcome.value)

    def _says_of_custom(self, obj: Any, *, drawn: bool = False) -> bool:
        """Say of a plot with models of the author's own whether browsers can be given them, if need be once
        that is known. Whether there was anything to say."""
        with reported("looking at the author's own models"):
            models = obj if isinstance(obj, list) else [obj]
            types = types_of_custom(each for model in models for each in model.references())
            if not types or self.tracker.custom.problem(types) == "":
                return False
            tell_when_known(self.tracker.custom, types, "" if drawn or self.quiet else self.announce())
            return True
        return False

    def _show_app_here(self, app: Any, *args: Any, **kwargs: Any) -> None:
        with reported("sharing an app"):
            try:
                name = self.apps.put(as_app(app)).name
            except BokehShareError as error:
                say(str(error))
            else:
                say(f"app {name} {self.announce()}")

    def _show_quietly(self, obj: Any) -> Outcome | None:
        """Show without ever raising. None for what can't be on the page, which was said."""
        with reported("capturing a plot"):
            try:
                return self.show(as_shown(obj))
            except BokehShareError as error:
                say(str(error))
        return None


def name_the_cell(lines: list[str]) -> list[str]:
    """Turns `%%bokeh_share …` on top of a cell into a statement before its other lines.

    As a cell magic proper it would run the cell inside a cell, where `await` does not work. Lines keep
    their numbers.
    """
    first = next((index for index, line in enumerate(lines) if line.strip()), None)
    if first is None or lines[first].split(maxsplit=1)[0] != "%%bokeh_share":
        return lines
    arguments = lines[first].strip().removeprefix("%%bokeh_share").strip()
    if arguments.endswith("?"):
        return lines
    rest = lines[first + 1 :]
    if rest and rest[0].startswith("%%"):
        rest = cell_magic(rest)
    return [*lines[:first], f"get_ipython().run_cell_magic('bokeh_share', {arguments!r}, '\\n')\n", *rest]


def notebook_path(shell: Any) -> Path | None:
    """Where the notebook's file is, as far as its front end tells: VS Code in a variable, Jupyter's server in
    the environment."""
    path = shell.user_ns.get("__vsc_ipynb_file__")
    if path is None and hasattr(shell, "kernel") and not _is_inherited(SESSION):
        path = os.environ.get(SESSION)
    return Path(path) if path else None


def default_title(notebook: Path | None) -> str:
    """The notebook's or the script's name; `notebook` is what it is called by now, if that is known."""
    shell = get_ipython()
    path = notebook or (notebook_path(shell) if shell is not None else Path(sys.argv[0]))
    return path.stem if path is not None and path.stem.strip("-") else "Plots"


def _is_inherited(name: str) -> bool:
    """Whether an environment variable is that of a notebook that started this kernel from a cell.

    A program in between, as a virtual environment's Python on Windows is, passes Jupyter's own
    variables on as they are; whoever starts a kernel gives it another parent.
    """
    with suppress(psutil.Error):
        others = psutil.Process(os.getppid()).environ()
        return (
            name in os.environ
            and others.get(name) == os.environ[name]
            and others.get(PARENT) != os.environ.get(PARENT)
        )
    return False


def _nothing(*args: object) -> None:
    """`output_notebook` with our type loads nothing."""
