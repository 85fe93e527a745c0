"""Which plots each cell showed, and under which keys: what a re-run replaces, lets go and keeps."""

from __future__ import annotations

import hashlib
import json
import threading
import weakref
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from bokeh.model import Model

from .capture import Capture, Shown, as_shown
from .elements import is_element, rendered_apart
from .errors import BokehShareError, UnknownName
from .page import Key
from .recognition import Recognition

P = ParamSpec("P")
R = TypeVar("R")

LOOSE = 20
"""How many plots from outside of any cell, without a name, are on the page; more replace the oldest."""
LARGE = 10_000_000
"""Bytes from which on a notebook's file is not read for the order of its cells."""


def _locked(method: Callable[Concatenate[Cells, P], R]) -> Callable[Concatenate[Cells, P], R]:
    """One thread at a time: subshells run cells side by side."""

    @wraps(method)
    def alone(self: Cells, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self._lock:
            return method(self, *args, **kwargs)

    return alone


class Outcome(Enum):
    """What comes of a plot that a cell shows, in the words that the cell says."""

    ON_PAGE = "on the page"
    SKIPPED = "not shared"
    DROPPED = "not shared, since it was dropped: share it by a name to have it on the page again"


@dataclass(eq=False)
class Cell:
    """One run of a cell."""

    id: str
    """The same whenever this cell is run."""
    has_id: bool = True
    """Whether the front end told it; otherwise it is made of the code."""
    name: str | None = None
    """What its plots are called, from `%%bokeh_share NAME`."""
    caption: str | None = None
    skipped: bool = False
    """Whether the author keeps this cell's plots off the page."""
    shown: list[tuple[Key, Any]] = field(default_factory=list)

    @classmethod
    def of(cls, id: str | None, code: str) -> Cell:
        """Tell cells apart by their code where a front end gives them no ids; a changed one is another."""
        digest = hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        return cls(id or digest, has_id=bool(id))


class Cells:
    """Finds the key for what is shown, and knows which cell a key belongs to.

    Lives as long as the extension is loaded. Knows cells by what it is told; neither IPython nor a front end.
    """

    def __init__(self, capture: Capture, namespace: Mapping[str, Any], file: Path | None = None) -> None:
        self.variables: set[str] = set()
        """Names of variables whose values are on the page, whichever cell binds them."""
        self.order: list[str] = []
        """Names that the author wants on top, in this order."""
        self._capture = capture
        self._namespace = namespace
        self._file = NotebookFile(file)
        self._owners: dict[Key, str] = {}
        """By which cell each plot was shown last."""
        self._dropped: set[Key] = set()
        self._dropped_models: weakref.WeakSet[Model] = weakref.WeakSet()
        self._rendered: dict[str, tuple[Any, Shown]] = {}
        """By the name on the page: an object of HoloViews, and what it was drawn as."""
        self._recognition = Recognition(capture, namespace, self._on_move)
        self._lock = threading.RLock()
        self._loose = 0
        """How many plots were shown outside of any cell, without a name."""
        capture.rank = self.rank

    @property
    def saved(self) -> Collection[str]:
        """The ids of the cells that the notebook's file has, as far as it was read."""
        return self._file.ids

    def are_saved_in(self, notebook: Path) -> None:
        """The file may have been renamed since."""
        self._file.path = notebook

    @_locked
    def show(
        self, shown: Shown, cell: Cell | None, *, caption: str | None = None, value: Any = None
    ) -> Outcome:
        """Put what `cell` shows on the page, unless the author keeps it off.

        `value` is what `shown` was drawn of, where it was not shown itself: the author has that.
        """
        if cell is not None and cell.skipped:
            return Outcome.SKIPPED
        value = shown if value is None else value
        key = self._key(value, cell)
        if key.name is not None and value is not shown:
            self._rendered[key.name] = value, shown
        explicit = key.kind == "name" and (cell is None or key.of != cell.name)
        picture = None
        if cell is not None and all(known != key for known, _ in cell.shown):
            if not explicit:
                said = cell.caption if caption is None else caption
                picture = self._recognition.settle(
                    cell, key, shown, self._former(cell), caption=said, value=value
                )
            cell.shown.append((key, value))
            if not explicit:
                self._owners[key] = cell.id
        if key in self._dropped or (isinstance(shown, Model) and shown in self._dropped_models):
            return Outcome.DROPPED
        if caption is None and cell is not None:
            caption = cell.caption
        if caption is None and explicit and (plot := self._capture.page.find(key)) is not None:
            caption = plot.caption
        self._capture.put(key, shown, caption=caption, picture=picture)
        return Outcome.ON_PAGE

    def has(self, model: Model) -> bool:
        """Whether `model` itself is on the page."""
        return bool(self._capture.keys_of(model))

    @_locked
    def share(self, shown: Shown, name: str, caption: str | None = None, *, value: Any = None) -> None:
        """Put `shown` on the page under `name`, instead of where a cell has put it. `value` as for `show`."""
        key = Key("name", name)
        if value is not None:
            self._rendered[name] = value, shown
        before = self._capture.keys_of(shown) if isinstance(shown, Model) else []
        self._capture.put(key, shown, caption=caption)
        self._owners.pop(key, None)
        self._dropped = {each for each in self._dropped if each.of != name}
        self._recognition.keep_dropped(self._dropped)
        if isinstance(shown, Model):
            self._dropped_models.discard(shown)
        self._capture.remove(lambda each: each in before and each.kind != "name")

    @_locked
    def share_variable(self, name: str) -> None:
        """Keep the value of the author's variable `name` on the page, whatever it is bound to later."""
        self._rendered.pop(name, None)
        self.share(self._value_of(name), name)
        self.variables.add(name)

    @_locked
    def drop(self, keys: Iterable[Key]) -> None:
        """Take these off the page, for as long as they are not shared by name again."""
        keys = set(keys)
        self._recognition.note_dropped(keys & self._owners.keys())
        self._dropped |= keys
        self._dropped_models.update(self._capture.models_of(keys))
        self.variables -= {key.of for key in keys if key.kind == "name"}
        self._capture.remove(self._dropped.__contains__)

    @_locked
    def finish(self, cell: Cell, *, success: bool) -> None:
        """The cell has ended: plots it no longer shows go, unless it failed before it reached them."""
        if success:
            shown = {key for key, _ in cell.shown}
            self._let_go({key for key, owner in self._owners.items() if owner == cell.id} - shown)
        self._recognition.end(cell)
        for name in self.variables:
            with suppress(BokehShareError):  # another value, or noted as a problem: the last state stays
                plot = self._capture.page.find(Key("name", name))
                value = self._value_of(name)
                self._capture.put(Key("name", name), value, caption=plot.caption if plot else None)
        self.sort(anyway=bool(cell.shown))
        self._capture.look_again()

    @_locked
    def sort(self, *, anyway: bool = False) -> None:
        """Put the plots in the order of the notebook's cells, if its file was saved since, or `anyway`."""
        if self._file.look() or anyway:
            self._capture.turn(lambda page: page)

    @_locked
    def delete(self, ids: Iterable[str]) -> None:
        """These cells are no longer in the notebook."""
        gone = set(ids)
        self._let_go({key for key, owner in self._owners.items() if owner in gone})

    def rank(self, key: Key) -> tuple[int, ...]:
        """Where a plot belongs: what the author ordered, then the order of the notebook's cells."""
        chosen = self.order.index(key.name) if key.name in self.order else len(self.order)
        index = self._file.index(self._owners.get(key))
        return (chosen, index, key.position) if index is not None else (chosen, 1_000_000, 0)

    def arrange(self, names: list[str]) -> None:
        """Put the plots called `names` on top, in this order. Raises `UnknownName`."""
        known = [plot.name for plot in self._capture.page.plots if plot.name is not None]
        for name in names:
            if name not in known:
                raise UnknownName.among(name, known)
        self.order = names
        self._capture.turn(lambda page: page)

    def _value_of(self, name: str) -> Shown:
        """What a variable shows; HoloViews draws an object once, until it is shared again."""
        value = self._namespace.get(name)
        if not is_element(value):
            return as_shown(value, name=name)
        known = self._rendered.get(name)
        if known is None or known[0] is not value:
            known = self._rendered[name] = value, as_shown(rendered_apart(value, name=name), name=name)
        return known[1]

    def _former(self, cell: Cell) -> set[Key]:
        """Where the cell's plots were that this run has not come to, those that were dropped among them."""
        owned = {key for key, owner in self._owners.items() if owner == cell.id}
        dropped = {key for key in self._dropped if (key.kind, key.of) == ("cell", cell.id)}
        return (owned | dropped) - {key for key, _ in cell.shown}

    def _on_move(self, moves: Mapping[Key, Key]) -> None:
        self._owners |= {to: self._owners[key] for key, to in moves.items() if key in self._owners}
        self._dropped = {moves.get(key, key) for key in self._dropped}

    def _let_go(self, keys: set[Key]) -> None:
        for key in keys:
            del self._owners[key]
        self._capture.remove(keys.__contains__)

    def _key(self, shown: Any, cell: Cell | None) -> Key:
        """The name an author gave, else the cell and the place in it; outside of cells the variable's."""
        former = cell.shown if cell is not None else []
        if (again := next((key for key, each in former if each is shown), None)) is not None:
            return again
        if cell is not None and cell.name is not None:
            return Key("name", cell.name, sum(key.of == cell.name for key, _ in former))
        if (name := self._name_of(shown)) is not None:
            return Key("name", name)
        keys = self._capture.keys_of(shown) if isinstance(shown, Model) else []
        if cell is not None:
            elsewhere = [key for key in keys if key.of != cell.id]
            if elsewhere and not cell.has_id:  # as when a line of a console shows it again
                return elsewhere[0]
            return Key("cell", cell.id, sum(key.kind == "cell" for key, _ in former))
        for variable, value in list(self._namespace.items()):
            if value is shown and not variable.startswith("_"):
                return Key("variable", variable)
        if keys:
            return keys[0]
        self._loose += 1  # a callback or thread shows it after its cell
        return Key("code", "", self._loose % LOOSE)

    def _name_of(self, shown: Any) -> str | None:
        """The name under which the author shared this very object."""
        for name in self.variables | {key.of for key in self._dropped if key.kind == "name"}:
            if self._namespace.get(name) is shown:
                return name
        for name, (value, _) in self._rendered.items():
            if value is shown and self._capture.page.find(Key("name", name)) is not None:
                return name
        keys = self._capture.keys_of(shown) if isinstance(shown, Model) else []
        return next((key.of for key in keys if key.kind == "name" and key.position == 0), None)


class NotebookFile:
    """The order of a notebook's cells, as far as its file tells; front ends save it now and then."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._places: dict[str, int] = {}
        self._stamp: tuple[int, int] | None = None

    @property
    def ids(self) -> Collection[str]:
        return self._places.keys()

    def index(self, cell: str | None) -> int | None:
        return self._places.get(cell) if cell is not None else None

    def look(self) -> bool:
        """Read the file again if it changed; whether the cells are in another order now."""
        if self.path is None:
            return False
        former = self._places
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            state = self.path.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            if stamp != self._stamp and state.st_size < LARGE:
                self._stamp = stamp
                cells = json.loads(self.path.read_bytes())["cells"]
                self._places = {cell["id"]: index for index, cell in enumerate(cells) if "id" in cell}
        return self._places != former
