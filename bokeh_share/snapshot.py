"""An immutable picture of a plot: its models as plain data, its arrays as bytes of our own."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from operator import is_
from typing import Any, TypeAlias, cast

import numpy as np
from bokeh.core.serialization import Buffer, Ref, Serializer
from bokeh.core.types import ID
from bokeh.embed.util import contains_tex_string
from bokeh.model import DataModel, Model
from bokeh.models import MathTextGlyph, Plot
from bokeh.models.text import MathText
from bokeh.models.widgets import TableWidget, Widget
from bokeh.themes import Theme

from .errors import BokehShareError, CannotSerialize, TooLarge

Container: TypeAlias = list[Any] | dict[Any, Any]

MAX_BYTES = 200_000_000
"""What one plot may weigh, models and arrays together, unless the author says otherwise."""

LOCAL = "@@"
"""How ids inside a snapshot begin; a message puts plot and generation in its place."""


@dataclass(frozen=True)
class Snapshot:
    """What one plot looked like at one moment.

    Two snapshots are equal when they draw the same: models are compared as JSON text, which tells `1`
    from `True` and `0.0` from `-0.0`, and ids are the models' places in the plot, so the same code run
    twice gives the same text. Nothing in here refers to an object of the author's.
    """

    models: str = field(repr=False)
    """JSON of the root model as Bokeh represents it; ids and array references begin with `LOCAL`."""
    arrays: tuple[bytes, ...] = field(repr=False)
    """The arrays, by the numbers `models` calls them."""
    defs: str
    """JSON list of the data model classes that the plot needs, as in Bokeh's document JSON."""
    parts: frozenset[str]
    """The BokehJS files it needs besides the core: `widgets`, `tables`, `gl`, `mathjax`."""

    @cached_property
    def size(self) -> int:
        """Bytes that a viewer is sent for the whole of it."""
        return len(self.models) + len(self.defs) + sum(map(len, self.arrays))


@dataclass(frozen=True)
class Picture:
    """A snapshot, with what belongs to the author and says whether it is still true."""

    snapshot: Snapshot
    ids: frozenset[str]
    """The author's ids of the models in it, which change events name."""
    theme: Theme
    arrays: tuple[Any, ...] | None
    """The author's arrays, as numbered in the snapshot; None where some are not in it as bytes."""
    containers: tuple[tuple[Container, list[Any]], ...]
    """The author's lists and dictionaries, each with what was in it."""

    def is_still_true(self) -> bool:
        """Whether no array and no list has changed in place, of which Bokeh's events tell nothing.

        Costs a comparison of the arrays, not their encoding.
        """
        if self.arrays is None:
            return False
        for container, then in self.containers:
            now = _contents(container)
            if len(now) != len(then) or not all(map(is_, now, then)):
                return False
        for array, former in zip(self.arrays, self.snapshot.arrays, strict=True):
            buffers = Serializer().serialize(array).buffers
            if len(buffers) != 1 or not _same(buffers[0].data, former):
                return False
        return True


