"""Whether what an app's viewer sent has the form of Bokeh's values, before anything is made of it.

Making a value can take far more than sending it, and can do things: Bokeh unpacks texts, lets an array be of
any type and shape, and makes models by their names. So the form is looked at first, in one pass that neither
recurses nor makes anything.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ... import limits
from ..errors import Refused

SIZES = {
    "bool": 1, "uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "uint32": 4, "int32": 4, "float32": 4,
    "uint64": 8, "int64": 8, "float64": 8,
}  # fmt: skip
"""Types that an array may have, with the bytes of an element."""
FIELDS = {
    "ref": {"id"}, "number": {"value"}, "array": {"entries"}, "set": {"entries"}, "map": {"entries"},
    "bytes": {"data"}, "slice": {"start", "stop", "step"}, "typed_array": {"array", "order", "dtype"},
    "ndarray": {"array", "order", "dtype", "shape"}, "object": {"name", "id", "attributes"},
    "value": {"value", "transform", "units"}, "field": {"field", "transform", "units"},
    "expr": {"expr", "transform", "units"},
}  # fmt: skip
"""What there is on the wire, and what each has."""
OPTIONAL = {"attributes", "transform", "units", "entries"}
"""Of these, what may be left out."""
SCALAR, CONTAINER = 32, 128
"""Bytes that a value takes, about."""


@dataclass
class ValueCheck:
    """What was found, of one message."""

    buffers: Mapping[str, int]
    """How many bytes each of its arrays has."""
    refs: set[str] = field(default_factory=set)
    """Which models are spoken of, by their ids."""
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Which are new."""
    spoken_of: int = 0
    """How often it speaks of models."""
    _referred: int = 0
    _keys: int = 0

    def weigh(self, value: Any) -> int:
        """How many bytes `value` takes in memory, about. Raises `Refused` for what is no value of Bokeh's."""
        weight, stack = 0, [(value, 0)]
        while stack:
            value, depth = stack.pop()
            if isinstance(value, dict):
                weight += CONTAINER + sum(map(len, value))
                children, more = self._parts(value)
                weight += more
            elif isinstance(value, list):
                weight += CONTAINER
                children = value
            elif isinstance(value, str):
                weight += self._text(value)
                continue
            else:
                weight += SCALAR
                continue
            if depth >= limits.APP_DEPTH:
                raise Refused("a message of an app's viewer is too deep")
            stack.extend((child, depth + 1) for child in children)
        return weight

    def _text(self, value: str) -> int:
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise Refused("a text of an app's viewer is no text") from error
        return sys.getsizeof(value)  # one letter from elsewhere makes all take four bytes each

    def _parts(self, value: dict[str, Any]) -> tuple[Iterable[Any], int]:
        """What is in it and has to be looked at, and how many bytes arrays there take."""
        if "type" not in value:
            if "id" not in value:
                return value.values(), 0
            self._refer(value, {"id"})
            return (), 0
        kind = value["type"]
        if not isinstance(kind, str) or (fields := FIELDS.get(kind)) is None:
            raise Refused("a value of an app's viewer is of no kind that pages send")
        if not fields - OPTIONAL <= value.keys() <= fields | {"type", "shape"}:
            raise Refused("a value of an app's viewer has something missing")
        match kind:
            case "ref":
                self._refer(value, {"id", "type"})
                return (), 0
            case "object":
                return (self._object(value),), 0
            case "bytes":
                return (), self._bytes(value)
            case "ndarray" | "typed_array":
                return self._array(value)
            case "set" | "map":
                return (self._entries(value, kind),), 0
        return [each for name, each in value.items() if name != "type"], 0

    def _refer(self, value: Mapping[str, Any], fields: set[str]) -> None:
        if value.keys() != fields or not isinstance(value["id"], str):
            raise Refused("a reference of an app's viewer is none")
        self.refs.add(value["id"])
        self.spoken_of += 1

    def _object(self, value: dict[str, Any]) -> Mapping[str, Any]:
        id, name, attributes = value["id"], value["name"], value.get("attributes", {})
        if not isinstance(id, str) or not isinstance(name, str) or not isinstance(attributes, dict):
            raise Refused("a new model of an app's viewer is none")
        if id in self.objects or len(self.objects) >= limits.APP_MODELS:
            raise Refused("a message of an app's viewer has too many new models")
        self.objects[id] = value
        self.spoken_of += 1
        # As values of their own: a property called `type` or `id` is none of the wire's.
        return {f"{name}=": each for name, each in attributes.items()}

    def _entries(self, value: Mapping[str, Any], kind: str) -> list[Any]:
        """Keys can be chosen so that each meets all others, but for texts."""
        entries = value.get("entries", [])
        if not isinstance(entries, list):
            raise Refused("a value of an app's viewer has something missing")
        if kind == "map" and not all(isinstance(each, list) and len(each) == 2 for each in entries):
            raise Refused("a value of an app's viewer has something missing")
        keys = [each[0] for each in entries] if kind == "map" else entries
        self._keys += sum(1 for key in keys if not isinstance(key, str))
        if self._keys > limits.APP_KEYS:
            raise Refused("a message of an app's viewer has too many numbers as keys")
        return entries

    def _bytes(self, value: Mapping[str, Any]) -> int:
        """Only what came as an array: text would be unpacked, to whatever size."""
        data = value["data"]
        name = data.get("id") if isinstance(data, dict) and data.keys() == {"id"} else None
        if not isinstance(name, str) or name not in self.buffers:
            raise Refused("a value of an app's viewer refers to no array")
        self._referred += self.buffers[name]
        if self._referred > limits.APP_MESSAGE:
            raise Refused("a message of an app's viewer refers to its arrays too often")
        return self.buffers[name]

    def _array(self, value: Mapping[str, Any]) -> tuple[Iterable[Any], int]:
        dtype, order, array = value["dtype"], value["order"], value["array"]
        if not isinstance(dtype, str) or order not in ("little", "big") or not isinstance(array, dict | list):
            raise Refused("an array of an app's viewer is of no type that pages send")
        count = _count(value["shape"]) if "shape" in value else None
        if isinstance(array, dict) and array.get("type") == "bytes":
            if dtype not in SIZES or array.keys() != {"type", "data"}:
                raise Refused("an array of an app's viewer is of no type that pages send")
            size = self._bytes(array)
            if size != (count * SIZES[dtype] if count is not None else size // SIZES[dtype] * SIZES[dtype]):
                raise Refused("an array of an app's viewer has another size than it says")
            return (), size
        entries = array.get("entries") if isinstance(array, dict) and array.get("type") == "array" else array
        if not isinstance(entries, list) or dtype not in (*SIZES, "object"):
            raise Refused("an array of an app's viewer is of no type that pages send")
        if count is not None and count != len(entries):
            raise Refused("an array of an app's viewer has another size than it says")
        if dtype != "object" and not all(isinstance(each, int | float) for each in entries):
            raise Refused("an array of an app's viewer has something else than numbers")
        return (entries,), 0


def are_even(columns: Any, buffers: Mapping[str, int]) -> bool:
    """Whether these columns, that a survey has found, have one length: of several Bokeh prints a warning."""
    if not isinstance(columns, dict):
        return False
    entries = columns.get("entries", []) if columns.get("type") == "map" else columns.items()
    lengths = {_length(column, buffers) for _, column in entries}
    return len(lengths) <= 1 and None not in lengths


def _length(column: Any, buffers: Mapping[str, int]) -> int | None:
    """None for what is no column."""
    if isinstance(column, dict) and column.get("type") == "array":
        return _length(column.get("entries", []), buffers)
    if not isinstance(column, dict) or column.get("type") not in ("ndarray", "typed_array"):
        return len(column) if isinstance(column, list) else None
    if "shape" in column:
        return int(column["shape"][0])
    if isinstance(column["array"], dict) and column["array"].get("type") == "bytes":
        return buffers[column["array"]["data"]["id"]] // SIZES[column["dtype"]]
    return _length(column["array"], buffers)


def _count(shape: Any) -> int:
    """How many elements an array of this shape has."""
    if not isinstance(shape, list) or not 1 <= len(shape) <= 8:
        raise Refused("an array of an app's viewer has no shape")
    if not all(type(each) is int and 0 <= each <= limits.APP_MESSAGE for each in shape):
        raise Refused("an array of an app's viewer has no shape")
    return math.prod(shape)
