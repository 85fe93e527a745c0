"""Finds a notebook's file, and reads the order of the notebook's cells from it."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from ..plots import HeadingPath
from .heading_reader import read_sections

SESSION_VARIABLE, PARENT_VARIABLE = "JPY_SESSION_NAME", "JPY_PARENT_PID"
MAX_NOTEBOOK_BYTES = 10_000_000
"""Size in bytes above which a notebook's file is not read for the order of its cells."""


class NotebookFile:
    """The order of a notebook's cells and its headings, as last saved to its file by the front end."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._cell_indexes: dict[str, int] = {}
        self._sections: dict[str, HeadingPath] = {}
        self._file_stamp: tuple[int, int] | None = None

    @property
    def ids(self) -> Collection[str]:
        return self._cell_indexes.keys()

    def move_to(self, path: Path) -> None:
        """Use another path of the file."""
        self._path = path

    def find_index(self, cell_id: str | None) -> int | None:
        return self._cell_indexes.get(cell_id) if cell_id is not None else None

    def find_section(self, cell_id: str | None) -> HeadingPath:
        """Find the headings above a cell."""
        return self._sections.get(cell_id, ()) if cell_id is not None else ()

    def update_order(self) -> bool:
        """Read the file again if it changed. Return True if the cells now have another order, or other
        headings."""
        if self._path is None:
            return False
        previous = self._cell_indexes, self._sections
        with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            file_status = self._path.stat()
            stamp = (file_status.st_mtime_ns, file_status.st_size)
            if stamp != self._file_stamp and file_status.st_size < MAX_NOTEBOOK_BYTES:
                self._file_stamp = stamp
                cells = json.loads(self._path.read_bytes())["cells"]
                self._cell_indexes = {cell["id"]: index for index, cell in enumerate(cells) if "id" in cell}
                self._sections = read_sections(cells)
        return (self._cell_indexes, self._sections) != previous


def find_notebook_path(shell: Any) -> Path | None:
    """Find the path of the notebook's file. VS Code puts it into a variable, Jupyter's server into the
    environment."""
    path = shell.user_ns.get("__vsc_ipynb_file__")
    if path is None and hasattr(shell, "kernel") and not _is_inherited_variable(SESSION_VARIABLE):
        path = os.environ.get(SESSION_VARIABLE)
    return Path(path) if path else None


def _is_inherited_variable(name: str) -> bool:
    """Return True if an environment variable comes from a notebook that started this kernel in a cell.

    A program in between, such as a virtual environment's Python on Windows, passes Jupyter's variables on
    unchanged; a program that starts a kernel gives it another parent.
    """
    with suppress(psutil.Error):
        parent_environ = psutil.Process(os.getppid()).environ()
        return (
            name in os.environ
            and parent_environ.get(name) == os.environ[name]
            and parent_environ.get(PARENT_VARIABLE) != os.environ.get(PARENT_VARIABLE)
        )
    return False
