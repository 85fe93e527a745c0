"""Finds the value of a model that Bokeh cannot serialize, and suggests another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from numbers import Complex
from pathlib import PurePath
from typing import Any, NamedTuple

import numpy as np
from bokeh.core.serialization import Serializer
from bokeh.model import Model
from bokeh.models import ColumnarDataSource

from ...text import shorten

MAX_LABEL_LENGTH = 60
"""Maximum number of characters of a column's name or of a value in a message."""
MAX_SEARCHED_ITEMS = 10_000
"""Maximum number of items of a list that are tried to find the first that Bokeh cannot serialize."""
GENERAL_HINT = "use numbers, texts, dates, or lists of these"
UNKNOWN_TYPE_PATTERN = re.compile(r"can't serialize <class '(.+)'>")
"""Bokeh's message for a type that it does not know."""


class UnserializableValue(NamedTuple):
    """A value that Bokeh cannot serialize; the fields are those of `CannotSerialize`."""

    part: str
    reason: str
    hint: str


def find_unserializable(model: Model, error: Exception) -> UnserializableValue:
    """Find the value of `model` that has caused the error. Called only after a failure."""
    model_type = type(model).__name__
    for name in sorted(model.properties()):

        def is_named(descriptor: Any, name: str = name) -> bool:
            return bool(descriptor.name == name and descriptor.serialized)

        values: Mapping[str, Any] = {}
        try:
            values = model.query_properties_with_values(is_named, include_defaults=False)
            Serializer().encode(values)
        except Exception as failure:
            value = values.get(name)
            if isinstance(model, ColumnarDataSource) and name == "data" and isinstance(value, Mapping):
                return _find_column(value, failure)
            part = f"property '{model_type}.{name}'"
            return UnserializableValue(part, _describe_reason(failure), _suggest_value(value))
    return UnserializableValue(f"a {model_type}", _describe_reason(error), GENERAL_HINT)


def _find_column(data: Mapping[str, Any], error: Exception) -> UnserializableValue:
    for name, column in data.items():
        try:
            Serializer().encode(column)
        except Exception as failure:
            part = f"column {shorten(str(name), MAX_LABEL_LENGTH)!r}"
            return UnserializableValue(part, _describe_reason(failure), _suggest_value(column))
    return UnserializableValue("its columns", _describe_reason(error), GENERAL_HINT)


def _describe_reason(error: Exception) -> str:
    match = UNKNOWN_TYPE_PATTERN.fullmatch(str(error))
    return f"type {match[1]!r}" if match is not None else str(error) or type(error).__name__


def _suggest_value(value: Any) -> str:
    """Suggest a replacement for a value."""
    if isinstance(value, range):
        text = f"range({value.stop})" if (value.start, value.step) == (0, 1) else repr(value)
        return f"use list({shorten(text, MAX_LABEL_LENGTH)})"
    if isinstance(value, Complex | Decimal | PurePath):
        return _suggest_item(value)
    if hasattr(value, "to_numpy"):
        return "use a NumPy array: numpy.asarray(…)"
    if isinstance(value, list | tuple | np.ndarray):
        items = (each for each in islice(value, MAX_SEARCHED_ITEMS) if not _is_serializable(each))
        return _suggest_item(next(items, None))
    if isinstance(value, Iterable) and not isinstance(value, Mapping | str | Model):
        return "use a list: list(…)"
    return GENERAL_HINT


def _suggest_item(item: Any) -> str:
    """Suggest a replacement for an item of a list."""
    if isinstance(item, Decimal | Fraction):
        return "use floats: float(…)"
    if isinstance(item, Complex):
        return "use the real and the imaginary parts"
    return "use texts: str(…)" if isinstance(item, PurePath) else GENERAL_HINT


def _is_serializable(value: Any) -> bool:
    try:
        Serializer().encode(value)
    except Exception:  # an author's own class may raise any error
        return False
    return True
