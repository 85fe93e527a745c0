"""The order of a notebook's cells, as far as its file tells."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

LARGE = 10_000_000
"""Bytes from which on a notebook's file is not read for the order of its cells."""


class NotebookFile:
    """The order of a notebook's cells, as far as its file tells; front ends save it now and then."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._places: dict[str, int] = {}
        self._stamp: tuple[int, int] | None = None

    @property
    def ids(self) -> Collection[str]:
        return self._places.keys()

    def index(self, cell: str | None) -> int | None:
        return self._places.get(cell) if cell is not None else None

    def look(self) -> bool:
        """Read the file again if it changed; whether the cells are in another order now."""
        if self.path is None:
            return False
        former = self._places
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            state = self.path.stat()
            stamp = (state.st_mtime_ns, state.st_size)
            if stamp != self._stamp and state.st_size < LARGE:
                self._stamp = stamp
                cells = json.loads(self.path.read_bytes())["cells"]
                self._places = {cell["id"]: index for index, cell in enumerate(cells) if "id" in cell}
        return self._places != former
