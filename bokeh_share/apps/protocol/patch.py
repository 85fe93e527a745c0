"""Checks a message with a viewer's changes of their document before it is applied.

Bokeh trusts its viewers, and applies as much as it can of a message. Here a message is applied only as a
whole, and only if

- each value has the format that pages send (`value_check`), and is limited in bytes, number, depth and new
models;
- it refers by id to models of this document, or to models that it adds. Recently removed models are no error:
the viewer could not know, and nothing happens;
- it adds only models of Bokeh, with ids that Python does not generate, and sets only existing properties, to
safe values (`allowed_values`);
- it adds and removes no roots, which belong to the author;
- the columns of a data source keep equal lengths, and are no longer the author's objects (`column_patch`);
- it reports only events that Bokeh knows, of models of this document, or that the page is ready.

Everything else is up to the author's code: callbacks get the viewer's values, which may be any of the
property's type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from bokeh.core.property.container import ColumnData
from bokeh.core.serialization import Buffer, Deserializer
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.document.events import DocumentPatchedEvent
from bokeh.model import Model
from bokeh.models import ColumnDataSource

from ... import limits
from . import allowed_values, column_patch
from .errors import MessageError
from .event_check import (
    build_memory_usage,
    check_document_event,
    extract_encoded_values,
    read_document_events,
)
from .memory_quota import MemoryUsage
from .value_check import ValueCheck, has_equal_encoded_lengths

PYTHON_ID_PATTERN = re.compile(r"p?\d+")
"""Ids that Python generates, or has generated."""
VIEWER_ID_PATTERN = re.compile(r"[\w.:-]{1,100}")

ID_MEMORY_BYTES = 120
"""Bytes of an id in memory, besides its characters."""

EVENTS_PER_MESSAGE = 20
"""The number of changes that cost as much as a message."""


class DocumentPatch:
    """One checked message. Only the effects of the author's callbacks are unknown. Applied at most once."""

    def __init__(
        self,
        document: Document,
        events: Sequence[Any],
        decoder: Deserializer,
        setter: Any,
        *,
        cost: float = 0.0,
        memory_usages: Sequence[MemoryUsage] = (),
    ) -> None:
        self.memory_usages = memory_usages
        self._cost = cost
        self._copies = column_patch.CopyOnWriteColumns()
        self._document = document
        self._events = events
        self._decoder = decoder
        self._setter = setter

    @property
    def has_column_changes(self) -> bool:
        """True if columns of a data source are changed."""
        return any(isinstance(event.get("model"), ColumnDataSource) for event in self._events)

    def build_steps(self) -> Iterator[Callable[[], None]]:
        """Build a function for each change, to be called in order; other work may run in between.

        The caller has acquired the document's lock, and made the document current. The functions raise
        `MessageError`, and errors of the author's callbacks; then the others are not called.
        """
        for event in self._events[:-1]:
            yield partial(self._apply_event, event)
        yield self._finish

    def take_cost(self) -> float:
        """Return its additional cost in messages since the last call."""
        cost = self._cost + self._copies.take_copied_bytes() / limits.APP_COPIED_BYTES_PER_MESSAGE
        self._cost = 0.0
        return cost

    def _finish(self) -> None:
        for event in self._events[-1:]:
            self._apply_event(event)
        self._document.models.flush_synced(lambda model: not self._decoder.has_ref(model))

    def _apply_event(self, event: Any) -> None:
        _prepare_event(event, self._copies)
        DocumentPatchedEvent.handle_event(self._document, event, self._setter)


def read_document_patch(
    content: Any, buffers: Sequence[Buffer], document: Document, setter: Any
) -> DocumentPatch:
    """Read a message, and check everything that can be checked before it is applied. Raises
    `MessageError`."""
    events = read_document_events(content)
    known = {model.id: model for model in document.models}
    value_check = ValueCheck({buffer.id: len(buffer.data) for buffer in buffers})
    memory_usages, expensive_events = _measure_events(events, value_check)
    decoder = Deserializer([*known.values()], setter=setter)
    missing = value_check.refs - known.keys() - value_check.objects.keys()
    if missing:
        if not all(document.models.seen(ID(id)) for id in missing):
            raise MessageError("app message with models that are not in the document")
        return DocumentPatch(document, [], decoder, setter)
    for id in value_check.objects.keys() & known.keys():  # models of the document that the page did not know
        _replace_with_reference(value_check.objects.pop(id))
    classes = {id: type(model) for id, model in known.items()} | _resolve_new_classes(value_check)
    _check_property_values(events, value_check, classes)
    if value_check.objects:  # Bokeh's document keeps the ids of all its former models
        id_bytes = sum(ID_MEMORY_BYTES + len(id) for id in value_check.objects)
        memory_usages = [*memory_usages, (("", "ids"), id_bytes, True)]
    return DocumentPatch(
        document,
        _decode_events(events, buffers, decoder),
        decoder,
        setter,
        cost=expensive_events + len(events) / EVENTS_PER_MESSAGE,
        memory_usages=memory_usages,
    )


