"""The IPython side of capture: which cell runs, what it shows, and when it ended."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial, wraps
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from bokeh.io.notebook import install_notebook_hook, run_notebook_hook
from bokeh.io.state import curstate
from bokeh.model import Model
from bokeh.models import LayoutDOM
from IPython.core.inputtransformer2 import cell_magic

from . import private
from .capture import Capture, Shown, as_shown
from .errors import BokehShareError
from .page import Key

if TYPE_CHECKING:
    from IPython.core.interactiveshell import ExecutionInfo, ExecutionResult, InteractiveShell

log = logging.getLogger(__name__)

OURS = "bokeh_share"
"""The notebook type that `show()` reaches where `output_notebook()` was not called."""


@dataclass(eq=False)
class Cell:
    """One run of a cell."""

    info: Any
    name: str | None = None
    """From `%%bokeh_share NAME`."""
    shown: list[tuple[Key, Shown]] = field(default_factory=list)

    @property
    def id(self) -> str | None:
        return getattr(self.info, "cell_id", None)


class Notebook:
    """Hooks that tell `capture` what cells show; `load` and `unload` are symmetrical.

    Lives as long as the extension is loaded. Nothing in here may break the author's cell: what goes
    wrong is noted in `capture.problems` or logged.
    """

    def __init__(self, shell: InteractiveShell, capture: Capture) -> None:
        self.shell = shell
        self.capture = capture
        self.variables: set[str] = set()
        """Names of variables whose values are on the page, whichever cell binds them."""
        self.announce: Callable[[], str] = lambda: "kept for the page; %bokeh_share starts sharing"
        """What a cell says instead of drawing, where BokehJS was not loaded."""
        self._cells: list[Cell] = []
        self._first: Cell | None = None
        """The cell that loads the extension, of whose beginning IPython tells nothing."""
        self._owners: dict[Key, str] = {}
        """By which cell each plot was shown last."""
        self._undo: list[Callable[[], object]] = []

    @property
    def cell(self) -> Cell | None:
        return self._cells[-1] if self._cells else self._first

    def load(self) -> None:
        parent = self.shell.get_parent() if hasattr(self.shell, "get_parent") else {}
        self._first = Cell(SimpleNamespace(cell_id=(parent.get("metadata") or {}).get("cellId")))
        undo = self._undo.append
        for event, hook in (("pre_run_cell", self._begin), ("post_run_cell", self._end)):
            self.shell.events.register(event, hook)
            undo(partial(self.shell.events.unregister, event, hook))
        transformers = self.shell.input_transformers_cleanup
        transformers.insert(0, name_the_cell)
        undo(lambda: transformers.remove(name_the_cell))
        self._take_last_expressions()
        self._wrap_jupyter()
        install_notebook_hook(OURS, _nothing, self._show_here, self._show_app_here, overwrite=True)  # type: ignore[arg-type]
        undo(lambda: private.forget_notebook_hooks(OURS))
        self._reach_notebook()
        undo(self._leave_notebook)

    def unload(self) -> None:
        while self._undo:
            with suppress(ValueError):  # somebody else took a hook of ours away
                self._undo.pop()()
        self.capture.close()

    def show(self, shown: Shown) -> None:
        """Put what the running cell shows on the page."""
        cell = self.cell
        key = self._key(shown, cell)
        if cell is not None and all(known != key for known, _ in cell.shown):
            cell.shown.append((key, shown))
            if cell.id is not None and not self._is_explicit(key, cell):
                self._owners[key] = cell.id
        self.capture.put(key, shown)

    def share(self, shown: Shown, name: str) -> None:
        """Put `shown` on the page under `name`, instead of where a cell has put it."""
        keys = self.capture.keys_of(shown) if isinstance(shown, Model) else []
        self.capture.put(Key("name", name), shown)
        self._owners.pop(Key("name", name), None)
        self.capture.remove(lambda key: key in keys and key.kind != "name")

    def share_variable(self, name: str) -> None:
        """Keep the value of the author's variable `name` on the page, whatever it is bound to later."""
        shown = as_shown(self.shell.user_ns[name], name=name)
        self.share(shown, name)
        self.variables.add(name)

    def drop(self, name: str) -> None:
        self.variables.discard(name)
        self.capture.remove(lambda key: key.kind == "name" and key.of == name)

    def _key(self, shown: Shown, cell: Cell | None) -> Key:
        if cell is not None:
            again = next((key for key, former in cell.shown if former is shown), None)
            if again is not None:
                return again
        if cell is not None and cell.name is not None:
            return Key("name", cell.name, sum(key.of == cell.name for key, _ in cell.shown))
        namespace = self.shell.user_ns
        if (
            name := next((name for name in self.variables if namespace.get(name) is shown), None)
        ) is not None:
            return Key("name", name)
        if isinstance(shown, Model):
            named = [key for key in self.capture.keys_of(shown) if key.kind == "name"]
            if named:
                return named[0]
        if cell is not None and cell.id is not None:
            return Key("cell", cell.id, sum(key.kind == "cell" for key, _ in cell.shown))
        for name, value in list(namespace.items()):
            if value is shown and not name.startswith("_"):
                return Key("variable", name)
        code = getattr(cell.info, "raw_cell", "") if cell is not None else ""
        digest = hashlib.sha256(str(code).encode()).hexdigest()[:12]
        return Key(
            "code", digest, sum(key.kind == "code" for key, _ in cell.shown) if cell is not None else 0
        )

    def _is_explicit(self, key: Key, cell: Cell) -> bool:
        """Whether the author named this plot apart from the cell, so that it outlives the cell."""
        return key.kind == "name" and key.of != cell.name

    def _begin(self, info: ExecutionInfo) -> None:
        deleted = (getattr(info, "cell_meta", None) or {}).get("deletedCells") or ()
        if deleted:
            self._let_go({key for key, owner in self._owners.items() if owner in deleted})
        self._first = None
        outer = self.cell
        cell = Cell(info)
        if cell.id is None and outer is not None and outer.id is not None:
            cell = outer  # run by code of that cell
        self._cells.append(cell)
        self._reach_notebook()

    def _end(self, result: ExecutionResult | None) -> None:
        info = getattr(result, "info", None)
        while self._cells:
            cell = self._cells.pop()
            if cell.info is info or cell in self._cells:
                break
        else:
            if self._first is None:
                return
            cell, self._first = self._first, None
        with _reported("looking at the plots after a cell"):
            if cell in self._cells:
                return
            if result is not None and result.success and cell.id is not None:
                shown = {key for key, _ in cell.shown}
                self._let_go({key for key, owner in self._owners.items() if owner == cell.id} - shown)
            self._follow_variables()
            self.capture.look_again()

    def _let_go(self, keys: set[Key]) -> None:
        for key in keys:
            del self._owners[key]
        self.capture.remove(keys.__contains__)

    def _follow_variables(self) -> None:
        for name in self.variables:
            with suppress(BokehShareError):  # another value, or noted in `problems`: the last state stays
                self.capture.put(Key("name", name), as_shown(self.shell.user_ns.get(name)))

    def _reach_notebook(self) -> None:
        state = curstate()
        if not state.notebook:
            state.output_notebook(OURS)  # type: ignore[arg-type]  # a type of ours, as documented

    def _leave_notebook(self) -> None:
        if curstate().notebook_type == OURS:
            private.show_no_longer_in_notebook()

    def _wrap_jupyter(self) -> None:
        former = private.notebook_hooks("jupyter")
        if former is None:
            return

        @wraps(former["doc"])
        def show_doc(obj: Any, *args: Any, **kwargs: Any) -> Any:
            result = former["doc"](obj, *args, **kwargs)
            self._show_quietly(obj)
            return result

        install_notebook_hook("jupyter", former["load"], show_doc, former["app"], overwrite=True)

        def undo() -> None:
            now = private.notebook_hooks("jupyter")
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

    def _display(self, model: LayoutDOM) -> None:
        """A model as the last expression of a cell: as if it were shown."""
        state = curstate()
        kind = state.notebook_type if state.notebook else None
        run_notebook_hook(kind or OURS, "doc", model, state, False)  # type: ignore[arg-type]

    def _show_here(self, obj: Any, state: Any, notebook_handle: Any = None) -> None:
        if self._show_quietly(obj):
            print(f"bokeh_share: {self.announce()}")

    def _show_app_here(self, app: Any, state: Any, notebook_url: Any = None, **kwargs: Any) -> None:
        raise RuntimeError("to show an app in the notebook, call bokeh.io.output_notebook() first")

    def _show_quietly(self, obj: Any) -> bool:
        """Show without ever raising. A plot that can't be pictured is said in one line."""
        with _reported("capturing a plot"):
            try:
                self.show(as_shown(obj))
            except BokehShareError as error:
                print(f"bokeh_share: {error}")
            else:
                return True
        return False


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


class _reported:
    """Logs what goes wrong inside, and lets the author's cell go on. An interrupt passes."""

    def __init__(self, doing: str) -> None:
        self._doing = doing

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, Exception):
            log.error("%s failed", self._doing, exc_info=error)
        return isinstance(error, Exception)


def _nothing(*args: object) -> None:
    """`output_notebook` with our type loads nothing."""
