"""What an app's viewer may change in their own document, looked at before it is changed.

Bokeh trusts its viewers: it applies what they send as far as it can. Here a message counts as a whole, if

- each value has the form that pages send (`wire`), and is bounded: in bytes, number, depth and new models;
- it speaks of models of this document, by their ids, or of such as it adds. What was in the document until
  lately is no mistake: the viewer could not know, and nothing happens;
- what it adds are models of Bokeh's own, with ids that Python does not give, and what it sets are properties
  that are there, to what they can be set to without a risk (`settable`);
- it adds and removes no roots: they are the author's;
- the columns of a data source stay of one length and are no objects of the author's any more (`sources`);
- what it says has happened is known to Bokeh, and happened to a model of this document, or the page is ready.

Whatever else is the author's code: their callbacks get what the viewer chose, which may be anything of its
type.
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
from bokeh.events import DocumentReady, Event, ModelEvent
from bokeh.model import Model
from bokeh.models import ColumnDataSource

from ... import limits
from ..errors import Refused
from . import allowed_values, column_patch
from .value_check import ValueCheck, are_even

FIELDS = {
    "ModelChanged": {"model", "attr", "new"},
    "ColumnDataChanged": {"model", "attr", "data", "cols"},
    "ColumnsStreamed": {"model", "attr", "data", "rollover"},
    "ColumnsPatched": {"model", "attr", "patches"},
    "TitleChanged": {"title"},
    "MessageSent": {"msg_type", "msg_data"},
}
"""What pages send of each kind of change. BokehJS leaves out what is not set."""
OPTIONAL = {"cols", "rollover"}
OWN_ID = re.compile(r"p?\d+")
"""Ids that Python gives, or has given."""
NEW_ID = re.compile(r"[\w.:-]{1,100}")

REMEMBERED = 120
"""Bytes that an id takes, beside its letters."""

LIGHT = 20
"""Changes that count for a message."""

Kept = tuple[tuple[str, str], int, bool]
"""Of which model and property a viewer has put how many bytes somewhere; whether beside what is there."""


class DocumentPatch:
    """One message, of which all is known but what the author's callbacks do. Applied once, or not at all."""

    def __init__(
        self, document: Document, events: Sequence[Any], decoder: Deserializer, setter: Any, cost: float = 0.0
    ) -> None:
        self.kept: list[Kept] = []
        self._cost = cost
        self._copies = column_patch.Copies()
        self._document = document
        self._events = events
        self._decoder = decoder
        self._setter = setter

    @property
    def changes_columns(self) -> bool:
        """Whether columns of a data source are changed."""
        return any(isinstance(event.get("model"), ColumnDataSource) for event in self._events)

    def steps(self) -> Iterator[Callable[[], None]]:
        """What to do for each change, in order, each when the former is done: others may come in between.

        Whoever calls these has the document's lock, and made the document current. They raise `Refused`, and
        what the author's callbacks raise; then there is no going on.
        """
        for event in self._events[:-1]:
            yield partial(self._apply, event)
        yield self._end

    def take_cost(self) -> float:
        """How many messages it counts for, beside itself, that were not taken yet."""
        cost = self._cost + self._copies.size / limits.APP_COPIED
        self._cost, self._copies.size = 0.0, 0
        return cost

    def _end(self) -> None:
        for event in self._events[-1:]:
            self._apply(event)
        self._document.models.flush_synced(lambda model: not self._decoder.has_ref(model))

    def _apply(self, event: Any) -> None:
        _prepare(event, self._copies)
        DocumentPatchedEvent.handle_event(self._document, event, self._setter)


