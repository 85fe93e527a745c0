"""Snapshots as tests make and read them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from bokeh.core.serialization import Buffer, Serialized, Serializer
from bokeh.document import Document
from bokeh.model import Model

from bokeh_share.snapshot import LOCAL, Node, Snapshot, Writer
from bokeh_share.values import Value


def look(text: str, *arrays: bytes) -> Snapshot:
    """A plot that says `text`, with arrays if it has to weigh something."""
    gaps = {f"tag{index}": Value('{"id":"@@"}', (array,)) for index, array in enumerate(arrays)}
    return Snapshot((Node("Div", {"text": Value(json.dumps(text)), **gaps}),))


def as_json(snapshot: Snapshot) -> Any:
    """The root as Bokeh represents it, each model called by its place."""
    named = replace(snapshot, ids=tuple(map(str, range(len(snapshot.models)))))
    return json.loads(Writer(named).model(0).replace(f'"id":"{LOCAL}', '"id":"'))


def arrays_of(snapshot: Snapshot) -> list[bytes]:
    """In the order in which they are sent."""
    writer = Writer(replace(snapshot, ids=tuple(map(str, range(len(snapshot.models))))))
    writer.model(0)
    return writer.arrays


def apply(document: Document, events: list[Any], buffers: list[Buffer]) -> None:
    """Apply a patch as BokehJS does, which leaves the columns alone that an event does not name."""
    for event in events:
        model = document.models.get_by_id(event["model"]["id"])
        former = dict(model.data) if event["kind"] == "ColumnDataChanged" else {}
        document.apply_json_patch(Serialized({"events": [event]}, buffers))
        if former:
            model.data = {**former, **model.data}


def told(root: Model) -> dict[str, tuple[str, dict[str, Any]]]:
    """All that the models below `root` are set to, by id: what two documents can be compared by."""
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
