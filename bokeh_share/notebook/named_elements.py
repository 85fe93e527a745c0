"""Stores what was drawn for objects of other libraries, by the name on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bokeh.model import Model

from ..plots import Showable, as_shareable, is_element, render_in_document
from ..plots.media import Display, can_change


class NamedElements:
    """Objects of other libraries that have a name on the page, each drawn once, or after a change.

    Exists as long as the extension is loaded.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        """`namespace` has the author's variables."""
        self._namespace = namespace
        self._rendered: dict[str, tuple[Any, Showable]] = {}
        """Each object and its drawing, by the name on the page."""

    def put(self, name: str, element: Any, shown: Showable) -> None:
        self._rendered[name] = element, shown

    def remove(self, name: str) -> None:
        self._rendered.pop(name, None)

    def find_names(self, element: Any) -> Iterator[str]:
        """Find the names of this same object."""
        return (name for name, (value, _) in self._rendered.items() if value is element)

    def read_variable(self, name: str) -> Showable:
        """Return the drawing of a variable's value. HoloViews draws an object once, until it is shared
        again; a figure or a table of another library is read again if it may have changed."""
        value = self._namespace.get(name)
        if isinstance(value, Model | list):
            return as_shareable(value, name=name)
        former, drawing = self._rendered.get(name, (None, None))
        if former is value and drawing is not None and (is_element(value) or not can_change(value, drawing)):
            return drawing
        rendered = as_shareable(render_in_document(value, name=name), name=name)
        if former is value and isinstance(drawing, Display) and drawing.has_same_content(rendered):
            return drawing
        self._rendered[name] = value, rendered
        return rendered
