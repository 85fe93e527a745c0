"""The value that Bokeh cannot serialize, and what to use instead."""

from __future__ import annotations

from collections import deque
from decimal import Decimal
from pathlib import PurePosixPath
from typing import Any

import pytest
from bokeh.core.serialization import Serializer
from bokeh.models import ColumnDataSource, Div

from bokeh_share.plots.snapshot.unserializable import find_unserializable

GENERAL = "use numbers, texts, dates, or lists of these"


@pytest.mark.parametrize(
    ("column", "reason", "hint"),
    [
        (range(50), "type 'range'", "use list(range(50))"),
        (range(1, 9, 2), "type 'range'", "use list(range(1, 9, 2))"),
        (deque([1]), "type 'collections.deque'", "use a list: list(…)"),
        ([1, Decimal(1)], "type 'decimal.Decimal'", "use floats: float(…)"),
        ([1j], "type 'complex'", "use the real and the imaginary parts"),
        ([PurePosixPath("a")], "type 'pathlib", "use texts: str(…)"),
        ([object()], "type 'object'", GENERAL),
    ],
)
def test_a_column_is_named_with_what_to_use(column: Any, reason: str, hint: str) -> None:
    rows = [1] * len(column)
    source = ColumnDataSource({"a": rows, "x": column, "z": rows})
    found = find_unserializable(source, ValueError("first"))
    assert (found.part, found.hint) == ("column 'x'", hint)
    assert found.reason.startswith(reason)


def test_what_is_used_instead_can_be_serialized() -> None:
    Serializer().encode(
        ColumnDataSource({"x": list(range(2)), "y": [float(Decimal(1))] * 2, "z": ["a", "b"]})
    )


def test_a_property_is_named_with_its_model() -> None:
    found = find_unserializable(Div(tags=[object()]), ValueError("first"))
    assert found == ("property 'Div.tags'", "type 'object'", GENERAL)


def test_where_no_property_fails_alone_the_model_is_named() -> None:
    assert find_unserializable(Div(), ValueError("too deep")) == ("a Div", "too deep", GENERAL)


def test_a_name_of_any_length_stays_short() -> None:
    source = ColumnDataSource({"x" * 10_000: range(10**200, 10**200 + 5)})
    found = find_unserializable(source, ValueError("first"))
    assert len(found.part) < 100
    assert len(found.hint) < 100
