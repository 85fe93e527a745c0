"""Snapshots as tests make and read them."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from typing import Any

import pytest
from bokeh.core.property.bases import Property
from bokeh.core.serialization import Buffer, Serialized, Serializer
from bokeh.document import Document
from bokeh.model import Model

from bokeh_share.plots.diff.json_writer import LOCAL_ID_PREFIX, JsonWriter
from bokeh_share.plots.snapshot.snapshot import Node, Snapshot
from bokeh_share.plots.snapshot.values import Value


def look(text: str, *arrays: bytes) -> Snapshot:
    """Make a plot with this text, with arrays if it needs a size."""
    placeholders = {f"tag{index}": Value('{"id":"@@"}', (array,)) for index, array in enumerate(arrays)}
    return Snapshot((Node("Div", {"text": Value(json.dumps(text)), **placeholders}),))


def look_with_bytes(text: str, size: int) -> Snapshot:
    """Make a plot with this text and so many bytes, which Bokeh can read."""
    tags = Value('[{"type":"bytes","data":{"id":"@@"}}]', (bytes(size),))
    return Snapshot((Node("Div", {"text": Value(json.dumps(text)), "tags": tags}),))


def as_json(snapshot: Snapshot) -> Any:
    """Return the root as Bokeh represents it, with each model identified by its position."""
    named = replace(snapshot, ids=tuple(map(str, range(len(snapshot.nodes)))))
    return json.loads(JsonWriter(named).encode_model(0).replace(f'"id":"{LOCAL_ID_PREFIX}', '"id":"'))


def arrays_of(snapshot: Snapshot) -> list[bytes]:
    """Return the arrays in the order of sending."""
    writer = JsonWriter(replace(snapshot, ids=tuple(map(str, range(len(snapshot.nodes))))))
    writer.encode_model(0)
    return writer.arrays


def apply(document: Document, events: list[Any], buffers: list[Buffer]) -> None:
    """Apply a patch as BokehJS does.

    This keeps columns that an event does not name, and distinguishes 1 from True and from 1.0. These are
    equal to Bokeh in Python, which would keep the old value.
    """
    changed = [event["model"]["id"] for event in events if event["kind"] == "ColumnDataChanged"]
    former = {model: dict(model.data) for model in map(document.models.get_by_id, changed)}
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Property, "matches", lambda self, new, old: False)
        document.apply_json_patch(Serialized({"events": events}, buffers))
        for model, data in former.items():
            model.data = {**data, **model.data}


def opened(message: bytes) -> tuple[dict[str, Any], list[Buffer]]:
    """Return the header and the arrays of a message."""
    (length,) = struct.unpack("!I", message[:4])
    header, rest = json.loads(message[4 : 4 + length]), message[4 + length :]
    buffers = []
    for name, size in header.get("buffers", ()):
        buffers.append(Buffer(name, rest[:size]))
        rest = rest[size:]
    assert rest == b"", "more bytes than announced"
    return header, buffers


class Screen:
    """A viewer's state of one plot after each message."""

    def __init__(self) -> None:
        self.document = Document()

    def take(self, message: bytes) -> dict[str, Any]:
        """Apply a message and return its header, which contains the patch."""
        header, buffers = opened(message)
        if header["base"] is None:
            self.document = Document()
        apply(self.document, header["patch"]["events"], buffers)
        return header

    @property
    def shows(self) -> dict[str, tuple[str, dict[str, Any]]]:
        (root,) = self.document.roots
        return describe_models(root)


def describe_models(root: Model) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return all properties of the models below `root` by id, to compare two documents."""
    models = root.references()

    def encoded(value: Any) -> Any:
        serialized = Serializer(references=models).serialize(value)
        buffers = {buffer.id: buffer.to_bytes().hex() for buffer in serialized.buffers}
        text = json.dumps(serialized.content, default=lambda buffer: buffers[buffer.id])
        return json.loads(text, object_hook=_sorted)

    return {
        model.id: (
            type(model).__name__,
            {name: encoded(value) for name, value in model.properties_with_values().items()},
        )
        for model in models
    }


def _sorted(rep: dict[str, Any]) -> dict[str, Any]:
    if rep.get("type") == "map":
        rep["entries"] = sorted(rep.get("entries", ()), key=json.dumps)
    return rep
