"""Checks that a viewer's message has the format of Bokeh's values, before anything is decoded.

Decoding a value can cost far more than sending it, and can have effects: Bokeh unpacks texts, accepts arrays
of any type and shape, and creates models by their names. So the format is checked first, in one pass that
neither recurses nor creates anything.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ... import limits
from .errors import MessageError

DTYPE_SIZES = {
    "bool": 1, "uint8": 1, "int8": 1, "uint16": 2, "int16": 2, "uint32": 4, "int32": 4, "float32": 4,
    "uint64": 8, "int64": 8, "float64": 8,
}  # fmt: skip
"""Allowed types of arrays, with the bytes of an element."""
VALUE_FIELDS = {
    "ref": {"id"}, "number": {"value"}, "array": {"entries"}, "set": {"entries"}, "map": {"entries"},
    "bytes": {"data"}, "slice": {"start", "stop", "step"}, "typed_array": {"array", "order", "dtype"},
    "ndarray": {"array", "order", "dtype", "shape"}, "object": {"name", "id", "attributes"},
    "value": {"value", "transform", "units"}, "field": {"field", "transform", "units"},
    "expr": {"expr", "transform", "units"},
}  # fmt: skip
"""The types of encoded values, and their fields."""
OPTIONAL_VALUE_FIELDS = {"attributes", "transform", "units", "entries"}
"""Fields that may be omitted."""
SCALAR_BYTES, CONTAINER_BYTES = 32, 128
"""Approximate bytes of a value in memory."""


@dataclass
class ValueCheck:
    """Checks the values of one message, and collects the models and arrays that it refers to."""

    buffers: Mapping[str, int]
    """The size in bytes of each of its arrays."""
    refs: set[str] = field(default_factory=set)
    """Ids of the models that it refers to."""
    objects: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The new models by id."""
    reference_count: int = 0
    """Number of references to models."""
    _referenced_bytes: int = 0
    _non_text_keys: int = 0

    def measure_memory_size(self, value: Any) -> int:
        """Measure the approximate bytes of `value` in memory. Raises `MessageError` if it is invalid."""
        size, stack = 0, [(value, 0)]
        while stack:
            value, depth = stack.pop()
            if isinstance(value, dict):
                size += CONTAINER_BYTES + sum(map(len, value))
                children, array_bytes = self._split_value(value)
                size += array_bytes
            elif isinstance(value, list):
                size += CONTAINER_BYTES
                children = value
            elif isinstance(value, str):
                size += self._measure_text(value)
                continue
            else:
                size += SCALAR_BYTES
                continue
            if depth >= limits.MAX_APP_MESSAGE_DEPTH:
                raise MessageError("app message too deeply nested")
            stack.extend((child, depth + 1) for child in children)
        return size

    def _measure_text(self, value: str) -> int:
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError as error:
                raise MessageError("app message with an invalid text") from error
        return sys.getsizeof(value)  # one wide character makes all characters use four bytes

    def _split_value(self, value: dict[str, Any]) -> tuple[Iterable[Any], int]:
        """Return the contained values that have to be checked, and the bytes of its arrays."""
        if "type" not in value:
            if "id" not in value:
                return value.values(), 0
            self._add_reference(value, {"id"})
            return (), 0
        kind = value["type"]
        if not isinstance(kind, str) or (fields := VALUE_FIELDS.get(kind)) is None:
            raise MessageError("app message with an unknown kind of value")
        if not fields - OPTIONAL_VALUE_FIELDS <= value.keys() <= fields | {"type", "shape"}:
            raise MessageError("app message with an incomplete value")
        match kind:
            case "ref":
                self._add_reference(value, {"id", "type"})
                return (), 0
            case "object":
                return (self._add_object(value),), 0
            case "bytes":
                return (), self._measure_buffer(value)
            case "ndarray" | "typed_array":
                return self._check_array(value)
            case "set" | "map":
                return (self._check_entries(value, kind),), 0
        return [each for name, each in value.items() if name != "type"], 0

    def _add_reference(self, value: Mapping[str, Any], fields: set[str]) -> None:
        if value.keys() != fields or not isinstance(value["id"], str):
            raise MessageError("app message with an invalid reference")
        self.refs.add(value["id"])
        self.reference_count += 1

    def _add_object(self, value: dict[str, Any]) -> Mapping[str, Any]:
        id, name, attributes = value["id"], value["name"], value.get("attributes", {})
        if not isinstance(id, str) or not isinstance(name, str) or not isinstance(attributes, dict):
            raise MessageError("app message with an invalid new model")
        if id in self.objects or len(self.objects) >= limits.MAX_APP_MESSAGE_MODELS:
            raise MessageError("app message with too many new models")
        self.objects[id] = value
        self.reference_count += 1
        # Checked one by one: a property called `type` or `id` is no field of the encoding.
        return {f"{name}=": each for name, each in attributes.items()}

    def _check_entries(self, value: Mapping[str, Any], kind: str) -> list[Any]:
        """Check the entries. Keys other than texts are limited, since they can be chosen to collide."""
        entries = value.get("entries", [])
        if not isinstance(entries, list):
            raise MessageError("app message with an incomplete value")
        if kind == "map" and not all(isinstance(each, list) and len(each) == 2 for each in entries):
            raise MessageError("app message with an incomplete value")
        keys = [each[0] for each in entries] if kind == "map" else entries
        self._non_text_keys += sum(1 for key in keys if not isinstance(key, str))
        if self._non_text_keys > limits.MAX_APP_MESSAGE_KEYS:
            raise MessageError("app message with too many numeric keys")
        return entries

    def _measure_buffer(self, value: Mapping[str, Any]) -> int:
        """Measure a buffer. Only binary ones are allowed: Bokeh would unpack text to any size."""
        data = value["data"]
        name = data.get("id") if isinstance(data, dict) and data.keys() == {"id"} else None
        if not isinstance(name, str) or name not in self.buffers:
            raise MessageError("app message refers to a missing array")
        self._referenced_bytes += self.buffers[name]
        if self._referenced_bytes > limits.MAX_APP_MESSAGE_BYTES:
            raise MessageError("app message refers to its arrays too often")
        return self.buffers[name]

    def _check_array(self, value: Mapping[str, Any]) -> tuple[Iterable[Any], int]:
        dtype, order, array = value["dtype"], value["order"], value["array"]
        if not isinstance(dtype, str) or order not in ("little", "big") or not isinstance(array, dict | list):
            raise MessageError("app message with an unknown type of array")
        count = _count_elements(value["shape"]) if "shape" in value else None
        if isinstance(array, dict) and array.get("type") == "bytes":
            if dtype not in DTYPE_SIZES or array.keys() != {"type", "data"}:
                raise MessageError("app message with an unknown type of array")
            size = self._measure_buffer(array)
            if size != (
                count * DTYPE_SIZES[dtype]
                if count is not None
                else size // DTYPE_SIZES[dtype] * DTYPE_SIZES[dtype]
            ):
                raise MessageError("app message with an array of the wrong size")
            return (), size
        entries = array.get("entries") if isinstance(array, dict) and array.get("type") == "array" else array
        if not isinstance(entries, list) or dtype not in (*DTYPE_SIZES, "object"):
            raise MessageError("app message with an unknown type of array")
        if count is not None and count != len(entries):
            raise MessageError("app message with an array of the wrong size")
        if dtype != "object" and not all(isinstance(each, int | float) for each in entries):
            raise MessageError("app message with an array of non-numbers")
        return (entries,), 0


