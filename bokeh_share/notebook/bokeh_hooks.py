"""Hooks into Bokeh's `show()`, with and without `output_notebook()`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

from bokeh.io.notebook import install_notebook_hook, run_notebook_hook
from bokeh.io.state import curstate
from bokeh.models import LayoutDOM

from .. import compat
from ..apps import AppRegistry, as_app, is_bokeh_app_function
from ..errors import BokehShareError
from ..plots import Showable, as_showable, log_issues
from .announcer import Announcer
from .cell import Outcome
from .error_logging import log_errors

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

NOTEBOOK_TYPE = "bokeh_share"
"""The notebook type that `show()` uses if `output_notebook()` was not called."""


class BokehHooks:
    """Puts plots that the author's code passes to Bokeh's `show()` on the page. `load` and `unload` are
    symmetrical.

    Nothing in here may break the author's cell: errors are printed or logged.
    """

    def __init__(
        self,
        shell: InteractiveShell,
        apps: AppRegistry,
        announcer: Announcer,
        show: Callable[[Showable], Outcome],
    ) -> None:
        """`show` puts a plot on the page."""
        self._shell = shell
        self._apps = apps
        self._announcer = announcer
        self._show = show
        self._undo: list[Callable[[], object]] = []

    def load(self) -> None:
        self._replace_formatter()
        self._wrap_jupyter_hooks()
        install_notebook_hook(NOTEBOOK_TYPE, load_nothing, self._show_plot, self._show_app, overwrite=True)  # type: ignore[arg-type]
        self._undo.append(lambda: compat.remove_notebook_hooks(NOTEBOOK_TYPE))
        self.enable_notebook_type()
        self._undo.append(_disable_notebook_type)
        self._undo.append(compat.follow_reset_output(self.enable_notebook_type))

    def unload(self) -> None:
        while self._undo:
            with suppress(ValueError):  # another package removed the hook
                self._undo.pop()()

    def enable_notebook_type(self) -> None:
        """Let `show()` call the hooks, unless the author has called `output_notebook()`."""
        state = curstate()
        if not state.notebook:
            state.output_notebook(NOTEBOOK_TYPE)  # type: ignore[arg-type]  # a type of ours, as documented

    def _wrap_jupyter_hooks(self) -> None:
        previous_hooks = compat.get_notebook_hooks("jupyter")
        if previous_hooks is None:
            return
        load, show_previous_doc, show_previous_app = (previous_hooks[name] for name in ("load", "doc", "app"))

        @wraps(show_previous_doc)
        def show_doc(obj: Any, *args: Any, **kwargs: Any) -> Any:
            result = show_previous_doc(obj, *args, **kwargs)
            self._announcer.announce_drawn_plot(obj, self._try_show(obj))
            return result

        @wraps(show_previous_app)
        def show_app(app: Any, *args: Any, **kwargs: Any) -> Any:
            if is_bokeh_app_function(app):
                show_previous_app(app, *args, **kwargs)
            self._show_app(app)

        install_notebook_hook("jupyter", load, show_doc, show_app, overwrite=True)

        def restore_hooks() -> None:
            current_hooks = compat.get_notebook_hooks("jupyter")
            if current_hooks is not None and current_hooks["doc"] is show_doc:
                install_notebook_hook("jupyter", load, show_previous_doc, show_previous_app, overwrite=True)

        self._undo.append(restore_hooks)

    def _replace_formatter(self) -> None:
        assert self._shell.display_formatter is not None
        formatter = self._shell.display_formatter.ipython_display_formatter
        previous_formatter = formatter.for_type(LayoutDOM, _display_model)

        def restore_formatter() -> None:
            if formatter.type_printers.get(LayoutDOM) == _display_model:
                formatter.pop(LayoutDOM)
                if previous_formatter is not None:
                    formatter.for_type(LayoutDOM, previous_formatter)

        self._undo.append(restore_formatter)

    def _show_plot(self, obj: Any, state: Any, notebook_handle: Any = None) -> None:
        outcome = self._try_show(obj)
        with log_errors("showing a plot"):
            log_issues(obj)
            for model in obj if isinstance(obj, list) else [obj]:
                if model.document is not None:
                    # for example if Bokeh shows it, or its document keeps all models that it ever had
                    model.document.models.flush_synced()
        self._announcer.announce_plot(obj, outcome)

    def _show_app(self, app: Any, *args: Any, **kwargs: Any) -> None:
        with log_errors("sharing an app"):
            try:
                name = self._apps.add(as_app(app)).name
            except BokehShareError as error:
                self._announcer.print_once(str(error))
            else:
                self._announcer.announce_app(name)

    def _try_show(self, obj: Any) -> Outcome | None:
        """Show `obj` without raising errors. Return None after printing the reason if it cannot be on the
        page."""
        with log_errors("capturing a plot"):
            try:
                return self._show(as_showable(obj))
            except BokehShareError as error:
                self._announcer.print_once(str(error))
        return None


def load_nothing(*args: object) -> None:
    """Load nothing: Bokeh calls this for `output_notebook` with this package's type."""


def _display_model(model: LayoutDOM) -> None:
    """Display a model that is the last expression of a cell as if it were shown."""
    state = curstate()
    kind = state.notebook_type if state.notebook else None
    run_notebook_hook(kind or NOTEBOOK_TYPE, "doc", model, state, False)  # type: ignore[arg-type]


def _disable_notebook_type() -> None:
    if curstate().notebook_type == NOTEBOOK_TYPE:
        compat.disable_notebook_output()
