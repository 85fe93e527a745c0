"""Hooks by which a script's `show()` puts plots on the page, instead of opening a file in a browser."""

from __future__ import annotations

import sys
from itertools import count
from typing import Any

from bokeh.io.notebook import install_notebook_hook
from bokeh.io.state import curstate
from bokeh.settings import settings

from ..apps import as_app
from ..compat import follow_reset_output
from ..errors import BokehShareError
from ..notebook import NOTEBOOK_TYPE, load_nothing
from ..plots import (
    SCRIPT_CODE_NAME,
    KeyFacts,
    OutputFacts,
    PlotKey,
    Recognition,
    as_showable,
    choose_key,
    find_variable_name,
    log_issues,
)
from ..sharing import current
from ..text import print_line


class ShowHooks:
    """Handles calls of `show()` from construction to the end of the process, which runs one script.

    The key of a plot is its variable, or else its position among plots without one, so that the next run of
    the script finds it again. Among several candidates, `Recognition` chooses.
    """

    def __init__(self) -> None:
        self._tracker, self._apps = current.get_tracker_and_apps()
        self.shown_objects: list[tuple[PlotKey | None, Any]] = []
        """The objects that this run of the script has shown; apps are identified by their names."""
        self._previous_keys: set[PlotKey] = set()
        """The plots on the page from earlier runs."""
        self._run = _ScriptRun()
        self._recognition = Recognition(
            self._tracker, {}, lambda moves: self._previous_keys.update(moves.values())
        )
        # a notebook that was saved as a script calls `output_notebook()`
        for kind in (NOTEBOOK_TYPE, "jupyter"):
            install_notebook_hook(kind, load_nothing, self._show, self._show_app, overwrite=True)  # type: ignore[arg-type]
        follow_reset_output(_enable_notebook_type)
        # For `output_file()`: the file is written, but the page is opened instead.
        settings.browser.set_value("none")

    def start_run(self) -> None:
        """Handle the start of a run of the script."""
        curstate().reset()  # so that `show()` calls the hooks again
        self.shown_objects, self._run = [], _ScriptRun()

    def finish_run(self, *, success: bool) -> None:
        """Handle the end of a run: plots it no longer shows are removed, unless it failed before showing
        them."""
        shown_keys = {key for key, _ in self.shown_objects if key is not None}
        self._recognition.end_run(self._run)
        if success:
            removed_keys = self._previous_keys - shown_keys
            self._tracker.remove(removed_keys.__contains__)
            self._previous_keys = shown_keys
        else:
            self._previous_keys |= shown_keys
        self._tracker.refresh()

    def _show(self, obj: Any, state: Any, notebook_handle: Any = None) -> None:
        try:
            shown, key, captured = as_showable(obj), self._choose_key(obj), None
            shown_keys = {each for each, _ in self.shown_objects}
            if key not in shown_keys:
                candidates = {each for each in self._previous_keys - shown_keys if each[:2] == key[:2]}
                captured = self._recognition.match_plot(self._run, key, shown, candidates)
            # also if the capture fails: then the page keeps the last state
            self.shown_objects.append((key, obj))
            self._tracker.put(key, shown, captured=captured)
            log_issues(shown)
        except BokehShareError as error:
            print_line(str(error), is_error=True)

    def _show_app(self, app: Any, *args: Any, **kwargs: Any) -> None:
        try:
            self._apps.add(as_app(app))
            self.shown_objects.append((None, app))
        except BokehShareError as error:
            print_line(str(error), is_error=True)

    def _choose_key(self, obj: Any) -> PlotKey:
        shown_keys = [key for key, _ in self.shown_objects if key is not None]
        facts = KeyFacts(
            variable=find_variable_name(obj, vars(sys.modules["__main__"])),
            is_variable_name=True,
            output=OutputFacts(
                key=next((key for key, each in self.shown_objects if each is obj), None),
                shown_keys=shown_keys,
            ),
            code_name=SCRIPT_CODE_NAME,
        )
        return choose_key(facts, count(sum(key.kind == "code" for key in shown_keys)))


class _ScriptRun:
    """One run of the script."""


def _enable_notebook_type() -> None:
    curstate().output_notebook(NOTEBOOK_TYPE)  # type: ignore[arg-type]  # a type of ours, as documented