def read(content: Any, buffers: Sequence[Buffer], document: Document, setter: Any) -> DocumentPatch:
    """What a message says, as far as it can be known before it is applied. Raises `Refused`."""
    events = _events(content)
    known = {model.id: model for model in document.models}
    survey = ValueCheck({buffer.id: len(buffer.data) for buffer in buffers})
    kept, heavy = [], 0
    for event in events:
        spoken_of = survey.spoken_of
        kept.append(_kept(event, survey.weigh(_values(event))))
        heavy += event["kind"].startswith("Column") or survey.spoken_of > spoken_of + 1
    if heavy > limits.APP_CHANGES:
        raise Refused("a viewer tells of too many changes of columns or models")
    decoder = Deserializer([*known.values()], setter=setter)
    missing = survey.refs - known.keys() - survey.objects.keys()
    if missing:
        if not all(document.models.seen(ID(id)) for id in missing):
            raise Refused("a viewer speaks of models that are not in the document")
        return DocumentPatch(document, [], decoder, setter)
    classes: dict[str, type[Model]] = {id: type(model) for id, model in known.items()}
    for id in survey.objects.keys() & known.keys():  # of which a page did not know that they are here
        _become_ref(survey.objects.pop(id))
    for id, rep in survey.objects.items():
        if OWN_ID.fullmatch(id) or not NEW_ID.fullmatch(id):
            raise Refused("a viewer adds a model by an id that is none of theirs")
        classes[id] = allowed_values.class_of(rep["name"])
        columns = rep.get("attributes", {}).get("data")
        if issubclass(classes[id], ColumnDataSource) and columns and not are_even(columns, survey.buffers):
            raise Refused("a viewer adds columns of several lengths")
    with_a_form = sum(
        allowed_values.check(classes[id], name, value)
        for id, rep in survey.objects.items()
        for name, value in rep.get("attributes", {}).items()
    )
    if with_a_form + sum(_check_event(event, classes) for event in events) > limits.APP_FORMS:
        raise Refused("a viewer sets too many values that have a form")
    try:
        with np.errstate(all="raise"):  # a warning would be printed into the author's cell
            decoded = decoder.decode(events, [*buffers])
    except Exception as error:
        raise Refused("a value of a viewer is none that its property takes") from error
    patch = DocumentPatch(document, decoded, decoder, setter, heavy + len(events) / LIGHT)
    # A document of Bokeh's remembers the ids of all models that it had.
    remembered = ("", "ids"), sum(REMEMBERED + len(id) for id in survey.objects), True
    patch.kept = [each for each in [*kept, remembered if survey.objects else None] if each is not None]
    return patch


def _become_ref(rep: dict[str, Any]) -> None:
    """Bokeh takes the model that is here, and nothing of what is told of it, but prints a warning."""
    id = rep["id"]
    rep.clear()
    rep["id"] = id


def _events(content: Any) -> list[dict[str, Any]]:
    """What the message tells of, with nothing that nobody asks for."""
    events = content.get("events") if isinstance(content, dict) else None
    if not isinstance(events, list) or len(events) > limits.APP_EVENTS:
        raise Refused("a message of an app's viewer has no changes, or too many")
    return [_event(event) for event in events]


def _event(event: Any) -> dict[str, Any]:
    kind = event.get("kind") if isinstance(event, dict) else None
    if not isinstance(kind, str) or kind not in FIELDS:
        raise Refused("a viewer tells of a change that is none, or not theirs to make")
    fields = FIELDS[kind]
    if not fields - OPTIONAL <= event.keys():
        raise Refused("a viewer tells of a change with something missing")
    return {"kind": kind, **{field: event.get(field) for field in sorted(fields)}}


def _values(event: Mapping[str, Any]) -> Any:
    """What of a change has the form of Bokeh's values."""
    said = event.get("msg_data")
    if isinstance(said, dict) and said.get("type") == "event":
        return said.get("values")
    return [value for field, value in event.items() if field not in ("kind", "attr", "msg_type", "title")]


def _kept(event: Mapping[str, Any], weight: int) -> Kept | None:
    """A page that moves points all day long replaces numbers by numbers."""
    match event["kind"]:
        case "MessageSent":
            return None
        case "TitleChanged":
            return ("", "title"), limits.APP_TEXT, False
    is_more = event["kind"] == "ColumnsStreamed"
    if event["kind"] == "ColumnsPatched":
        is_more = not _are_numbers(event["patches"])
    place = event["model"].get("id", "") if isinstance(event["model"], dict) else ""
    return (str(place), str(event["attr"])[: limits.APP_TEXT]), weight, is_more


