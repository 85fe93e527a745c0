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
from ..snapshot.values import Value, json_of
from .similarity import WORDS, Outline, is_unrelated, is_unrelated_axis


def assign_ids(after: Snapshot, before: Snapshot | None, generation: int) -> Snapshot:
    """`after` with ids: those of `before` for what is the same to a person, new ones for the rest.

    `generation` makes the new ones unlike any former.
    """
    pairs = _Pairing(before, after).pairs if before is not None else {}
    ids = (
        before.ids[pairs[node_index]]
        if before is not None and node_index in pairs
        else f"{generation}.{node_index}"
        for node_index in range(len(after.models))
    )
    return replace(after, ids=tuple(ids))


def default(kind: str, name: str) -> Value | None:
    """What a property is when nobody sets it; None where that is a model, or not to be told."""
    cls = Model.model_class_reverse_map.get(kind)
    return None if cls is None else _default(cls, name)  # the author may define a class of theirs again


@cache
def _default(cls: type[HasProps], name: str) -> Value | None:
    try:
        return Value(json_of(Serializer(references=set()).encode(cls.lookup(name).class_default(cls))))
    except Exception:  # a default may be anything, with no value at all, or a model
        return None


class _Pairing:
    """Finds `pairs`, from the places after to those before. Lives for one comparison.

    The root is the root. From there each pair's properties are followed, and what they refer to is
    paired: by name, by what it draws, by position last. What is left over, such as a plot that went
    into a layout, is paired when it draws the same.
    """

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self.pairs: dict[int, int] = {}
        self._before = _Sayings(before)
        self._after = _Sayings(after)
        self._taken: set[int] = set()
        self._apart: set[int] = set()
        """Of after: what must not be paired, whatever it looks like."""
        self._queue: deque[tuple[int, int]] = deque()
        if is_unrelated(before, after):
            return
        self._pair(0, 0)
        self._follow()
        self._pair_moved()

    def _pair_moved(self) -> None:
        """Pair what is somewhere else now, its owner first: two ranges look alike, their figures do not."""
        for say in (_Sayings.named, _Sayings.whole, _Sayings.drawing, _Sayings.data):
            olds, news = self._left_over()
            waiting: dict[Hashable, deque[int]] = {}
            for b in olds:
                if say is _Sayings.named or self._before.data(b) is not None:
                    waiting.setdefault((self._before.kind(b), say(self._before, b)), deque()).append(b)
            for a in news:
                saying = say(self._after, a)
                found = waiting.get((self._after.kind(a), saying))
                while found and found[0] in self._taken:
                    found.popleft()
                if found and saying is not None and a not in self.pairs:
                    self._pair(found.popleft(), a)
                    self._follow()
        # what draws no data, such as a slider, if it is like no other
        olds, news = self._left_over()
        whole = [*map(self._before.whole, olds)], [*map(self._after.whole, news)]
        for a, saying in zip(news, whole[1], strict=True):
            if whole[0].count(saying) == whole[1].count(saying) == 1:
                self._pair(olds[whole[0].index(saying)], a)
                self._follow()

    def _left_over(self) -> tuple[list[int], list[int]]:
        olds = [node_index for node_index in range(len(self._before.nodes)) if node_index not in self._taken]
        return olds, [
            node_index for node_index in range(len(self._after.nodes)) if node_index not in self.pairs
        ]

    def _follow(self) -> None:
        while self._queue:
            b, a = self._queue.popleft()
            before, after = self._before.nodes[b], self._after.nodes[a]
            self._keep_axes_apart(b, a)
            for name, value in after.attributes.items():
                if value.refs and name in before.attributes:
                    self._align(before.attributes[name].refs, value.refs)

    def _pair(self, b: int, a: int) -> None:
        before, after = self._before.nodes[b], self._after.nodes[a]
        if a in self.pairs or b in self._taken or a in self._apart or before.kind != after.kind:
            return
        unset = (before.attributes.keys() ^ after.attributes.keys()) | (
            {"data"} if before.columns is not None and after.columns is None else set()
        )
        if any(default(after.kind, name) is None for name in unset):
            return  # only a new model is with or without them
        self.pairs[a] = b
        self._taken.add(b)
        self._queue.append((b, a))

    def _align(self, before: Sequence[int], after: Sequence[int]) -> None:
        """Pair these, of which the order may have changed, and some be new or gone."""
        if len(before) == len(after) == 1:
            self._pair(before[0], after[0])
            return
        kinds = {self._after.nodes[a].kind for a in after} & {self._before.nodes[b].kind for b in before}
        for kind in sorted(kinds):
            olds = [b for b in before if self._before.nodes[b].kind == kind]
            news = [a for a in after if self._after.nodes[a].kind == kind]
            if len(olds) == len(news) == 1:
                self._pair(olds[0], news[0])
                continue
            for say in _TIERS:
                olds = [b for b in olds if b not in self._taken]
                news = [a for a in news if a not in self.pairs]
                if not olds or not news:
                    break
                waiting: dict[Hashable, deque[int]] = {}
                for b in olds:
                    waiting.setdefault(say(self._before, b), deque()).append(b)
                for a in news:
                    saying = say(self._after, a)
                    if saying is not None and waiting.get(saying):
                        self._pair(waiting[saying].popleft(), a)

    def _keep_axes_apart(self, b: int, a: int) -> None:
        """A range whose axis became another kind, or measures something else now, starts afresh."""
        for dimension in ("x", "y"):
            range_before, range_after = (
                sayings.ref(node_index, f"{dimension}_range")
                for sayings, node_index in ((self._before, b), (self._after, a))
            )
            if range_before is None or range_after is None:
                continue
            then, now = self._before.axis(b, dimension), self._after.axis(a, dimension)
            kinds = zip(then, now, strict=True)
            if any(x != y for x, y in kinds if x is not None and y is not None) or is_unrelated_axis(
                self._before.outline(b), self._after.outline(a), dimension
            ):
                self._apart.add(range_after)


