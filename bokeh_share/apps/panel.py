"""Serves Panel objects as apps; Panel fills their documents. It is imported only if the author has done
so."""

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

from ..compat import list_panel_views, notify_panel_on_load
from ..errors import CannotRender
from .app import App, as_app
from .parameters import Parameters

_table_frames: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()
"""The tables' own copies of data frames. A table may be in many viewers' documents."""

PANEL_FILES_URL = "static/extensions/panel/"
"""URL of Panel's files, relative to the page of an app."""


def is_viewable(value: object) -> bool:
    """Return True for a Panel object that Panel can serve: a pane, widget, layout, viewer or template."""
    module = sys.modules.get("panel.viewable")
    kinds = (getattr(module, name, None) for name in ("Viewable", "Viewer", "ServableMixin"))
    return isinstance(value, tuple(kind for kind in kinds if kind is not None))


def build_panel_app(viewable: Any, *, name: str, about: str | None = None) -> App:
    """Make an app of a Panel object: a document for each viewer and, as in Panel, one state for all.

    Raises `CannotRender`, also for objects that Panel would remove from one viewer when another comes.
    """
    from panel.pane import Bokeh

    panel_view = _build_panel_view(viewable, name)
    if panel_view.select(Bokeh):
        reason = "it contains a Bokeh plot, which only one viewer can have"
        hint = "share a function that makes it and returns it"
        raise CannotRender(name, type(viewable).__name__, reason, hint)

    def view() -> Any:
        return panel_view

    return replace(
        as_app(view, name=name, about=about or ""),
        parameters=_PanelParameters.from_function(view),
        viewable=viewable,
    )


def list_panel_plots(viewable: Any, *, name: str) -> list[Any]:
    """List the Bokeh models in the panes of a Panel object. Raises `CannotRender`."""
    from panel.pane import Bokeh

    return [
        pane.object for pane in _build_panel_view(viewable, name).select(Bokeh) if pane.object is not None
    ]


def fill_document(document: Document, viewable: Any, *, name: str) -> None:
    """Put a Panel object into a viewer's document, which must be the current one. Raises `CannotRender`."""
    panel_view = _build_panel_view(viewable, name)
    # The URL of Panel's style sheets, also for models that callbacks add later.
    document.template_variables["dist_url"] = PANEL_FILES_URL
    try:
        with use_server_resources():
            notify_panel_on_load(document)
            _copy_table_frames(panel_view)  # now: a table that the page has would be sent again
            panel_view.server_doc(document, title=name)
    except Exception as error:
        raise _build_render_error(viewable, name, error) from error


def copy_frames(document: Document) -> None:
    """Give Panel's tables in a viewer's document copies of their data frames. Otherwise a viewer's edits
    would be written into the author's own frame.

    Copies each frame once; pandas 3 copies only the parts that change.
    """
    if "panel.viewable" in sys.modules:
        with use_server_resources():
            for viewable in list_panel_views(document):
                _copy_table_frames(viewable)


def _copy_table_frames(viewable: Any) -> None:
    from panel.pane import Perspective
    from panel.widgets.tables import BaseTable

    for table_class, name in ((BaseTable, "value"), (Perspective, "object")):
        for table in viewable.select(table_class):
            frame = getattr(table, name)
            if frame is not None and frame is not _table_frames.get(table):
                table.param.update(**{name: _copy_frame(frame)})
                _table_frames[table] = getattr(table, name)


def _copy_frame(frame: Any) -> Any:
    if isinstance(frame, dict):  # Perspective takes a dict of columns
        return {name: copy.copy(column) for name, column in frame.items()}
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(frame, pandas.DataFrame):
        return frame.copy(deep=int(pandas.__version__.split(".")[0]) < 3)
    return copy.copy(frame)


def use_server_resources() -> AbstractContextManager[None]:
    """Inside the block, Panel loads its files from the page's server, not from a CDN as in a notebook."""
    module = sys.modules.get("panel.io.resources")
    set_mode: Callable[[str], AbstractContextManager[None]] | None = getattr(
        module, "set_resource_mode", None
    )
    return set_mode("server") if set_mode is not None else nullcontext()


class PanelCoroutine:
    """A coroutine that runs each of its steps inside `use_server_resources`.

    `on_time_spent` is called with the seconds that a step took.
    """

    def __init__(self, coroutine: Any, on_time_spent: Callable[[float], None] = lambda seconds: None) -> None:
        self._iterator = coroutine.__await__()
        self._on_time_spent = on_time_spent

    def __await__(self) -> Generator[Any, Any, Any]:
        step, value = self._iterator.send, None
        while True:
            started_at = time.monotonic()
            try:
                with use_server_resources():
                    awaited = step(value)
            except StopIteration as end:
                return end.value
            finally:
                self._on_time_spent(time.monotonic() - started_at)
            try:
                step, value = self._iterator.send, (yield awaited)
            except BaseException as error:
                step, value = self._iterator.throw, error


class _PanelParameters(Parameters):
    """The parameters of an app whose address Panel reads and writes, by `pn.state.location`."""

    def from_query(self, arguments: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        return {}


def _build_panel_view(viewable: Any, name: str) -> Any:
    """Return the part of an object that is put on our page: of a template, the contents of its areas."""
    from panel import Column, Row, panel
    from panel.template.base import BaseTemplate

    if not isinstance(viewable, BaseTemplate):
        try:
            return panel(viewable)
        except Exception as error:  # a viewer class of the author's may raise any error
            raise _build_render_error(viewable, name, error) from error
    if not all(hasattr(viewable, area) for area in ("header", "sidebar", "main")):
        hint = "put its contents in a panel.Column, and share that"
        raise CannotRender(name, type(viewable).__name__, "it is a whole page", hint)
    main = [viewable.main] if is_viewable(viewable.main) else [*viewable.main]  # a grid, or a list
    return Column(*viewable.header, Row(Column(*viewable.sidebar), Column(*main)))


def _build_render_error(viewable: Any, name: str, error: Exception) -> CannotRender:
    reason = f"{type(error).__name__}: {error}"
    return CannotRender(name, type(viewable).__name__, reason, "check that Panel can show it")
