"""Remembers, by the name on the page, what an object of HoloViews was drawn as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..plots import Showable, as_showable, is_element, render_in_document


class NamedElements:
    """Objects of HoloViews that have a name on the page, each drawn once.

    Lives as long as the extension is loaded.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        """`namespace` has the author's variables."""
        self._namespace = namespace
        self._rendered: dict[str, tuple[Any, Showable]] = {}
        """By the name on the page: an object of HoloViews, and what it was drawn as."""

    def put(self, name: str, element: Any, shown: Showable) -> None:
        self._rendered[name] = element, shown

    def remove(self, name: str) -> None:
        self._rendered.pop(name, None)

    def find_names(self, element: Any) -> Iterator[str]:
        """The names of this very object."""
        return (name for name, (value, _) in self._rendered.items() if value is element)

    def read_variable(self, name: str) -> Showable:
        """What a variable shows; HoloViews draws an object once, until it is shared again."""
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
