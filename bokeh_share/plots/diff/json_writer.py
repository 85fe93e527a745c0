"""Writes models of a snapshot as the JSON that BokehJS reads, with their arrays beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType

from ..snapshot import Column, Snapshot, Value, fill_placeholders

LOCAL_ID_PREFIX = "@@"
"""Prefix of ids in a text; a message replaces it by the plot's own prefix."""


class JsonWriter:
    """Writes models of one snapshot as Bokeh's JSON, each in full at its first occurrence.

    Exists for one patch; the JSON refers to `arrays` by their numbers.
    """

    def __init__(self, snapshot: Snapshot, known_ids: Mapping[str, int] = MappingProxyType({})) -> None:
        self.arrays: list[bytes] = []
        self._snapshot = snapshot
        self._written_ids = set(known_ids)

    def encode_model(self, node_index: int) -> str:
        id = self._snapshot.ids[node_index]
        id_entry = f'"id":"{LOCAL_ID_PREFIX}{id}"'
        if id in self._written_ids:
            return f"{{{id_entry}}}"
        self._written_ids.add(id)
        node = self._snapshot.nodes[node_index]
        attributes = [f'"{name}":{self.encode_value(value)}' for name, value in node.attributes.items()]
        if node.columns is not None:
            attributes.append(f'"data":{self.encode_columns(node.columns)}')
        rest = f',"attributes":{{{",".join(attributes)}}}' if attributes else ""
        return f'{{"type":"object","name":{json.dumps(node.model_type)},{id_entry}{rest}}}'

    def encode_value(self, value: Value) -> str:
        return fill_placeholders(value, map(self._encode_placeholder, value.placeholders))

    def encode_column(self, column: Column) -> str:
        return self.encode_value(column if isinstance(column, Value) else column.to_value())

    def encode_columns(self, columns: Mapping[str, Column]) -> str:
        if not columns:
            return '{"type":"map"}'
        entries = (f"[{json.dumps(name)},{self.encode_column(column)}]" for name, column in columns.items())
        return f'{{"type":"map","entries":[{",".join(entries)}]}}'

    def _encode_placeholder(self, placeholder: int | bytes) -> str:
        if isinstance(placeholder, int):
            return self.encode_model(placeholder)
        self.arrays.append(placeholder)
        return f'{{"id":"{LOCAL_ID_PREFIX}a{len(self.arrays) - 1}"}}'
