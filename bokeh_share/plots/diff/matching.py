"""Which models of a plot are the same as before to a person: by name, by what they draw, by position."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from functools import cache

from bokeh.core.has_props import HasProps
from bokeh.core.serialization import Serializer
from bokeh.model import Model

from ..snapshot.snapshot import Node, Snapshot
from ..snapshot.values import Value, encode_json
from .similarity import WORD_PROPERTIES, Outline, is_unrelated, is_unrelated_axis


def assign_ids(after: Snapshot, before: Snapshot | None, generation: int) -> Snapshot:
    """`after` with ids: those of `before` for what is the same to a person, new ones for the rest.

    `generation` makes the new ones unlike any former.
    """
    pairs = _ModelMatcher(before, after).pairs if before is not None else {}
    ids = (
        before.ids[pairs[node_index]]
        if before is not None and node_index in pairs
        else f"{generation}.{node_index}"
        for node_index in range(len(after.nodes))
    )
    return replace(after, ids=tuple(ids))


def find_default(kind: str, name: str) -> Value | None:
    """What a property is when nobody sets it; None where that is a model, or not to be told."""
    cls = Model.model_class_reverse_map.get(kind)
    # the author may define a class of theirs again
    return None if cls is None else _encode_default(cls, name)


@cache
def _encode_default(cls: type[HasProps], name: str) -> Value | None:
    try:
        return Value(encode_json(Serializer(references=set()).encode(cls.lookup(name).class_default(cls))))
    except Exception:  # a default may be anything, with no value at all, or a model
        return None


class _ModelMatcher:
    """Finds `pairs`, from the places after to those before. Lives for one comparison.

    The root is the root. From there each pair's properties are followed, and what they refer to is
    paired: by name, by what it draws, by position last. What is left over, such as a plot that went
    into a layout, is paired when it draws the same.
    """

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self.pairs: dict[int, int] = {}
        self._before = _ModelSignatures(before)
        self._after = _ModelSignatures(after)
        self._matched_before: set[int] = set()
        self._unmatchable: set[int] = set()
        """Of after: what must not be paired, whatever it looks like."""
        self._queue: deque[tuple[int, int]] = deque()
        if is_unrelated(before, after):
            return
        self._pair(0, 0)
        self._pair_references()
        self._pair_moved()

    def _pair_moved(self) -> None:
        """Pair what is somewhere else now, its owner first: two ranges look alike, their figures do not."""
        for criterion in (
            _ModelSignatures.get_name,
            _ModelSignatures.hash_whole,
            _ModelSignatures.hash_drawing,
            _ModelSignatures.hash_data,
        ):
            olds, news = self._list_unpaired()
            candidates: dict[Hashable, deque[int]] = {}
            for b in olds:
                if criterion is _ModelSignatures.get_name or self._before.hash_data(b) is not None:
                    candidates.setdefault(
                        (self._before.get_kind(b), criterion(self._before, b)), deque()
                    ).append(b)
            for a in news:
                signature = criterion(self._after, a)
                matches = candidates.get((self._after.get_kind(a), signature))
                while matches and matches[0] in self._matched_before:
                    matches.popleft()
                if matches and signature is not None and a not in self.pairs:
                    self._pair(matches.popleft(), a)
                    self._pair_references()
        # what draws no data, such as a slider, if it is like no other
        olds, news = self._list_unpaired()
        signatures = [*map(self._before.hash_whole, olds)], [*map(self._after.hash_whole, news)]
        for a, signature in zip(news, signatures[1], strict=True):
            if signatures[0].count(signature) == signatures[1].count(signature) == 1:
                self._pair(olds[signatures[0].index(signature)], a)
                self._pair_references()

    def _list_unpaired(self) -> tuple[list[int], list[int]]:
        olds = [
            node_index
            for node_index in range(len(self._before.nodes))
            if node_index not in self._matched_before
        ]
        return olds, [
            node_index for node_index in range(len(self._after.nodes)) if node_index not in self.pairs
        ]

    def _pair_references(self) -> None:
        while self._queue:
            b, a = self._queue.popleft()
            before, after = self._before.nodes[b], self._after.nodes[a]
            self._exclude_changed_ranges(b, a)
            for name, value in after.attributes.items():
                if value.refs and name in before.attributes:
                    self._pair_lists(before.attributes[name].refs, value.refs)

    def _pair(self, b: int, a: int) -> None:
        before, after = self._before.nodes[b], self._after.nodes[a]
        if (
            a in self.pairs
            or b in self._matched_before
            or a in self._unmatchable
            or before.model_type != after.model_type
        ):
            return
        unset = (before.attributes.keys() ^ after.attributes.keys()) | (
            {"data"} if before.columns is not None and after.columns is None else set()
        )
        if any(find_default(after.model_type, name) is None for name in unset):
            return  # only a new model is with or without them
        self.pairs[a] = b
        self._matched_before.add(b)
        self._queue.append((b, a))

    def _pair_lists(self, before: Sequence[int], after: Sequence[int]) -> None:
        """Pair these, of which the order may have changed, and some be new or gone."""
        if len(before) == len(after) == 1:
            self._pair(before[0], after[0])
            return
        kinds = {self._after.nodes[a].model_type for a in after} & {
            self._before.nodes[b].model_type for b in before
        }
        for kind in sorted(kinds):
            olds = [b for b in before if self._before.nodes[b].model_type == kind]
            news = [a for a in after if self._after.nodes[a].model_type == kind]
            if len(olds) == len(news) == 1:
                self._pair(olds[0], news[0])
                continue
            for criterion in _MATCH_CRITERIA:
                olds = [b for b in olds if b not in self._matched_before]
                news = [a for a in news if a not in self.pairs]
                if not olds or not news:
                    break
                candidates: dict[Hashable, deque[int]] = {}
                for b in olds:
                    candidates.setdefault(criterion(self._before, b), deque()).append(b)
                for a in news:
                    signature = criterion(self._after, a)
                    if signature is not None and candidates.get(signature):
                        self._pair(candidates[signature].popleft(), a)

    def _exclude_changed_ranges(self, b: int, a: int) -> None:
        """A range whose axis became another kind, or measures something else now, starts afresh."""
        for dimension in ("x", "y"):
            range_before, range_after = (
                signatures.find_ref(node_index, f"{dimension}_range")
                for signatures, node_index in ((self._before, b), (self._after, a))
            )
            if range_before is None or range_after is None:
                continue
            then, now = self._before.list_axis_kinds(b, dimension), self._after.list_axis_kinds(a, dimension)
            kinds = zip(then, now, strict=True)
            if any(x != y for x, y in kinds if x is not None and y is not None) or is_unrelated_axis(
                self._before.get_outline(b), self._after.get_outline(a), dimension
            ):
                self._unmatchable.add(range_after)


class _ModelSignatures:
    """What the models of a snapshot say of themselves, looked up once each."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.nodes = snapshot.nodes
        self._signatures: dict[tuple[str, int], Hashable] = {}
        self._outlines: dict[int, Outline] = {}

    def get_name(self, node_index: int) -> Hashable:
        """The name that the author gave."""
        value = self.nodes[node_index].attributes.get("name")
        return None if value is None or value.text == "null" else value.text

    def hash_whole(self, node_index: int) -> Hashable:
        """Everything."""
        return self._hash_model(
            "whole", node_index, lambda node: (_list_property_texts(node), _collect_columns(node))
        )

    def hash_drawing(self, node_index: int) -> Hashable:
        """What it draws, in words, fields and data."""
        return self._hash_model(
            "drawing", node_index, lambda node: (_list_subject_texts(node), _collect_columns(node))
        )

    def hash_data(self, node_index: int) -> Hashable:
        """The data that it draws; None without."""
        key = "data", node_index
        if key not in self._signatures:
            self._signatures[key] = None
            node = self.nodes[node_index]
            below = (self.hash_data(ref) for value in node.attributes.values() for ref in value.refs)
            hashes = (_collect_columns(node), *(signature for signature in below if signature is not None))
            self._signatures[key] = hash(hashes) if hashes != (None,) else None
        return self._signatures[key]

    def hash_appearance(self, node_index: int) -> Hashable:
        """Everything but the data."""
        return self._hash_model(
            "looks", node_index, lambda node: (_list_property_texts(node), _collect_column_names(node))
        )

    def hash_subject(self, node_index: int) -> Hashable:
        """What it draws, in words and fields."""
        return self._hash_model(
            "subject", node_index, lambda node: (_list_subject_texts(node), _collect_column_names(node))
        )

    def get_kind(self, node_index: int) -> Hashable:
        return self.nodes[node_index].model_type

    def find_ref(self, node_index: int, name: str) -> int | None:
        value = self.nodes[node_index].attributes.get(name)
        return value.refs[0] if value is not None and len(value.refs) == 1 else None

    def list_axis_kinds(self, node_index: int, dimension: str) -> tuple[str | None, ...]:
        """The kinds of range, scale and first axis of a figure in one dimension."""
        parts = (
            self.find_ref(node_index, f"{dimension}_range"),
            self.find_ref(node_index, f"{dimension}_scale"),
        )
        sides = ("below", "above") if dimension == "x" else ("left", "right")
        attributes = self.nodes[node_index].attributes
        beside = (ref for side in sides if side in attributes for ref in attributes[side].refs)
        axes = (self.nodes[ref].model_type for ref in beside if self.nodes[ref].model_type.endswith("Axis"))
        kinds = (None if part is None else self.nodes[part].model_type for part in parts)
        return (*kinds, next(axes, None))

    def get_outline(self, figure: int) -> Outline:
        if figure not in self._outlines:
            self._outlines[figure] = Outline(self.nodes, figure)
        return self._outlines[figure]

    def _hash_model(self, aspect: str, node_index: int, list_content: Callable[[Node], Hashable]) -> Hashable:
        key = aspect, node_index
        if key not in self._signatures:
            self._signatures[key] = None  # what refers to itself says nothing more of that
            node = self.nodes[node_index]
            refs = tuple(
                (name, tuple(self._hash_model(aspect, ref, list_content) for ref in value.refs))
                for name, value in sorted(node.attributes.items())
                if value.placeholders
            )
            self._signatures[key] = hash((node.model_type, list_content(node), refs))
        return self._signatures[key]


# What is tried to pair models in a list, the surest first: position is last.
_MATCH_CRITERIA = (
    _ModelSignatures.get_name,
    _ModelSignatures.hash_whole,
    _ModelSignatures.hash_drawing,
    _ModelSignatures.hash_data,
    _ModelSignatures.hash_appearance,
    _ModelSignatures.hash_subject,
    _ModelSignatures.get_kind,
)


def _list_property_texts(node: Node) -> Hashable:
    return tuple(sorted((name, value.text) for name, value in node.attributes.items()))


def _list_subject_texts(node: Node) -> Hashable:
    texts = (
        (name, value.text)
        for name, value in node.attributes.items()
        if name in WORD_PROPERTIES or value.text.startswith('{"type":"field"')
    )
    return tuple(sorted(texts))


def _collect_columns(node: Node) -> Hashable:
    return None if node.columns is None else frozenset(node.columns.items())


def _collect_column_names(node: Node) -> Hashable:
    return None if node.columns is None else frozenset(node.columns)
