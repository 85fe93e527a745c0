"""Matches the models of two snapshots as a person would: by name, by content, by position."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import replace

from ..snapshot import Snapshot
from .defaults import has_comparable_values
from .places import name_places
from .signatures import ModelSignatures
from .similarity import is_unrelated, is_unrelated_axis


def assign_ids(after: Snapshot, before: Snapshot | None, generation: int) -> Snapshot:
    """Return `after` with ids: matched models get their ids from `before`, the others new ones.

    `generation` makes the new ids unique.
    """
    ids = _find_known_ids(after, before)
    return replace(
        after,
        ids=tuple(
            ids.get(node_index, f"{generation}.{node_index}") for node_index in range(len(after.nodes))
        ),
    )


def assign_place_ids(
    after: Snapshot, before: Snapshot | None, generation: int, used_ids: Collection[str]
) -> Snapshot:
    """Return `after` with ids: matched models get their ids from `before`, the others those of their places.

    So another kernel that runs the same code gives the same ids. An id in `used_ids`, those that other models
    of the plot have had, is made unique by `generation`.
    """
    ids = _find_known_ids(after, before)
    if len(ids) < len(after.nodes):
        for node_index, name in enumerate(name_places(after)):
            ids.setdefault(node_index, f"{name}.{generation}" if name in used_ids else name)
    return replace(after, ids=tuple(ids[node_index] for node_index in range(len(after.nodes))))


def _find_known_ids(after: Snapshot, before: Snapshot | None) -> dict[int, str]:
    """Find the ids of the models of `after` that `before` has too, by node index."""
    pairs: Mapping[int, int] = {} if before is None else _ModelMatcher(before, after).pairs
    return {a: before.ids[b] for a, b in pairs.items()} if before is not None else {}


# The signatures by which models in a list are paired, most reliable first; position comes last.
_MATCH_CRITERIA = (
    ModelSignatures.get_name,
    ModelSignatures.hash_whole,
    ModelSignatures.hash_drawing,
    ModelSignatures.hash_data,
    ModelSignatures.hash_appearance,
    ModelSignatures.hash_subject,
    ModelSignatures.get_kind,
)


class _ModelMatcher:
    """Finds `pairs` of node indices, from `after` to `before`. Exists for one comparison.

    The two roots are a pair. From there, the properties of each pair are followed and the models in them
    paired: by name, by content, finally by position. Remaining models, such as a plot that was moved into a
    layout, are paired if they draw the same.
    """

    def __init__(self, before: Snapshot, after: Snapshot) -> None:
        self.pairs: dict[int, int] = {}
        self._before = ModelSignatures(before)
        self._after = ModelSignatures(after)
        self._matched_before: set[int] = set()
        self._unmatchable: set[int] = set()
        """Node indices in `after` that must not be paired."""
        self._queue: deque[tuple[int, int]] = deque()
        if is_unrelated(before, after):
            return
        self._pair(0, 0)
        self._pair_references()
        self._pair_moved()

    def _pair_moved(self) -> None:
        """Pair models that moved, owners first: two ranges may look alike while their figures differ."""
        for criterion in (
            ModelSignatures.get_name,
            ModelSignatures.hash_whole,
            ModelSignatures.hash_drawing,
            ModelSignatures.hash_data,
        ):
            olds, news = self._list_unpaired()
            candidates: dict[Hashable, deque[int]] = {}
            for b in olds:
                if criterion is ModelSignatures.get_name or self._before.hash_data(b) is not None:
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
        # models without data, such as a slider, if no other is similar
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
        if not has_comparable_values(before, after):
            return  # only a new model can gain or lose columns
        self.pairs[a] = b
        self._matched_before.add(b)
        self._queue.append((b, a))

    def _pair_lists(self, before: Sequence[int], after: Sequence[int]) -> None:
        """Pair the models of two lists. Their order may differ, and models may be new or removed."""
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
        """Exclude a range from pairing if its axis has another type, or measures something else now."""
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
