"""What an app's viewer may change in their own document, looked at before it is changed.

Bokeh trusts its viewers: it applies what they send as far as it can. Here a message counts as a whole, if

- each value has the form that pages send (`value_check`), and is bounded: in bytes, number, depth and new
  models;
- it speaks of models of this document, by their ids, or of such as it adds. What was in the document until
  lately is no mistake: the viewer could not know, and nothing happens;
- what it adds are models of Bokeh's own, with ids that Python does not give, and what it sets are properties
  that are there, to what they can be set to without a risk (`allowed_values`);
- it adds and removes no roots: they are the author's;
- the columns of a data source stay of one length and are no objects of the author's any more
  (`column_patch`);
- what it says has happened is known to Bokeh, and happened to a model of this document, or the page is ready.

Whatever else is the author's code: their callbacks get what the viewer chose, which may be anything of its
type.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
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
"""Ids that Python gives, or has given."""
VIEWER_ID_PATTERN = re.compile(r"[\w.:-]{1,100}")

ID_MEMORY_BYTES = 120
"""Bytes that an id takes, beside its letters."""

EVENTS_PER_MESSAGE = 20
"""Changes that count for a message."""


class DocumentPatch:
    """One message, of which all is known but what the author's callbacks do. Applied once, or not at all."""

    def __init__(
        self, document: Document, events: Sequence[Any], decoder: Deserializer, setter: Any, cost: float = 0.0
    ) -> None:
        self.memory_usages: list[MemoryUsage] = []
        self._cost = cost
        self._copies = column_patch.CopyOnWriteColumns()
        self._document = document
        self._events = events
        self._decoder = decoder
        self._setter = setter

    @property
    def has_column_changes(self) -> bool:
        """Whether columns of a data source are changed."""
        return any(isinstance(event.get("model"), ColumnDataSource) for event in self._events)

    def build_steps(self) -> Iterator[Callable[[], None]]:
        """What to do for each change, in order, each when the former is done: others may come in between.

        Whoever calls these has the document's lock, and made the document current. They raise `MessageError`,
        and what the author's callbacks raise; then there is no going on.
        """
        for event in self._events[:-1]:
            yield partial(self._apply_event, event)
        yield self._finish

    def take_cost(self) -> float:
        """How many messages it counts for, beside itself, that were not taken yet."""
        cost = self._cost + self._copies.copied_bytes / limits.APP_COPIED_BYTES_PER_MESSAGE
        self._cost, self._copies.copied_bytes = 0.0, 0
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
    """What a message says, as far as it can be known before it is applied. Raises `MessageError`."""
    events = read_document_events(content)
    known = {model.id: model for model in document.models}
    value_check = ValueCheck({buffer.id: len(buffer.data) for buffer in buffers})
    usages, expensive_events = [], 0
    for event in events:
        reference_count = value_check.reference_count
        usages.append(
            build_memory_usage(event, value_check.measure_memory_size(extract_encoded_values(event)))
        )
        expensive_events += (
            event["kind"].startswith("Column") or value_check.reference_count > reference_count + 1
        )
    if expensive_events > limits.MAX_APP_COSTLY_EVENTS:
        raise MessageError("a viewer tells of too many changes of columns or models")
    decoder = Deserializer([*known.values()], setter=setter)
    missing = value_check.refs - known.keys() - value_check.objects.keys()
    if missing:
        if not all(document.models.seen(ID(id)) for id in missing):
            raise MessageError("a viewer speaks of models that are not in the document")
        return DocumentPatch(document, [], decoder, setter)
    classes: dict[str, type[Model]] = {id: type(model) for id, model in known.items()}
    for id in value_check.objects.keys() & known.keys():  # of which a page did not know that they are here
        _replace_with_reference(value_check.objects.pop(id))
    for id, object_rep in value_check.objects.items():
        if PYTHON_ID_PATTERN.fullmatch(id) or not VIEWER_ID_PATTERN.fullmatch(id):
            raise MessageError("a viewer adds a model by an id that is none of theirs")
        classes[id] = allowed_values.resolve_model_class(object_rep["name"])
        columns = object_rep.get("attributes", {}).get("data")
        if (
            issubclass(classes[id], ColumnDataSource)
            and columns
            and not has_equal_encoded_lengths(columns, value_check.buffers)
        ):
            raise MessageError("a viewer adds columns of several lengths")
    values_with_form = sum(
        allowed_values.check_property_value(classes[id], name, value)
        for id, object_rep in value_check.objects.items()
        for name, value in object_rep.get("attributes", {}).items()
    )
    if (
        values_with_form + sum(check_document_event(event, classes) for event in events)
        > limits.MAX_APP_PATTERN_VALUES
    ):
        raise MessageError("a viewer sets too many values that have a form")
    try:
        with np.errstate(all="raise"):  # a warning would be printed into the author's cell
            decoded = decoder.decode(events, [*buffers])
    except Exception as error:
        raise MessageError("a value of a viewer is none that its property takes") from error
    patch = DocumentPatch(
        document, decoded, decoder, setter, expensive_events + len(events) / EVENTS_PER_MESSAGE
    )
    # A document of Bokeh's remembers the ids of all models that it had.
    id_usage = ("", "ids"), sum(ID_MEMORY_BYTES + len(id) for id in value_check.objects), True
    patch.memory_usages = [
        each for each in [*usages, id_usage if value_check.objects else None] if each is not None
    ]
    return patch


def _replace_with_reference(object_rep: dict[str, Any]) -> None:
    """Bokeh takes the model that is here, and nothing of what is told of it, but prints a warning."""
    id = object_rep["id"]
    object_rep.clear()
    object_rep["id"] = id


def _prepare_event(event: dict[str, Any], copies: column_patch.CopyOnWriteColumns) -> None:
    """What can be known only when the former change is made. Raises `MessageError`."""
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
            raise MessageError("a viewer sets columns of several lengths")
