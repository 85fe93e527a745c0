"""Listens to the documents that own tracked plots, and records their change events."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence

from bokeh.document import Document
from bokeh.document.events import DocumentChangedEvent
from bokeh.model import Model

from .edit_recorder import EditRecorder
from .page_publisher import PagePublisher
from .snapshot import list_documents
from .tracked_plots import TrackedPlots


class DocumentListener:
    """Records Bokeh's events as edits of the page, or marks the plot as dirty if that is not possible.

    Adds one callback to each document that owns a model of a tracked plot, removed by `close`. Events come
    in the author's threads.
    """

    def __init__(
        self,
        plots: TrackedPlots,
        publisher: PagePublisher,
        recorder: EditRecorder,
        on_dirty: Callable[[], None],
    ) -> None:
        """`on_dirty` is called after an event that was not recorded, in the thread that made the change."""
        self._plots = plots
        self._publisher = publisher
        self._recorder = recorder
        self._on_dirty = on_dirty
        self._documents: weakref.WeakSet[Document] = weakref.WeakSet()

    def add_owners(self, models: Sequence[Model]) -> None:
        """Listen to the documents that own these models."""
        for document in list_documents(models):
            if document not in self._documents:
                document.on_change(self._on_document_change)
                self._documents.add(document)

    def close(self) -> None:
        for document in list(self._documents):
            document.remove_on_change(self._on_document_change)
        self._documents.clear()

    def _on_document_change(self, event: DocumentChangedEvent) -> None:
        """Record an event. A loop may cause tens of thousands of events per second."""
        model = getattr(event, "model", None)
        if model is None or not (keys := self._plots.list_model_keys(model.id)):
            return
        unrecorded = [*keys]
        try:
            if self._publisher.has_sinks:
                with self._plots.lock:
                    unrecorded = [key for key in keys if not self._recorder.record_event(key, event)]
        finally:  # an interrupt is for the author's code, and the change must still be recorded
            if unrecorded:
                self._plots.mark_dirty(unrecorded)
        if unrecorded:
            self._on_dirty()
