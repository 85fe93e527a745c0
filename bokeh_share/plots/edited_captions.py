"""The captions that the author edited on the page, instead of in a cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from .page import Page, PlotKey


class _EditedCaption(NamedTuple):
    code_caption: str | None
    """The caption that the code gave when the author edited it."""
    text: str | None


class EditedCaptions:
    """The edited captions by plot. An edited caption stays until the code gives another one than before.

    Exists as long as its tracker.
    """

    def __init__(self) -> None:
        self._by_key: dict[PlotKey, _EditedCaption] = {}

    def edit(self, key: PlotKey, text: str | None, *, code_caption: str | None) -> None:
        """Record that the author edited the caption of a plot, for which the code gave `code_caption`."""
        self._by_key[key] = _EditedCaption(code_caption, text)

    def choose(self, key: PlotKey, code_caption: str | None) -> str | None:
        """Return the caption of a plot for which the code gives `code_caption`."""
        edited = self._by_key.get(key)
        if edited is None or edited.code_caption == code_caption:
            return code_caption if edited is None else edited.text
        del self._by_key[key]
        return code_caption

    def move(self, keys: Mapping[PlotKey, PlotKey]) -> None:
        """Handle that plots have other keys now."""
        self._by_key = {keys.get(key, key): edited for key, edited in self._by_key.items()}

    def remove(self, is_unwanted: Callable[[PlotKey], bool]) -> None:
        """Forget the captions of plots that were taken off the page."""
        self._by_key = {key: each for key, each in self._by_key.items() if not is_unwanted(key)}


def replace_caption(page: Page, key: PlotKey, caption: str | None) -> Page:
    """Return the page with another caption of a plot; the same page if nothing changes."""
    plot = page.find(key)
    if plot is None or plot.caption == caption:
        return page
    changed = replace(plot, caption=caption)
    plots = tuple(changed if each is plot else each for each in page.plots)
    return replace(page, plots=plots, version=page.version + 1)
