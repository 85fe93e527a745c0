"""Panel's objects as apps: Panel makes the documents. Nothing here imports it before its author has."""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

from bokeh.document import Document

from ..compat import panels_in, tell_panel_when_loaded
from ..errors import CannotRender
from .app import App, as_app
from .parameters.parameters import Parameters

_frames: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""The frames that tables have of their own; a table may be in many viewers' documents."""

FILES = "static/extensions/panel/"
"""Where Panel's files are, seen from the page of an app."""


def is_viewable(value: object) -> bool:
    """Whether this is an object of Panel's that it can serve: a pane, widget, layout, viewer or template."""
    module = sys.modules.get("panel.viewable")
    kinds = (getattr(module, name, None) for name in ("Viewable", "Viewer", "ServableMixin"))
    return isinstance(value, tuple(kind for kind in kinds if kind is not None))


def app_of(viewable: Any, *, name: str, about: str | None = None) -> App:
    """The app that a Panel object is: a document for each viewer, and as Panel has it one state for all.

    Raises `CannotRender`, also for what Panel would take away from one viewer when another comes.
    """
    from panel.pane import Bokeh

    served = _served(viewable, name)
    if served.select(Bokeh):
        reason = "it holds a Bokeh plot, which can be in one viewer's document only"
        raise CannotRender(
            name, type(viewable).__name__, reason, "share a function that makes and returns it"
        )

    def view() -> Any:
        return served

    return replace(as_app(view, name=name, about=about or ""), parameters=_AnyQuery.of(view), value=viewable)


def plots_in(viewable: Any, *, name: str) -> list[Any]:
    """The Bokeh models that a Panel object has in panes. Raises `CannotRender`."""
    from panel.pane import Bokeh

    return [pane.object for pane in _served(viewable, name).select(Bokeh) if pane.object is not None]


def fill(document: Document, viewable: Any, *, name: str) -> None:
    """Put a Panel object into a viewer's document, which must be the current one. Raises `CannotRender`."""
    served = _served(viewable, name)
    # So Panel finds its style sheets here, and those of what callbacks add later.
    document.template_variables["dist_url"] = FILES
    try:
        with at_home():
            tell_panel_when_loaded(document)
            _part_with_frames(served)  # now, since a table that is there already would be sent again
            served.server_doc(document, title=name)
    except Exception as error:
        raise _failed(viewable, name, error) from error


def part_with_frames(document: Document) -> None:
    """Let the tables of Panel's in a viewer's document have frames of their own: they write what a viewer
    edits, or pretends to have edited, into the very frame that the author gave them.

    Costs a copy of a frame, which pandas makes from 3 on only of what is changed; nothing where it was done.
    """
    if "panel.viewable" in sys.modules:
        with at_home():
            for viewable in panels_in(document):
                _part_with_frames(viewable)


def _part_with_frames(viewable: Any) -> None:
    from panel.pane import Perspective
    from panel.widgets.tables import BaseTable

    for kind, name in ((BaseTable, "value"), (Perspective, "object")):
        for table in viewable.select(kind):
            frame = getattr(table, name)
            if frame is not None and frame is not _frames.get(table):
                table.param.update(**{name: _copied(frame)})
                _frames[table] = getattr(table, name)


def _copied(frame: Any) -> Any:
    if isinstance(frame, dict):  # of columns, as Perspective takes them
        return {name: copy.copy(column) for name, column in frame.items()}
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        return frame.copy(deep=int(pandas.__version__.split(".")[0]) < 3)
    return copy.copy(frame)


def at_home() -> AbstractContextManager[None]:
    """Inside, Panel takes its files from the page's server; in a notebook it would take them from a CDN."""
    module = sys.modules.get("panel.io.resources")
    way: Callable[[str], AbstractContextManager[None]] | None = getattr(module, "set_resource_mode", None)
    return way("server") if way is not None else nullcontext()


class AtHome:
    """A coroutine of which each step runs `at_home`, and nothing else in between.

    `charge` is told how many seconds a step took.
    """

    def __init__(self, coroutine: Any, charge: Callable[[float], None] = lambda seconds: None) -> None:
        self._steps = coroutine.__await__()
        self._charge = charge

    def __await__(self) -> Generator[Any, Any, Any]:
        step, value = self._steps.send, None
        while True:
            began = time.monotonic()
            try:
                with at_home():
                    wanted = step(value)
            except StopIteration as end:
                return end.value
            finally:
                self._charge(time.monotonic() - began)
            try:
                step, value = self._steps.send, (yield wanted)
            except BaseException as error:
                step, value = self._steps.throw, error


class _AnyQuery(Parameters):
    """Those of an app whose address Panel reads and writes, by `pn.state.location`."""

    def from_query(self, arguments: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        return {}


def _served(viewable: Any, name: str) -> Any:
    """What of an object goes on the page, which is ours: of a template, what it would arrange on its own."""
    from panel import Column, Row, panel
    from panel.template.base import BaseTemplate

    if not isinstance(viewable, BaseTemplate):
        try:
            return panel(viewable)
        except Exception as error:  # a viewer's own code
            raise _failed(viewable, name, error) from error
    if not all(hasattr(viewable, area) for area in ("header", "sidebar", "main")):
        hint = "share what is in it, in a panel.Column"
        raise CannotRender(name, type(viewable).__name__, "it is a page of its own", hint)
    main = [viewable.main] if is_viewable(viewable.main) else [*viewable.main]  # a grid, or a list
    return Column(*viewable.header, Row(Column(*viewable.sidebar), Column(*main)))


def _failed(viewable: Any, name: str, error: Exception) -> CannotRender:
    reason = f"{type(error).__name__}: {error}"
    return CannotRender(name, type(viewable).__name__, reason, "see that Panel shows it")
