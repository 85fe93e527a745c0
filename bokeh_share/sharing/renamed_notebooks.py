"""Recognises the files of renamed notebooks by the ids of their cells."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_SCANNED_NOTEBOOK_BYTES = 10_000_000
"""Size in bytes above which a notebook's file is not searched for the ids of its cells."""
MAX_SCANNED_FOLDER_BYTES = 100_000_000
"""Maximum total size in bytes of the notebooks in a folder that are read to find one of them."""


@dataclass(frozen=True)
class NotebookIdentity:
    """The part of a link's record that identifies its notebook."""

    notebook_path: Path | None = None
    """The notebook's file when the record was written."""
    cell_ids: frozenset[str] = frozenset()
    is_deleted: bool = False
    """True if that file no longer existed when its kernel ended."""
    moved_to: str = ""
    """The name of the file that has the link instead, with its own record."""

    @classmethod
    def read(cls, record: Path) -> NotebookIdentity:
        """Read the identity from a record; empty if the record cannot be read, or names no notebook."""
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            content = json.loads(record.read_bytes())
            if (moved_to := content.get("now")) is not None:
                return cls(moved_to=Path(moved_to).name)
            return cls(
                Path(content["notebook"]), frozenset(map(str, content["cells"])), content["gone"] is True
            )
        return cls()

    def to_dict(self) -> dict[str, Any]:
        return {"notebook": str(self.notebook_path), "cells": sorted(self.cell_ids), "gone": self.is_deleted}


def build_record_path(notebook: Path, folder: Path) -> Path:
    """Build the path of the record of the notebook at this path."""
    return folder / f"{hashlib.sha256(os.fsencode(notebook)).hexdigest()[:32]}.json"


def is_in_same_folder(notebook: Path, identity: NotebookIdentity) -> bool:
    """Return True if the notebook and that of the record are in the same folder."""
    return identity.notebook_path is not None and identity.notebook_path.parent == notebook.parent


def list_orphaned_records(records: Path, cells: Collection[str]) -> dict[Path, NotebookIdentity]:
    """List the records in a folder whose notebook's file is gone and had mostly these cells."""
    identities = {record: NotebookIdentity.read(record) for record in records.glob("*.json")}
    return {
        record: identity
        for record, identity in identities.items()
        if identity.notebook_path is not None
        and has_same_cells(identity.cell_ids, cells)
        and not identity.notebook_path.exists()
    }


def read_cell_ids(notebook: Path) -> frozenset[str]:
    """Return the ids of a notebook's cells; none if the file is unreadable, large, or has no ids."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        if notebook.stat().st_size < MAX_SCANNED_NOTEBOOK_BYTES:
            cells = json.loads(notebook.read_bytes())["cells"]
            return frozenset(cell["id"] for cell in cells if isinstance(cell.get("id"), str))
    return frozenset()


def has_same_cells(cells: Collection[str], others: Collection[str]) -> bool:
    """Return True if most cells of two notebooks are the same, relative to the larger notebook."""
    return 2 * len(set(cells) & set(others)) > max(len(cells), len(others))


def find_similar_notebooks(folder: Path, cells: Collection[str]) -> list[Path] | None:
    """List the notebooks in a folder with mostly these cells; None if there is too much to read."""
    with suppress(OSError):
        notebooks = sorted(folder.glob("[!.]*.ipynb"))
        if _measure_total_size(notebooks) < MAX_SCANNED_FOLDER_BYTES:
            return [notebook for notebook in notebooks if has_same_cells(cells, read_cell_ids(notebook))]
    return None


def _measure_total_size(files: Iterable[Path]) -> int:
    sizes = (file.stat().st_size for file in files)
    return sum(size for size in sizes if size < MAX_SCANNED_NOTEBOOK_BYTES)