def take(
    root: Model, *, theme: Theme, before: Snapshot | None = None, plot: str = "plot", limit: int = MAX_BYTES
) -> Picture:
    """Picture `root` as `show()` would draw it, without touching it.

    Costs what Bokeh's own serialisation costs, and one copy of each array that differs from the one
    at the same place in `before`; the others are taken from there.

    Raises `CannotSerialize` or `TooLarge`, which name `plot`.
    """
    serializer = _Serializer(theme, plot)
    rep = serializer.encode(root)
    buffers = serializer.buffers
    number = {buffer.id: index for index, buffer in enumerate(buffers)}

    def reference(value: object) -> dict[str, str]:
        if isinstance(value, Buffer):
            return {"id": f"{LOCAL}a{number[value.id]}"}
        raise TypeError(f"{type(value).__name__} is no JSON value")

    try:
        models = json.dumps(rep, default=reference, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise CannotSerialize(plot, type(root).__name__, str(error)) from error
    size = len(models) + sum(memoryview(buffer.data).nbytes for buffer in buffers)
    if size > limit:
        raise TooLarge(plot, size, limit)
    known = before.arrays if before is not None else ()
    parts = serializer.parts | ({"mathjax"} if contains_tex_string(models) else set())
    snapshot = Snapshot(models, tuple(_own(buffers, known)), serializer.defs(), frozenset(parts))
    if before == snapshot:
        snapshot = before
    arrays = None if serializer.others else tuple(serializer.arrays)
    return Picture(snapshot, frozenset(serializer.ids), theme, arrays, tuple(serializer.containers))


def _own(buffers: Iterable[Buffer], known: tuple[bytes, ...]) -> Iterable[bytes]:
    """Bytes of our own for each buffer, which is a window on the author's array."""
    for index, buffer in enumerate(buffers):
        former = known[index] if index < len(known) else b""
        yield former if _same(buffer.data, former) else bytes(buffer.data)


def _same(data: bytes | memoryview, former: bytes) -> bool:
    view = memoryview(data)
    if view.nbytes != len(former) or not view.c_contiguous:
        return False
    # Compared as raw words: a NaN equals itself, and comparing two memoryviews would unpack each item.
    word = np.uint64 if view.nbytes % 8 == 0 else np.uint8
    return bool(np.array_equal(np.frombuffer(view, word), np.frombuffer(former, word))) if former else True


class _Serializer(Serializer):
    """Bokeh's serializer, with places for ids, and the theme's values where the author set none."""

    def __init__(self, theme: Theme, plot: str) -> None:
        super().__init__()
        self.ids: dict[str, str] = {}
        self.parts: set[str] = set()
        self.arrays: list[Any] = []
        self.containers: list[tuple[Container, list[Any]]] = []
        self.others: list[Any] = []
        """Arrays of texts or objects, which are encoded item by item."""
        self._plot = plot
        self._theme = theme
        self._themed: dict[type[Model], dict[str, Any]] = {}
        self._needs_defs = False

    def add_ref(self, obj: Any, ref: Any) -> None:
        place = f"{LOCAL}{len(self.ids)}"
        self.ids[ref["id"]] = place
        super().add_ref(obj, Ref(id=ID(place)))

    def encode(self, obj: Any) -> Any:
        if isinstance(obj, list | dict):
            self.containers.append((obj, _contents(obj)))
            plain = _plain(obj) if isinstance(obj, list) else None
            return super().encode(obj) if plain is None else plain
        if not isinstance(obj, Model) or self.has_ref(obj):
            rep = super().encode(obj)
            if isinstance(rep, dict) and rep.get("type") in ("ndarray", "typed_array", "bytes"):
                data = rep.get("array", rep)
                in_buffer = isinstance(data, dict) and isinstance(data.get("data"), Buffer)
                self.arrays.append(obj) if in_buffer else self.others.append(obj)
            return rep
        try:
            rep = super().encode(obj)
            rep["id"] = self.ids[obj.id]
            self._apply_theme(obj, rep)
        except (BokehShareError, KeyboardInterrupt):
            raise
        except Exception as error:  # an author's own model class may raise anything
            prop, reason = _culprit(obj, error)
            raise CannotSerialize(self._plot, prop, reason) from error
        self._note(obj)
        return rep

    def defs(self) -> str:
        if not self._needs_defs:
            return "[]"
        classes = [cls for cls in Model.model_class_reverse_map.values() if issubclass(cls, DataModel)]
        # DataModel itself is no data model; Bokeh leaves it out as well.
        return json.dumps(Serializer().encode([cls for cls in classes if cls is not DataModel]))

    def _apply_theme(self, model: Model, rep: dict[str, Any]) -> None:
        cls = type(model)
        if cls not in self._themed:
            probe = _ThemeProbe(cls)
            self._theme.apply_to_model(probe)  # type: ignore[arg-type]  # it stands in for a model
            self._themed[cls] = probe.values
        values = self._themed[cls]
        if not values:
            return
        attributes = rep.setdefault("attributes", {})
        for name in values.keys() & model.properties() - attributes.keys():
            attributes[name] = self.encode(model.lookup(name).property.themed_default(cls, name, values))

    def _note(self, model: Model) -> None:
        if isinstance(model, TableWidget):
            self.parts |= {"widgets", "tables"}
        elif isinstance(model, Widget):
            self.parts.add("widgets")
        elif isinstance(model, Plot):
            if model.output_backend == "webgl":
                self.parts.add("gl")
        elif isinstance(model, MathText | MathTextGlyph):
            self.parts.add("mathjax")
        self._needs_defs = self._needs_defs or isinstance(model, DataModel)


def _contents(container: Container) -> list[Any]:
    return [*container, *container.values()] if isinstance(container, dict) else [*container]


def _plain(values: list[Any]) -> list[Any] | None:
    """The representation of a list of numbers or texts; the serialiser would ask each item what it is."""
    kinds = set(map(type, values))
    if kinds == {float}:
        return [*values] if all(map(isfinite, values)) else None
    if kinds == {np.float64}:
        array = np.asarray(values)
        return cast(list[Any], array.tolist()) if np.isfinite(array).all() else None
    return [*values] if kinds == {str} else None


class _ThemeProbe:
    """Learns what a theme says of a class: themes are applied to models, and the author's stay untouched."""

    def __init__(self, cls: type[Model]) -> None:
        self._cls = cls
        self.values: dict[str, Any] = {}

    @property  # type: ignore[misc]  # a theme looks its values up by the model's class
    def __class__(self) -> type[Model]:  # type: ignore[override]
        return self._cls

    def apply_theme(self, values: dict[str, Any]) -> None:
        self.values = values


def _culprit(model: Model, error: Exception) -> tuple[str, str]:
    """The property of `model` that cannot be serialised, and why; asked for only after a failure."""
    kind = type(model).__name__
    for name in sorted(model.properties()):

        def named(descriptor: Any, name: str = name) -> bool:
            return bool(descriptor.name == name and descriptor.serialized)

        try:
            Serializer().encode(model.query_properties_with_values(named, include_defaults=False))
        except Exception as reason:
            return f"{kind}.{name}", str(reason)
    return kind, str(error)
