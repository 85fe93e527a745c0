"""Stores the models that HoloViews drew for its objects, by the name on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..plots import Showable, as_showable, is_element, render_in_document


class NamedElements:
    """HoloViews objects that have a name on the page, each drawn once.

    Exists as long as the extension is loaded.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        """`namespace` has the author's variables."""
        self._namespace = namespace
        self._rendered: dict[str, tuple[Any, Showable]] = {}
        """Each HoloViews object and its drawing, by the name on the page."""

    def put(self, name: str, element: Any, shown: Showable) -> None:
        self._rendered[name] = element, shown

    def remove(self, name: str) -> None:
        self._rendered.pop(name, None)

    def find_names(self, element: Any) -> Iterator[str]:
        """Find the names of this same object."""
        return (name for name, (value, _) in self._rendered.items() if value is element)

    def read_variable(self, name: str) -> Showable:
        """Return the drawing of a variable's value. HoloViews draws an object once, until it is shared
        again."""
        value = self._namespace.get(name)
        if not is_element(value):
            return as_showable(value, name=name)
        cached = self._rendered.get(name)
        if cached is None or cached[0] is not value:
            cached = self._rendered[name] = (
                value,
                as_showable(render_in_document(value, name=name), name=name),
            )
        return cached[1]