def _are_numbers(patches: Any) -> bool:
    """Whether cells are set to nothing else, and take no more than before."""
    try:
        return all(isinstance(new, int | float) for _, patch in _mapping(patches).items() for _, new in patch)
    except (Refused, TypeError, ValueError):
        return False


def _check_event(event: Mapping[str, Any], classes: Mapping[str, type[Model]]) -> int:
    """How many values in it have to be looked at for their form."""
    kind = event["kind"]
    if kind == "TitleChanged":
        if not isinstance(event["title"], str) or len(event["title"]) > limits.APP_TEXT:
            raise Refused("a viewer gives the document a title that is none")
    elif kind == "MessageSent":
        _check_message(event["msg_type"], event["msg_data"])
    else:
        cls = classes[_id_of(event["model"])]
        attr = event["attr"]
        if not isinstance(attr, str):
            raise Refused("a viewer sets a property that there is not")
        if kind == "ModelChanged":
            return allowed_values.check(cls, attr, event["new"])
        if not isinstance(allowed_values.find(cls, attr), ColumnData):
            raise Refused("a viewer changes columns of what has none")
        if kind != "ColumnDataChanged" and (attr != "data" or not issubclass(cls, ColumnDataSource)):
            raise Refused("a viewer changes rows of what has none")
    return 0


def _check_message(kind: Any, said: Any) -> None:
    """What is said to have happened. Other messages reach those callbacks that the author has for them."""
    if not isinstance(kind, str):
        raise Refused("a viewer tells of what cannot happen")
    if kind != "bokeh_event":
        if isinstance(said, dict) and said.get("type") == "event":
            raise Refused("a viewer tells of what cannot happen")
        return
    if not isinstance(said, dict) or said.keys() != {"type", "name", "values"} or said["type"] != "event":
        raise Refused("a viewer tells of what cannot happen")
    try:
        cls = Event.cls_for(said["name"])
    except (ValueError, TypeError) as error:
        raise Refused("a viewer tells of what cannot happen") from error
    values = _mapping(said["values"])
    if issubclass(cls, ModelEvent):
        _id_of(values.get("model"))
    elif not issubclass(cls, DocumentReady) or values:
        raise Refused("a viewer tells of what only the server can know")


def _mapping(values: Any) -> Mapping[str, Any]:
    if isinstance(values, dict) and values.get("type") == "map":
        return {key: value for key, value in values.get("entries", []) if isinstance(key, str)}
    if not isinstance(values, dict) or "type" in values or "id" in values:
        raise Refused("a viewer tells of what cannot happen")
    return values


def _id_of(ref: Any) -> str:
    """Of which model a change is; `ValueCheck` has seen that it is there."""
    if not isinstance(ref, dict) or not isinstance(ref.get("id"), str) or not ref.keys() <= {"id", "type"}:
        raise Refused("a viewer speaks of a model that is none")
    if ref.get("type", "ref") != "ref":
        raise Refused("a viewer speaks of a model that is none")
    return str(ref["id"])


def _prepare(event: dict[str, Any], copies: column_patch.Copies) -> None:
    """What can be known only when the former change is made. Raises `Refused`."""
    kind, model = event["kind"], event.get("model")
    if not isinstance(model, Model):
        return
    if kind == "ColumnsPatched" and isinstance(model, ColumnDataSource):
        copies.patch(model, event["patches"])
    elif kind == "ColumnsStreamed" and isinstance(model, ColumnDataSource):
        event["data"] = copies.stream(model, event["data"], event["rollover"])
    elif kind in ("ModelChanged", "ColumnDataChanged"):
        value = event["new"] if kind == "ModelChanged" else event["data"]
        if isinstance(allowed_values.find(type(model), event["attr"]), ColumnData) and not column_patch.even(
            value
        ):
            raise Refused("a viewer sets columns of several lengths")
