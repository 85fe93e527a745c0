"""Finds the record of a notebook's link, by the notebook's name, or by its cells after it was renamed."""

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
"""The default names of notebooks in Jupyter and VS Code. Many notebooks have them at one time or another;
only their cells distinguish them."""
MAX_RENAMES = 20
"""How often a notebook may have been renamed while its kernel goes by the first name."""

UNKNOWN_NOTEBOOK_NOTE = (
    "this notebook was renamed or moved and is not known by its cells, so the link is a new one"
)
COPIED_NOTEBOOK_NOTE = "this notebook was renamed, and others have the same cells, so the link is a new one"
MOVED_NOTEBOOK_NOTE = "this notebook was in another folder before, so the link is a new one"


class RecordSearch:
    """One search for the record of a notebook; its attributes are the results."""

    def __init__(self, notebook_path: Path, *, has_link: bool) -> None:
        """`has_link` says that this process had the link before."""
        self.notebook_path = notebook_path
        """The notebook's file, wherever that is by now; there need not be one."""
        self.record_file: Path | None = None
        """The file to write its record to; None if it gets no record."""
        self.note = ""
        """What the author should know about it."""
        self._has_link = has_link

    def find(self, file: Path) -> Path | None:
        """The record that is this notebook's, under whichever name; None if it has none yet. `file` is the
        one by its name.

        A kernel goes by the name that its notebook had when it was started first, also after restarts.
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
        """Whether the record under this notebook's name is that of one which had the name before.

        That one gets it, if it can be found.
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
        """The record of a notebook that is there no more and had these cells, if only this one can be it."""
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
        """The record of the notebook that this kernel began with, whose file is gone: found by its cells."""
        if identity.notebook_path is None or not identity.cell_ids or self._has_link:
            return file  # by its name alone, as where front ends keep notebooks elsewhere
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
