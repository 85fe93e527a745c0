"""Checks the document events in a message of an app's viewer: their fields, and what each may change.

A change is checked against the classes of its models before any part of it is decoded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bokeh.core.property.container import ColumnData
from bokeh.events import DocumentReady, Event, ModelEvent
from bokeh.model import Model
from bokeh.models import ColumnDataSource

from ... import limits
from . import allowed_values
from .errors import MessageError
from .memory_quota import MemoryUsage

EVENT_FIELDS = {
    "ModelChanged": {"model", "attr", "new"},
    "ColumnDataChanged": {"model", "attr", "data", "cols"},
    "ColumnsStreamed": {"model", "attr", "data", "rollover"},
    "ColumnsPatched": {"model", "attr", "patches"},
    "TitleChanged": {"title"},
    "MessageSent": {"msg_type", "msg_data"},
}
"""The fields that pages send for each kind of change. BokehJS omits unset ones."""
OPTIONAL_EVENT_FIELDS = {"cols", "rollover"}


def read_document_events(content: Any) -> list[dict[str, Any]]:
    """Read the events of a message, without unused fields."""
    events = content.get("events") if isinstance(content, dict) else None
    if not isinstance(events, list) or len(events) > limits.MAX_APP_MESSAGE_EVENTS:
        raise MessageError("app message with no changes, or too many")
    return [_read_event(event) for event in events]


def _read_event(event: Any) -> dict[str, Any]:
    kind = event.get("kind") if isinstance(event, dict) else None
    if not isinstance(kind, str) or kind not in EVENT_FIELDS:
        raise MessageError("app message with a change that viewers cannot make")
    fields = EVENT_FIELDS[kind]
    if not fields - OPTIONAL_EVENT_FIELDS <= event.keys():
        raise MessageError("app message with an incomplete change")
    return {"kind": kind, **{field: event.get(field) for field in sorted(fields)}}


def extract_encoded_values(event: Mapping[str, Any]) -> Any:
    """Return the parts of a change that are encoded as Bokeh's values."""
    message_data = event.get("msg_data")
    if isinstance(message_data, dict) and message_data.get("type") == "event":
        return message_data.get("values")
    return [value for field, value in event.items() if field not in ("kind", "attr", "msg_type", "title")]


def build_memory_usage(event: Mapping[str, Any], size: int) -> MemoryUsage | None:
    """Describe the memory that a change uses. Numbers that replace numbers do not add up."""
    match event["kind"]:
        case "MessageSent":
            return None
        case "TitleChanged":
            return ("", "title"), limits.MAX_APP_PATTERN_LENGTH, False
    is_added = event["kind"] == "ColumnsStreamed"
    if event["kind"] == "ColumnsPatched":
        is_added = not _has_only_numbers(event["patches"])
    model_id = event["model"].get("id", "") if isinstance(event["model"], dict) else ""
    return (str(model_id), str(event["attr"])[: limits.MAX_APP_PATTERN_LENGTH]), size, is_added


def _has_only_numbers(patches: Any) -> bool:
    """Return True if cells are only set to numbers, and use no more memory than before."""
    try:
        return all(
            isinstance(new, int | float) for _, patch in _read_mapping(patches).items() for _, new in patch
        )
    except (MessageError, TypeError, ValueError):
        return False


def check_document_event(event: Mapping[str, Any], classes: Mapping[str, type[Model]]) -> int:
    """Check an event, and return the number of its values that Bokeh has to parse."""
    kind = event["kind"]
    if kind == "TitleChanged":
        if not isinstance(event["title"], str) or len(event["title"]) > limits.MAX_APP_PATTERN_LENGTH:
            raise MessageError("app message with an invalid title")
    elif kind == "MessageSent":
        _check_message_event(event["msg_type"], event["msg_data"])
    else:
        cls = classes[_read_model_id(event["model"])]
        attr = event["attr"]
        if not isinstance(attr, str):
            raise MessageError("app message with an unknown property")
        if kind == "ModelChanged":
            return allowed_values.check_property_value(cls, attr, event["new"])
        if not isinstance(allowed_values.resolve_property(cls, attr), ColumnData):
            raise MessageError("app message changes columns of a model without columns")
        if kind != "ColumnDataChanged" and (attr != "data" or not issubclass(cls, ColumnDataSource)):
            raise MessageError("app message changes rows of a model without rows")
    return 0


def _check_message_event(message_type: Any, message_data: Any) -> None:
    """Check a reported Bokeh event. Other messages go to the callbacks that the author set for them."""
    if not isinstance(message_type, str):
        raise MessageError("app message with an invalid event")
    if message_type != "bokeh_event":
        if isinstance(message_data, dict) and message_data.get("type") == "event":
            raise MessageError("app message with an invalid event")
        return
    if (
        not isinstance(message_data, dict)
        or message_data.keys() != {"type", "name", "values"}
        or message_data["type"] != "event"
    ):
        raise MessageError("app message with an invalid event")
    try:
        cls = Event.cls_for(message_data["name"])
    except (ValueError, TypeError) as error:
        raise MessageError("app message with an invalid event") from error
    values = _read_mapping(message_data["values"])
    if issubclass(cls, ModelEvent):
        _read_model_id(values.get("model"))
    elif not issubclass(cls, DocumentReady) or values:
        raise MessageError("app message with an event of the server")


def _read_mapping(values: Any) -> Mapping[str, Any]:
    if isinstance(values, dict) and values.get("type") == "map":
        return {key: value for key, value in values.get("entries", []) if isinstance(key, str)}
    if not isinstance(values, dict) or "type" in values or "id" in values:
        raise MessageError("app message with an invalid event")
    return values


def _read_model_id(ref: Any) -> str:
    """Return the id of a change's model, whose existence `ValueCheck` has checked."""
    if not isinstance(ref, dict) or not isinstance(ref.get("id"), str) or not ref.keys() <= {"id", "type"}:
        raise MessageError("app message with an invalid model reference")
    if ref.get("type", "ref") != "ref":
        raise MessageError("app message with an invalid model reference")
    return str(ref["id"])
