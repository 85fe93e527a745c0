"""A snapshot that is built from a former one and its edits when it is first read."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import chain
from typing import Any

from .edits import Edit, apply_edits, remove_unreachable
from .snapshot import Snapshot

MAX_PENDING_EDITS = 1000
"""Maximum number of edits that are not applied yet."""
MAX_PENDING_BYTES = 8_000_000
"""Maximum size of these edits, in bytes."""


class LazySnapshot:
    """A snapshot that is built when it is first read, so that it does not delay a loop that changes the plot.

    Appears immutable. Any thread may read it.
    """

    def __init__(self, former: Snapshot | LazySnapshot, edits: Sequence[Edit]) -> None:
        self._origin: tuple[Snapshot | LazySnapshot, Sequence[Edit]] | None = former, edits
        """The former snapshot and the edits, until the snapshot is built."""
        self._full_snapshot: Snapshot | None = None
        """The nodes, including models without references, so that node indices stay the same."""
        self._snapshot: Snapshot | None = None
        self._is_skipped = False
        """True if a later snapshot was built first. The two then share no lineage."""
        self._build_lock: Any = former._build_lock if isinstance(former, LazySnapshot) else threading.RLock()
        """Locked while a snapshot is built. Shared by all lazy snapshots that derive from each other."""
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
        """The full snapshot. The first read costs as much as the edits, and a copy of the columns that
        grew."""
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
                if base is not self:
                    base._mark_skipped()
                assert base._origin is not None
                base, base_edits = base._origin
                edits.append(base_edits)
            ordered_edits = chain.from_iterable(reversed(edits))
            self._full_snapshot = apply_edits(base, ordered_edits, is_related=not self._is_skipped)
            self._origin = None
            return self._full_snapshot

    def _mark_skipped(self) -> None:
        self._is_skipped = True