class _Sayings:
    """What the models of a snapshot say of themselves, looked up once each."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.nodes = snapshot.models
        self._known: dict[tuple[str, int], Hashable] = {}
        self._outlines: dict[int, Outline] = {}

    def named(self, node_index: int) -> Hashable:
        """The name that the author gave."""
        value = self.nodes[node_index].attributes.get("name")
        return None if value is None or value.text == "null" else value.text

    def whole(self, node_index: int) -> Hashable:
        """Everything."""
        return self._told("whole", node_index, lambda node: (_texts(node), _data(node)))

    def drawing(self, node_index: int) -> Hashable:
        """What it draws, in words, fields and data."""
        return self._told("drawing", node_index, lambda node: (_words(node), _data(node)))

    def data(self, node_index: int) -> Hashable:
        """The data that it draws; None without."""
        key = "data", node_index
        if key not in self._known:
            self._known[key] = None
            node = self.nodes[node_index]
            below = (self.data(ref) for value in node.attributes.values() for ref in value.refs)
            told = (_data(node), *(saying for saying in below if saying is not None))
            self._known[key] = hash(told) if told != (None,) else None
        return self._known[key]

    def looks(self, node_index: int) -> Hashable:
        """Everything but the data."""
        return self._told("looks", node_index, lambda node: (_texts(node), _names(node)))

    def subject(self, node_index: int) -> Hashable:
        """What it draws, in words and fields."""
        return self._told("subject", node_index, lambda node: (_words(node), _names(node)))

    def kind(self, node_index: int) -> Hashable:
        return self.nodes[node_index].kind

    def ref(self, node_index: int, name: str) -> int | None:
        value = self.nodes[node_index].attributes.get(name)
        return value.refs[0] if value is not None and len(value.refs) == 1 else None

    def axis(self, node_index: int, dimension: str) -> tuple[str | None, ...]:
        """The kinds of range, scale and first axis of a figure in one dimension."""
        parts = (self.ref(node_index, f"{dimension}_range"), self.ref(node_index, f"{dimension}_scale"))
        sides = ("below", "above") if dimension == "x" else ("left", "right")
        attributes = self.nodes[node_index].attributes
        beside = (ref for side in sides if side in attributes for ref in attributes[side].refs)
        axes = (self.nodes[ref].kind for ref in beside if self.nodes[ref].kind.endswith("Axis"))
        kinds = (None if part is None else self.nodes[part].kind for part in parts)
        return (*kinds, next(axes, None))

    def outline(self, figure: int) -> Outline:
        if figure not in self._outlines:
            self._outlines[figure] = Outline(self.nodes, figure)
        return self._outlines[figure]

    def _told(self, what: str, node_index: int, tell: Callable[[Node], Hashable]) -> Hashable:
        key = what, node_index
        if key not in self._known:
            self._known[key] = None  # what refers to itself says nothing more of that
            node = self.nodes[node_index]
            refs = tuple(
                (name, tuple(self._told(what, ref, tell) for ref in value.refs))
                for name, value in sorted(node.attributes.items())
                if value.placeholders
            )
            self._known[key] = hash((node.kind, tell(node), refs))
        return self._known[key]


# What is tried to pair models in a list, the surest first: position is last.
_TIERS = (
    _Sayings.named,
    _Sayings.whole,
    _Sayings.drawing,
    _Sayings.data,
    _Sayings.looks,
    _Sayings.subject,
    _Sayings.kind,
)


def _texts(node: Node) -> Hashable:
    return tuple(sorted((name, value.text) for name, value in node.attributes.items()))


def _words(node: Node) -> Hashable:
    said = (
        (name, value.text)
        for name, value in node.attributes.items()
        if name in WORDS or value.text.startswith('{"type":"field"')
    )
    return tuple(sorted(said))


def _data(node: Node) -> Hashable:
    return None if node.columns is None else frozenset(node.columns.items())


def _names(node: Node) -> Hashable:
    return None if node.columns is None else frozenset(node.columns)
