"""Captures what the author showed, as Bokeh would draw it now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bokeh.document import Document
from bokeh.model import Model
from bokeh.models import Column

from ..compat import find_current_document
from .page import PlotKey
from .showable import Showable
from .snapshot import (
    CapturedPlot,
    EventRecorder,
    Snapshot,
    capture_plot,
    list_documents,
    list_ready_scripts,
)
from .tracked_plots import TrackedPlot


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

    def connect_callbacks(self, callbacks: DocumentCallbacks) -> None:
        """Use `callbacks` from now on to select the callbacks of documents, instead of all of them."""
        self._callbacks = callbacks

    def capture(self, key: PlotKey, shown: Showable, *, before: Snapshot | None = None) -> CapturedPlot:
        """Take a snapshot of `shown` for `key`; a list becomes a column, as Bokeh shows it.

        Raises `CannotSerialize` or `PlotTooLarge` with the plot's name.
        """
        models = shown if isinstance(shown, list) else [shown]
        # The column takes any model here: `as_showable` has checked it.
        root = Column(children=shown) if isinstance(shown, list) else shown  # type: ignore[arg-type]
        return capture_plot(
            root,
            theme=find_current_document().theme,
            scripts=self._list_scripts(models),
            before=before,
            plot_name=describe_key(key),
            limit=self._limit,
        )

    def create_recorder(self, key: PlotKey, captured: CapturedPlot) -> EventRecorder:
        """Create the recorder of later events about a captured plot."""
        return EventRecorder(captured, describe_key(key), self._limit)

    def is_unchanged(self, tracked: TrackedPlot) -> bool:
        """Return True if capturing the plot again would give the same snapshot."""
        is_current = not tracked.is_edited and tracked.captured.theme is find_current_document().theme
        return is_current and tracked.captured.is_unchanged(self._list_scripts(tracked.models))

    def _list_scripts(self, models: Sequence[Model]) -> list[Model]:
        list_callbacks = list_ready_scripts if self._callbacks is None else self._callbacks.list_callbacks
        return [script for document in list_documents(models) for script in list_callbacks(document)]


def describe_key(key: PlotKey) -> str:
    """Describe a plot in the sentences of errors."""
    return key.name or (key.identifier if key.kind == "variable" else f"plot {key.position + 1} of the cell")
