"""Where a script's `show()` puts its plots instead of writing a file and opening a browser."""

from __future__ import annotations

import sys
from typing import Any

from bokeh.io.notebook import install_notebook_hook
from bokeh.io.state import curstate
from bokeh.settings import settings

from ..apps.app import as_app
from ..compat import on_reset_output
from ..errors import BokehShareError
from ..notebook.hooks import OURS
from ..plots.page import PlotKey
from ..plots.recognition import Recognition
from ..plots.tracker import as_shown, log_issues
from ..sharing import current
from ..text import say


class ShowHooks:
    """Takes part in `show()` from construction to the end of the process, which runs one script.

    A plot is known by the variable that it is bound to, else by its place among those that are not, so
    that another run of the script finds it again; of several, `Recognition` tells which is which.
    """

    def __init__(self) -> None:
        self._capture, self._apps = current.parts()
        self.shown: list[tuple[PlotKey | None, Any]] = []
        """What this run of the script has shown; apps are known by their names."""
        self._known: set[PlotKey] = set()
        """What the runs before it have left on the page."""
        self._run = _Run()
        self._recognition = Recognition(self._capture, {}, lambda moves: self._known.update(moves.values()))
        for kind in (OURS, "jupyter"):  # a notebook that was saved as a script calls `output_notebook()`
            install_notebook_hook(kind, _nothing, self._show, self._show_app, overwrite=True)  # type: ignore[arg-type]
        on_reset_output(_reach_hooks)
        # For `output_file()`: the file is written, and there is the page to look at.
        settings.browser.set_value("none")

    def begin(self) -> None:
        """The script runs from its top."""
        curstate().reset()  # and `show()` reaches the hooks again
        self.shown, self._run = [], _Run()

    def end(self, *, success: bool) -> None:
        """It has ended: what it no longer shows goes, unless it failed before it reached that."""
        shown = {key for key, _ in self.shown if key is not None}
        self._recognition.end(self._run)
        if success:
            gone = self._known - shown
            self._capture.remove(gone.__contains__)
            self._known = shown
        else:
            self._known |= shown
        self._capture.look_again()

    def _show(self, obj: Any, state: Any, notebook_handle: Any = None) -> None:
        try:
            shown, key, captured = as_shown(obj), self._key(obj), None
            so_far = {each for each, _ in self.shown}
            if key not in so_far:
                alike = {each for each in self._known - so_far if each[:2] == key[:2]}
                captured = self._recognition.settle(self._run, key, shown, alike)
            self.shown.append((key, obj))  # also if it cannot be pictured: then it stays as it was
            self._capture.put(key, shown, captured=captured)
            log_issues(shown)
        except BokehShareError as error:
            say(str(error), wrong=True)

    def _show_app(self, app: Any, *args: Any, **kwargs: Any) -> None:
        try:
            self._apps.put(as_app(app))
            self.shown.append((None, app))
        except BokehShareError as error:
            say(str(error), wrong=True)

    def _key(self, obj: Any) -> PlotKey:
        if (again := next((key for key, each in self.shown if each is obj), None)) is not None:
            return again
        bound = list(vars(sys.modules["__main__"]).items())
        name = next((key for key, value in bound if value is obj and not key.startswith("_")), None)
        first = PlotKey("name", name) if name is not None else PlotKey("code", "script")
        before = [key for key, _ in self.shown if key is not None and key._replace(position=0) == first]
        return first._replace(position=len(before))


class _Run:
    """One run of the script."""


def _reach_hooks() -> None:
    curstate().output_notebook(OURS)  # type: ignore[arg-type]  # a type of ours, as documented


def _nothing(*args: object) -> None:
    """`output_notebook` loads nothing."""
