"""Finds out which notebook's file is which after some were renamed: by the ids of their cells."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGE = 10_000_000
"""Bytes from which on a notebook's file is not read for the ids of its cells."""
MANY = 100_000_000
"""Bytes of all notebooks in a folder that are read to find one of them."""


@dataclass(frozen=True)
class Trace:
    """The part of a link's record that tells whose it is."""

    notebook: Path | None = None
    """Its file, when the record was written."""
    cells: frozenset[str] = frozenset()
    gone: bool = False
    """Whether that file was no longer there when its kernel ended."""
    now: str = ""
    """The name of the file that has the link instead; it has a record of its own."""

    @classmethod
    def of(cls, record: Path) -> Trace:
        """Empty for what can't be read, or has no trace."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            known = json.loads(record.read_bytes())
            if (now := known.get("now")) is not None:
                return cls(now=Path(now).name)
            return cls(Path(known["notebook"]), frozenset(map(str, known["cells"])), known["gone"] is True)
        return cls()

    def written(self) -> dict[str, Any]:
        return {"notebook": str(self.notebook), "cells": sorted(self.cells), "gone": self.gone}


def record_of(notebook: Path, folder: Path) -> Path:
    """Where the record of the notebook at this path is."""
    return folder / f"{hashlib.sha256(os.fsencode(notebook)).hexdigest()[:32]}.json"


def is_beside(notebook: Path, trace: Trace) -> bool:
    """Whether both are in the same folder."""
    return trace.notebook is not None and trace.notebook.parent == notebook.parent


def left_behind(records: Path, cells: Collection[str]) -> dict[Path, Trace]:
    """Those of the records in a folder whose notebook's file is gone and had mostly these cells."""
    traces = {record: Trace.of(record) for record in records.glob("*.json")}
    return {
        record: trace
        for record, trace in traces.items()
        if trace.notebook is not None and is_same(trace.cells, cells) and not trace.notebook.exists()
    }


def cell_ids(notebook: Path) -> frozenset[str]:
    """The ids of a notebook's cells; none of a file that is unreadable, large, or of a format without ids."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        if notebook.stat().st_size < LARGE:
            cells = json.loads(notebook.read_bytes())["cells"]
            return frozenset(cell["id"] for cell in cells if isinstance(cell.get("id"), str))
    return frozenset()


def is_same(cells: Collection[str], others: Collection[str]) -> bool:
    """Whether most cells of two notebooks are the same, counted by the one that has more."""
    return 2 * len(set(cells) & set(others)) > max(len(cells), len(others))


def alike(folder: Path, cells: Collection[str]) -> list[Path] | None:
    """The notebooks in a folder that have mostly these cells; None if there is too much to read."""
    with suppress(OSError):
        notebooks = sorted(folder.glob("[!.]*.ipynb"))
        if _size(notebooks) < MANY:
            return [notebook for notebook in notebooks if is_same(cells, cell_ids(notebook))]
    return None


def _size(files: Iterable[Path]) -> int:
    sizes = (file.stat().st_size for file in files)
    return sum(size for size in sizes if size < LARGE)