def _measure_events(
    events: Sequence[Mapping[str, Any]], value_check: ValueCheck
) -> tuple[list[MemoryUsage], int]:
    """Check the form of all values; return the memory they use, and the number of expensive changes."""
    memory_usages, expensive_events = [], 0
    for event in events:
        reference_count = value_check.reference_count
        size = value_check.measure_memory_size(extract_encoded_values(event))
        if (memory_usage := build_memory_usage(event, size)) is not None:
            memory_usages.append(memory_usage)
        if event["kind"].startswith("Column") or value_check.reference_count > reference_count + 1:
            expensive_events += 1
    if expensive_events > limits.MAX_APP_COSTLY_EVENTS:
        raise MessageError("app message with too many changes of columns or models")
    return memory_usages, expensive_events


def _resolve_new_classes(value_check: ValueCheck) -> dict[str, type[Model]]:
    """Return the class of each model that a message adds, by id."""
    classes: dict[str, type[Model]] = {}
    for id, object_rep in value_check.objects.items():
        if PYTHON_ID_PATTERN.fullmatch(id) or not VIEWER_ID_PATTERN.fullmatch(id):
            raise MessageError("app message with a model whose id is reserved")
        classes[id] = allowed_values.resolve_model_class(object_rep["name"])
        columns = object_rep.get("attributes", {}).get("data")
        if (
            issubclass(classes[id], ColumnDataSource)
            and columns
            and not has_equal_encoded_lengths(columns, value_check.buffers)
        ):
            raise MessageError("app message adds columns of different lengths")
    return classes


def _check_property_values(
    events: Sequence[Mapping[str, Any]], value_check: ValueCheck, classes: Mapping[str, type[Model]]
) -> None:
    """Check the property values that the new models and the changes set."""
    pattern_values = sum(
        allowed_values.check_property_value(classes[id], name, value)
        for id, object_rep in value_check.objects.items()
        for name, value in object_rep.get("attributes", {}).items()
    )
    pattern_values += sum(check_document_event(event, classes) for event in events)
    if pattern_values > limits.MAX_APP_PATTERN_VALUES:
        raise MessageError("app message with too many formatted values")


def _decode_events(events: Sequence[Any], buffers: Sequence[Buffer], decoder: Deserializer) -> list[Any]:
    try:
        with np.errstate(all="raise"):  # a warning would be printed into the author's cell
            decoded: list[Any] = decoder.decode(events, [*buffers])
    except Exception as error:
        raise MessageError("app message with an invalid value for a property") from error
    return decoded


def _replace_with_reference(object_rep: dict[str, Any]) -> None:
    """Refer to an existing model. Bokeh would do so too and ignore the attributes, but print a warning."""
    id = object_rep["id"]
    object_rep.clear()
    object_rep["id"] = id


def _prepare_event(event: dict[str, Any], copies: column_patch.CopyOnWriteColumns) -> None:
    """Check everything that depends on earlier changes, and copy columns. Raises `MessageError`."""
    kind, model = event["kind"], event.get("model")
    if not isinstance(model, Model):
        return
    if kind == "ColumnsPatched" and isinstance(model, ColumnDataSource):
        copies.patch(model, event["patches"])
    elif kind == "ColumnsStreamed" and isinstance(model, ColumnDataSource):
        event["data"] = copies.stream(model, event["data"], event["rollover"])
    elif kind in ("ModelChanged", "ColumnDataChanged"):
        value = event["new"] if kind == "ModelChanged" else event["data"]
        if isinstance(
            allowed_values.resolve_property(type(model), event["attr"]), ColumnData
        ) and not column_patch.has_equal_lengths(value):
            raise MessageError("app message sets columns of different lengths")
