"""The order of a notebook's cells, as far as its file tells."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

MAX_NOTEBOOK_BYTES = 10_000_000
"""Bytes from which on a notebook's file is not read for the order of its cells."""


class NotebookFile:
    """The order of a notebook's cells, as far as its file tells; front ends save it now and then."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._cell_indexes: dict[str, int] = {}
        self._file_stamp: tuple[int, int] | None = None

    @property
    def ids(self) -> Collection[str]:
        return self._cell_indexes.keys()

    def find_index(self, cell_id: str | None) -> int | None:
        return self._cell_indexes.get(cell_id) if cell_id is not None else None

    def update_order(self) -> bool:
        """Read the file again if it changed; whether the cells are in another order now."""
        if self.path is None:
            return False
        previous = self._cell_indexes
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            file_status = self.path.stat()
            stamp = (file_status.st_mtime_ns, file_status.st_size)
            if stamp != self._file_stamp and file_status.st_size < MAX_NOTEBOOK_BYTES:
                self._file_stamp = stamp
                cells = json.loads(self.path.read_bytes())["cells"]
                self._cell_indexes = {cell["id"]: index for index, cell in enumerate(cells) if "id" in cell}
        return self._cell_indexes != previous