def has_equal_encoded_lengths(columns: Any, buffers: Mapping[str, int]) -> bool:
    """Return True if these checked columns have equal lengths; otherwise Bokeh would print a warning."""
    if not isinstance(columns, dict):
        return False
    entries = columns.get("entries", []) if columns.get("type") == "map" else columns.items()
    lengths = {_measure_column_length(column, buffers) for _, column in entries}
    return len(lengths) <= 1 and None not in lengths


def _measure_column_length(column: Any, buffers: Mapping[str, int]) -> int | None:
    """Return the length of a column; None for other values."""
    if isinstance(column, dict) and column.get("type") == "array":
        return _measure_column_length(column.get("entries", []), buffers)
    if not isinstance(column, dict) or column.get("type") not in ("ndarray", "typed_array"):
        return len(column) if isinstance(column, list) else None
    if "shape" in column:
        return int(column["shape"][0])
    if isinstance(column["array"], dict) and column["array"].get("type") == "bytes":
        return buffers[column["array"]["data"]["id"]] // DTYPE_SIZES[column["dtype"]]
    return _measure_column_length(column["array"], buffers)


def _count_elements(shape: Any) -> int:
    """Return the number of elements in an array of this shape."""
    if not isinstance(shape, list) or not 1 <= len(shape) <= 8:
        raise MessageError("app message with an array of invalid shape")
    if not all(type(each) is int and 0 <= each <= limits.MAX_APP_MESSAGE_BYTES for each in shape):
        raise MessageError("app message with an array of invalid shape")
    return math.prod(shape)
