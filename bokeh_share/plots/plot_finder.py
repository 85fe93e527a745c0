"""Finds plots by a name, a title or an id that the author gives."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from ..errors import UnknownName
from ..text import format_words, shorten
from .page import Plot, PlotKey
from .titles import find_title

MAX_LISTED_PLOTS = 8
"""Maximum number of plots that the error for an unknown name lists."""


class PlotFinder:
    """Finds plots of a page by name, title or id."""

    def __init__(self, plots: Sequence[Plot], app_names: Collection[str] = ()) -> None:
        """`app_names` are the names of apps that the author may have meant as well."""
        self._plots = plots
        self._app_names = app_names
        self._kind = "plot or app" if app_names else "plot"

    def find(self, name: str) -> list[PlotKey]:
        """Find the plots with this name, else the one with this title or id.

        Raises `UnknownName`, which lists the plots on the page, also if several plots have the title.
        """
        named = [each.key for each in self._plots if each.key.kind == "name"]
        keys = [key for key in named if name in (key.identifier, key.name)]
        if keys:
            return keys
        same = [each for each in self._plots if name in (each.id, each.short_id, find_title(each.snapshot))]
        if len(same) == 1:
            return [same[0].key]
        if same:
            ids = format_words([each.short_id for each in same], "or")
            hint = f"{len(same)} plots have this title; give an id instead: {ids}"
            raise UnknownName(name, kind=f"single {self._kind}", hint=hint)
        names = [label for each in self._plots if (label := each.name or find_title(each.snapshot))]
        known = [*names, *(each.short_id for each in self._plots), *self._app_names]
        raise UnknownName.from_known_names(name, known, kind=self._kind, hint=self._describe_page())

    def _describe_page(self) -> str:
        labels = [
            repr(shorten(label, 60)) if (label := each.name or find_title(each.snapshot)) else each.short_id
            for each in self._plots
        ]
        labels += map(repr, self._app_names)
        if not labels:
            return "nothing is on the page yet"
        if (more := len(labels) - MAX_LISTED_PLOTS) > 0:
            labels = [*labels[:MAX_LISTED_PLOTS], f"{more} more, which --status lists"]
        return f"on the page {'is' if len(labels) == 1 else 'are'} {format_words(labels, 'and')}"
