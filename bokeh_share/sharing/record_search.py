"""Finds the record of a notebook's link: by the notebook's name, or by its cells after it was renamed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .renamed_notebooks import (
    NotebookIdentity,
    build_record_path,
    find_similar_notebooks,
    has_same_cells,
    is_in_same_folder,
    list_orphaned_records,
    read_cell_ids,
)

DEFAULT_NAME_PATTERN = re.compile(r"Untitled\W?\d*\.ipynb$")
"""The default names of notebooks in Jupyter and VS Code. Many notebooks have such a name at some time, so
only their cells distinguish them."""
MAX_RENAMES = 20
"""Maximum number of times that a notebook may be renamed while its kernel uses the first name."""

UNKNOWN_NOTEBOOK_NOTE = (
    "this notebook was renamed or moved and is not known by its cells, so the link is a new one"
)
COPIED_NOTEBOOK_NOTE = "this notebook was renamed, and others have the same cells, so the link is a new one"
MOVED_NOTEBOOK_NOTE = "this notebook was in another folder before, so the link is a new one"


class RecordSearch:
    """One search for the record of a notebook; its attributes are the results."""

    def __init__(self, notebook_path: Path, *, has_link: bool) -> None:
        """`has_link` means that this process had the link before."""
        self.notebook_path = notebook_path
        """The current path of the notebook's file, which need not exist."""
        self.record_file: Path | None = None
        """The file to write the notebook's record to; None if it gets no record."""
        self.note = ""
        """A note for the author about the link; empty if there is none."""
        self._has_link = has_link

    def find(self, file: Path) -> Path | None:
        """Find the record of this notebook under any name; None if it has none yet. `file` is the record
        under its name.

        A kernel uses the name that its notebook had when it was first started, also after restarts.
        """
        notebook = self.notebook_path
        identity = NotebookIdentity.read(file)
        for _ in range(MAX_RENAMES):
            if not identity.moved_to or notebook.exists():
                break
            notebook = notebook.with_name(identity.moved_to)
            file = build_record_path(notebook, file.parent)
            identity = NotebookIdentity.read(file)
        self.notebook_path, self.record_file = notebook, file
        if not notebook.exists():
            return self._find_by_identity(identity, file)
        cells = read_cell_ids(notebook)
        if file.exists() and not identity.moved_to and not self._is_of_other_notebook(identity, cells, file):
            return file
        return self._find_by_cells(cells, notebook, file)

    def _is_of_other_notebook(self, identity: NotebookIdentity, cells: frozenset[str], file: Path) -> bool:
        """Return True if the record under this notebook's name belongs to a notebook that had the name
        before.

        That notebook gets the record, if it can be found.
        """
        if has_same_cells(identity.cell_ids, cells):
            return False
        matches = (
            find_similar_notebooks(self.notebook_path.parent, identity.cell_ids)
            if identity.cell_ids and cells
            else []
        )
        if matches and len(matches) == 1 and not build_record_path(matches[0], file.parent).exists():
            os.replace(file, build_record_path(matches[0], file.parent))
        return (
            bool(matches)
            or identity.is_deleted
            or DEFAULT_NAME_PATTERN.match(self.notebook_path.name) is not None
        )

    def _find_by_cells(self, cells: frozenset[str], notebook: Path, file: Path) -> Path | None:
        """Find the record of a notebook that no longer exists and had these cells, if only this notebook can
        be it."""
        orphans = list_orphaned_records(file.parent, cells)
        nearby = {
            record: identity for record, identity in orphans.items() if is_in_same_folder(notebook, identity)
        }
        matches: list[Path] | None = []
        if len(nearby) == 1:
            ((record, identity),) = nearby.items()
            matches = find_similar_notebooks(notebook.parent, identity.cell_ids)
            if matches == [notebook]:
                return record
        self.note = (
            UNKNOWN_NOTEBOOK_NOTE
            if matches is None
            else COPIED_NOTEBOOK_NOTE
            if nearby
            else MOVED_NOTEBOOK_NOTE
            if orphans
            else ""
        )
        return None

    def _find_by_identity(self, identity: NotebookIdentity, file: Path) -> Path | None:
        """Find the record of the notebook that this kernel started with, whose file is gone, by its cells."""
        if identity.notebook_path is None or not identity.cell_ids or self._has_link:
            return file  # only by its name, since some front ends store notebooks elsewhere
        matches = find_similar_notebooks(identity.notebook_path.parent, identity.cell_ids) or []
        if len(matches) == 1:
            self.notebook_path = matches[0]
            self.record_file = build_record_path(matches[0], file.parent)
            if self.record_file.exists():
                return self.record_file
            orphans = list_orphaned_records(file.parent, read_cell_ids(matches[0]))
            if [record for record, each in orphans.items() if is_in_same_folder(matches[0], each)] == [file]:
                return file
        self.note, self.record_file = COPIED_NOTEBOOK_NOTE if matches else UNKNOWN_NOTEBOOK_NOTE, None
        return None
