"""Captures what the author showed, as Bokeh would draw it now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Protocol

from bokeh.document import Document
from bokeh.model import Model
from bokeh.models import Column
from bokeh.models.annotations import Title

from ..compat import find_current_document
from ..errors import CannotSerialize, PlotTooLarge
from ..text import shorten
from .content import PlotContent
from .media import CannotShow, Display, MediaSnapshot, find_figure_title
from .page import PlotKey
from .plot_place import describe_kind, describe_unnamed_plot
from .showable import BokehObject
from .snapshot import (
    CapturedPlot,
    EventRecorder,
    Snapshot,
    capture_plot,
    list_documents,
    list_ready_scripts,
)
from .tracked_plots import TrackedPlot

MAX_NAME_LENGTH = 60
"""Characters of a name or title in the sentence of an error."""


class DocumentCallbacks(Protocol):
    """Selects the JavaScript callbacks of a document that are current, since a cell may register them
    again."""

    def list_callbacks(self, document: Document) -> list[Model]:
        """List the document's callbacks for when it is drawn."""


class PlotCapturer:
    """Captures plots with everything that belongs to them: the theme, and the callbacks of the documents.

    Exists as long as its tracker. Reads the author's models, in the author's threads.
    """

    def __init__(self, limit: int) -> None:
        """`limit` is the maximum size of a plot in bytes."""
        self._limit = limit
        self._callbacks: DocumentCallbacks | None = None
        self._find_cell_number: Callable[[PlotKey], int | None] = lambda key: None

    def connect_callbacks(self, callbacks: DocumentCallbacks) -> None:
        """Use `callbacks` from now on to select the callbacks of documents, instead of all of them."""
        self._callbacks = callbacks

    def connect_cells(self, find_cell_number: Callable[[PlotKey], int | None]) -> None:
        """Let errors name the cell of a plot from now on, by the number that the notebook shows."""
        self._find_cell_number = find_cell_number

    def capture(self, key: PlotKey, shown: BokehObject, *, before: PlotContent | None = None) -> CapturedPlot:
        """Take a snapshot of `shown` for `key`; a list becomes a column, as Bokeh shows it.

        Raises `CannotSerialize` or `PlotTooLarge` with the plot's name.
        """
        models = shown if isinstance(shown, list) else [shown]
        # The column takes any model here: `as_showable` has checked it.
        root = Column(children=shown) if isinstance(shown, list) else shown  # type: ignore[arg-type]
        try:
            return capture_plot(
                root,
                theme=find_current_document().theme,
                scripts=self._list_scripts(models),
                before=before if isinstance(before, Snapshot) else None,
                limit=self._limit,
            )
        except (CannotSerialize, PlotTooLarge) as error:
            raise replace(error, plot_name=self.describe_plot(key, models)) from error.__cause__

    def capture_display(self, key: PlotKey, display: Display) -> MediaSnapshot:
        """Take the snapshot of a picture, a table or a text. Raises `CannotShow` or `PlotTooLarge`."""
        try:
            snapshot = display.build_snapshot()
        except ValueError as error:
            raise CannotShow(self.describe_display(key, display), str(error)) from error
        if snapshot.size > self._limit:
            raise PlotTooLarge(self.describe_display(key, display), snapshot.size, self._limit)
        return snapshot

    def describe_display(self, key: PlotKey, display: Display) -> str:
        """Describe a picture, a table or a text in the sentences of errors, as `describe_plot` does."""
        cell_number = self._find_cell_number(key)
        title = find_figure_title(display.content) if display.exporter else ""
        if name := key.name or title:
            return self._add_cell(shorten(name, MAX_NAME_LENGTH), cell_number)
        return describe_unnamed_plot(display.noun, key, cell_number)

    def describe_plot(self, key: PlotKey, models: Sequence[Model]) -> str:
        """Describe a plot in the sentences of errors: by its name, else its title, else its kind and place.

        Reads the author's models, which may not have been captured.
        """
        cell_number = self._find_cell_number(key)
        if (name := key.name or _find_model_title(models)) is not None:
            return self._add_cell(shorten(name, MAX_NAME_LENGTH), cell_number)
        outermost = type(models[0]) if len(models) == 1 else Column
        return describe_unnamed_plot(describe_kind(outermost.__name__), key, cell_number)

    @staticmethod
    def _add_cell(name: str, cell_number: int | None) -> str:
        return f"{name!r} in cell [{cell_number}]" if cell_number is not None else repr(name)

    def create_recorder(self, captured: CapturedPlot) -> EventRecorder:
        """Create the recorder of later events about a captured plot."""
        return EventRecorder(captured, self._limit)

    def is_unchanged(self, tracked: TrackedPlot) -> bool:
        """Return True if capturing the plot again would give the same snapshot."""
        is_current = not tracked.is_edited and self.is_current_theme(tracked)
        return is_current and tracked.captured.is_unchanged(self._list_scripts(tracked.models))

    def is_current_theme(self, tracked: TrackedPlot) -> bool:
        """Return True if the plot was captured with the theme of the current document."""
        return tracked.captured.theme is find_current_document().theme

    def _list_scripts(self, models: Sequence[Model]) -> list[Model]:
        list_callbacks = list_ready_scripts if self._callbacks is None else self._callbacks.list_callbacks
        return [script for document in list_documents(models) for script in list_callbacks(document)]


def _find_model_title(models: Sequence[Model]) -> str | None:
    """The first title in the author's models."""
    with suppress(Exception):  # models of the author's own may raise anything
        titles = (each.text for model in models for each in model.references() if isinstance(each, Title))
        # a formula is a model with a text of its own
        texts = (each if isinstance(each, str) else each.text for each in titles)
        return next((each for each in texts if each), None)
    return None
