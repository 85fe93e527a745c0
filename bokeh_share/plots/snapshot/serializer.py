"""Bokeh's serialiser, changed to give each model its own node index, and to apply a theme."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sys import byteorder
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
from bokeh.core.serialization import Buffer, Serializer
from bokeh.core.types import ID
from bokeh.model import DataModel, Model
from bokeh.themes import Theme

from ...compat import collect_set_properties, has_python_callbacks, is_serialized_as_usual
from ...errors import BokehShareError, CannotSerialize
from .fingerprint import Container, copy_contents
from .parts import is_custom_model, list_model_parts
from .unserializable import find_unserializable

PLAIN_TYPES = frozenset({str, bool, type(None)})
"""Types whose values represent themselves."""
MAX_EXACT_INTEGER = 2**53
"""The largest integer up to which a float, and JavaScript, represent every integer exactly."""


@dataclass(frozen=True, slots=True)
class ModelReference:
    """A placeholder for a reference to the model at this node index."""

    node_index: int


@dataclass(frozen=True, slots=True, eq=False)
class PackedNumbers:
    """A placeholder for a list of numbers, which the serialiser would check one by one."""

    numbers: npt.NDArray[Any]


class PlotSerializer(Serializer):
    """Represents one plot as Bokeh does, with one representation for each model. Exists for one capture.

    Changes none of the models. Raises `CannotSerialize` with `plot_name` for values that Bokeh rejects.
    """

    def __init__(
        self,
        theme: Theme,
        known_indices: Mapping[str, int] = MappingProxyType({}),
        *,
        plot_name: str = "the plot",
    ) -> None:
        super().__init__()
        self.node_indices: dict[str, int] = dict(known_indices)
        """The node indices by the author's ids, in the order in which the models were found; known ones
        first."""
        self.models: dict[int, tuple[Model, dict[str, Any]]] = {}
        """The new nodes by node index; `ModelReference`, `PackedNumbers` and `Buffer` are placeholders for
        JSON."""
        self.parts: set[str] = set()
        self.has_python_callbacks = False
        """True if one of the models has callbacks in Python."""
        self.arrays: dict[ID, Any] = {}
        """The author's arrays by their buffers."""
        self.itemized_arrays: list[Any] = []
        """The author's arrays of texts or objects, which were encoded item by item."""
        self.containers: list[tuple[Container, list[Any]]] = []
        self.custom_classes: set[type[Model]] = set()
        """The classes that have an implementation of their own for browsers."""
        self.plot_name = plot_name
        self._theme = theme
        self._theme_values: dict[type[Model], dict[str, Any]] = {}
        self.has_data_models = False
        """True if pages need the definitions of data models."""

    def add_ref(self, obj: Any, ref: Any) -> None:
        self.node_indices[ref["id"]] = len(self.node_indices)
        super().add_ref(obj, ref)

    def encode(self, obj: Any) -> Any:
        if type(obj) in PLAIN_TYPES:
            return obj
        if isinstance(obj, Model):
            if obj.id not in self.node_indices:
                self._encode_model(obj)
            return ModelReference(self.node_indices[obj.id])
        if isinstance(obj, list | dict):
            self.containers.append((obj, copy_contents(obj)))
            rep = pack_list(obj) if isinstance(obj, list) else None
            return super().encode(obj) if rep is None else rep
        if type(obj) is np.ndarray and (texts := _encode_texts(obj)) is not None:
            self.itemized_arrays.append(obj)
            return texts
        rep = super().encode(obj)
        if isinstance(rep, dict) and rep.get("type") in ("ndarray", "typed_array", "bytes"):
            data = rep.get("array", rep)
            buffer = data.get("data") if isinstance(data, dict) else None
            if isinstance(buffer, Buffer):
                self.arrays[buffer.id] = obj
            else:
                self.itemized_arrays.append(obj)
        return rep

    def add_callbacks(self, event: str, callbacks: Sequence[Model]) -> None:
        """Add these callbacks for an event to the encoded root, beside its own for other events."""
        attributes = self.models[0][1].setdefault("attributes", {})
        own = attributes.get("js_event_callbacks", {})
        entry = [event, [self.encode(each) for each in callbacks]]
        attributes["js_event_callbacks"] = {"type": "map", "entries": [*own.get("entries", ()), entry]}

    def encode_defs(self) -> str:
        """Encode the definitions of data models, if the plot has any."""
        if not self.has_data_models:
            return "[]"
        classes = [cls for cls in Model.model_class_reverse_map.values() if issubclass(cls, DataModel)]
        # `DataModel` itself is not a data model; Bokeh omits it as well.
        return json.dumps(Serializer().encode([cls for cls in classes if cls is not DataModel]))

    def _encode_model(self, model: Model) -> None:
        try:
            rep = self._build_rep(model)
            self._apply_theme(model, rep)
        except (BokehShareError, KeyboardInterrupt):
            raise
        except Exception as error:  # an author's own model class may raise anything
            raise CannotSerialize(self.plot_name, *find_unserializable(model, error)) from error
        self.models[self.node_indices[model.id]] = model, rep
        self.add_parts(model)

    def _build_rep(self, model: Model) -> Any:
        if not is_serialized_as_usual(type(model)):
            return super().encode(model)
        self.add_ref(model, model.ref)
        attributes = {name: self.encode(value) for name, value in collect_set_properties(model).items()}
        rep = {"type": "object", "name": type(model).__qualified_model__, "id": model.id}
        return {**rep, "attributes": attributes} if attributes else rep

    def _apply_theme(self, model: Model, rep: dict[str, Any]) -> None:
        cls = type(model)
        if cls not in self._theme_values:
            probe = _ThemeProbe(cls)
            self._theme.apply_to_model(probe)  # type: ignore[arg-type]  # it stands in for a model
            self._theme_values[cls] = probe.values
        values = self._theme_values[cls]
        if not values:
            return
        attributes = rep.setdefault("attributes", {})
        for name in values.keys() & model.properties() - attributes.keys():
            attributes[name] = self.encode(model.lookup(name).property.themed_default(cls, name, values))

    def add_parts(self, model: Model) -> None:
        """Record the BokehJS parts that the model needs, and if it has Python callbacks."""
        self.has_python_callbacks = self.has_python_callbacks or has_python_callbacks(model)
        self.parts |= list_model_parts(model)
        if is_custom_model(type(model)):
            self.custom_classes.add(type(model))
        self.has_data_models = self.has_data_models or isinstance(model, DataModel)


