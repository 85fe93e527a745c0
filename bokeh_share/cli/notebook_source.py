"""Reads a notebook's file: its code cells, and the name of its kernel."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import nbformat
from nbformat.reader import get_version, reads

from ..errors import CannotRun
from ..sharing import Front, OptionParser, add_options

SKIP_TAG, CAN_FAIL_TAG = "skip-execution", "raises-exception"
"""Tags of cells, as nbclient and Jupyter Book know them."""
MAGIC_PATTERN = re.compile(r"^[ \t]*%bokeh_share[ \t](.*)$", re.MULTILINE)
LOCAL_ADDRESS_PATTERN = re.compile(r"localhost|127\.|::1")
SHARE_CALL_PATTERN = re.compile(
    r"\bshare\((?:[^#()]|\([^()]*\))*\b(?:external\s*=\s*True|address\s*=\s*[\"'](?!localhost|127\.|::1))"
)
"""Patterns of code that shares on the network."""
VARIABLE_PATTERN = re.compile(r"\{[^{}]*\}|\$\w+")
"""A variable in a line, which IPython replaces by its value."""
MAX_CELL_TITLE_LENGTH = 48
"""Maximum number of characters in a cell's title."""


class _LineParser(OptionParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


@dataclass(frozen=True)
class CodeCell:
    """The code of a cell. Equal instances are the same cell with the same code."""

    id: str
    code: str
    can_fail: bool = False

    @property
    def title(self) -> str:
        """The first line that is not empty, without the sign of a comment."""
        lines = (line.strip() for line in self.code.splitlines())
        first = next((line for line in lines if line.strip("# ")), "")
        first = re.sub(r"^#[#%]*\s*", "", first)
        return first if len(first) <= MAX_CELL_TITLE_LENGTH else first[: MAX_CELL_TITLE_LENGTH - 1] + "…"


@dataclass(frozen=True)
class NotebookSource:
    """The parts of a notebook that matter for a run. Notebooks that differ only in outputs, text or order of
    keys are equal."""

    cells: tuple[CodeCell, ...]
    kernel: str = field(default="", compare=False)
    """The name of its kernel, if the file has one."""

    @property
    def external_cell_number(self) -> int | None:
        """The number of the first cell, from 1, that shares on the network by itself."""
        numbers = (number for number, cell in enumerate(self.cells, 1) if _is_external_code(cell.code))
        return next(numbers, None)


def read_notebook(path: Path) -> NotebookSource:
    """Read the notebook at `path`, of any version that nbformat knows. Raises `CannotRun`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text"
        raise CannotRun(path.name, f"cannot be read ({reason.lower()})", "check the file") from None
    try:
        return parse_notebook(text)
    except Exception as error:  # nbformat raises many kinds of errors for a broken file
        reason = " ".join(str(error).split())[:80]
        raise CannotRun(path.name, f"is no notebook ({reason})", "open it in Jupyter and save it") from None


def parse_notebook(text: str) -> NotebookSource:
    """Parse a notebook. Raises nbformat's errors for an invalid one."""
    raw = reads(text)  # type: ignore[no-untyped-call]  # nbformat has hardly any annotations
    has_ids = get_version(raw) >= (4, 5)  # type: ignore[no-untyped-call]
    notebook: Any = nbformat.convert(raw, 4)  # type: ignore[no-untyped-call]
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    # Front ends send no empty cells to a kernel. Older formats have no ids, so the position is used.
    ids = _make_ids_unique(
        str(cell.get("id", index)) if has_ids else str(index) for index, cell in enumerate(cells)
    )
    runnable = tuple(
        _build_code_cell(id, cell) for id, cell in zip(ids, cells, strict=True) if _is_runnable(cell)
    )
    return NotebookSource(runnable, str(notebook.get("metadata", {}).get("kernelspec", {}).get("name", "")))


def _build_code_cell(id: str, cell: Any) -> CodeCell:
    return CodeCell(id, cell["source"], CAN_FAIL_TAG in _list_tags(cell))


def _is_external_code(code: str) -> bool:
    lines = MAGIC_PATTERN.findall(code)
    return any(map(_is_external_line, lines)) or SHARE_CALL_PATTERN.search(code) is not None


def _is_external_line(line: str) -> bool:
    """Return True for a line of the magic that shares on the network; a wrong line is refused, and does not.

    A variable in it stands for any value.
    """
    parser = _LineParser(add_help=False)
    parser.add_argument("names", nargs="*")
    add_options(parser, Front.MAGIC)
    try:
        options, rest = parser.parse_known_args(shlex.split(VARIABLE_PATTERN.sub("1", line)))
    except ValueError:  # also of a quotation mark that is not closed
        return False
    if any(word.startswith("-") for word in rest):
        return False
    address = options.address
    return bool(options.external or (address and not LOCAL_ADDRESS_PATTERN.match(address)))


def _is_runnable(cell: Any) -> bool:
    return bool(cell["source"].strip()) and SKIP_TAG not in _list_tags(cell)


def _list_tags(cell: Any) -> list[str]:
    tags = cell.get("metadata", {}).get("tags", [])
    return tags if isinstance(tags, list) else []


def _make_ids_unique(ids: Iterable[str]) -> list[str]:
    """Make ids unique, since a copied cell may have the id of the original."""
    unique_ids: list[str] = []
    for id in ids:
        unique_ids.append(id if id not in unique_ids else f"{id}-{len(unique_ids)}")
    return unique_ids
