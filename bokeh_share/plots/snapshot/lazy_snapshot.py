"""A snapshot that is made of a former one and edits when somebody looks at it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import chain
from typing import Any

from .edits import Edit, apply_edits, remove_unreachable
from .snapshot import Snapshot

MAX_PENDING_EDITS = 1000
"""How many edits wait for somebody to look, at most."""
MAX_PENDING_BYTES = 8_000_000
"""Bytes that they may weigh."""


class LazySnapshot:
    """A snapshot that is made when somebody looks at it: who changes a plot in a loop need not wait for it.

    Immutable to whoever has it, and may be looked at from any thread.
    """

    def __init__(self, former: Snapshot | LazySnapshot, edits: Sequence[Edit]) -> None:
        self._origin: tuple[Snapshot | LazySnapshot, Sequence[Edit]] | None = former, edits
        """From what, and how, until it is made."""
        self._full_snapshot: Snapshot | None = None
        """With the models that nothing refers to any more, so that places stay what they were."""
        self._snapshot: Snapshot | None = None
        self._is_skipped = False
        """Whether one that came from this was made first: what both have in common is not told then."""
        self._build_lock: Any = former._build_lock if isinstance(former, LazySnapshot) else threading.RLock()
        """One thread at a time makes what drafts stand for that came one from the other."""
        self._pending_count, self._pending_bytes = len(edits), sum(edit.size for edit in edits)
        if isinstance(former, LazySnapshot) and former._full_snapshot is None:
            if (
                former._pending_count + len(edits) > MAX_PENDING_EDITS
                or former._pending_bytes + self._pending_bytes > MAX_PENDING_BYTES
            ):
                former._build()
            else:
                self._pending_count += former._pending_count
                self._pending_bytes += former._pending_bytes

    @property
    def snapshot(self) -> Snapshot:
        """Costs what was changed, and a copy of the columns that grew; once."""
        if self._snapshot is None:
            self._snapshot = remove_unreachable(self._build())
        return self._snapshot

    def _build(self) -> Snapshot:
        with self._build_lock:
            if self._full_snapshot is not None:
                return self._full_snapshot
            edits: list[Sequence[Edit]] = []
            base: Snapshot | LazySnapshot = self
            while isinstance(base, LazySnapshot):
                if base._full_snapshot is not None:
                    base = base._full_snapshot
                    break
                base._is_skipped = base._is_skipped or base is not self
                assert base._origin is not None
                base, base_edits = base._origin
                edits.append(base_edits)
            ordered_edits = chain.from_iterable(reversed(edits))
            self._full_snapshot = apply_edits(base, ordered_edits, is_related=not self._is_skipped)
            self._origin = None
            return self._full_snapshot