def pack_list(values: list[Any]) -> Any:
    """Return the representation of a list of numbers or of texts; None for other lists."""
    kinds = set(map(type, values))
    if kinds == {str}:
        return [*values]
    if kinds == {int}:
        is_exact = all(
            map(range(-MAX_EXACT_INTEGER, MAX_EXACT_INTEGER + 1).__contains__, (min(values), max(values)))
        )
        return PackedNumbers(np.array(values, np.int64)) if is_exact else None
    if kinds and kinds <= {float, np.float64}:
        return PackedNumbers(np.array(values, np.float64))
    return None


def _encode_texts(array: npt.NDArray[Any]) -> dict[str, Any] | None:
    """Return the representation of an array of texts, some of them None; None for other arrays."""
    if array.dtype.kind != "O" or array.ndim != 1:
        return None
    items: list[Any] = array.tolist()
    if not set(map(type, items)) <= {str, type(None)}:
        return None
    return {"type": "ndarray", "array": items, "shape": [len(items)], "dtype": "object", "order": byteorder}


class _ThemeProbe:
    """Reads a theme's values for a class, as a substitute for a model, so that the author's stay
    unchanged."""

    def __init__(self, cls: type[Model]) -> None:
        self._cls = cls
        self.values: dict[str, Any] = {}

    @property  # type: ignore[misc]  # a theme looks its values up by the model's class
    def __class__(self) -> type[Model]:  # type: ignore[override]
        return self._cls

    def apply_theme(self, values: dict[str, Any]) -> None:
        self.values = values
