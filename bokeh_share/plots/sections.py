"""The headings of a notebook's sections, for the plots below them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from .page import PlotKey


class Heading(NamedTuple):
    """A heading: its level from 1 to 6, and its text."""

    level: int
    text: str


HeadingPath: TypeAlias = tuple[Heading, ...]
"""The headings above a plot, the outermost first, one of each level at most."""


class Sections:
    """Finds the section of each plot, if the author shares headings. Exists as long as its tracker."""

    def __init__(self, on_change: Callable[[], None] = lambda: None) -> None:
        """`on_change` is called when all sections may have changed."""
        self.are_shared = False
        self._on_change = on_change
        self._find: Callable[[PlotKey], HeadingPath] = lambda key: ()

    def connect_notebook(self, find: Callable[[PlotKey], HeadingPath]) -> None:
        """Use this function of the notebook from now on to find the section of a plot."""
        self._find = find

    def update_sharing(self, are_shared: bool) -> None:
        """Share headings from now on, or none."""
        self.are_shared = are_shared
        self._on_change()

    def find(self, key: PlotKey) -> HeadingPath:
        return self._find(key) if self.are_shared else ()
