"""A notebook's file: its code cells, and the kernel that it names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.reader import get_version, reads

from ..errors import CannotRun

SKIPPED, MAY_FAIL = "skip-execution", "raises-exception"
"""Tags of cells, as nbclient and Jupyter Book know them."""
MAGIC = re.compile(r"^[ \t]*%%?bokeh_share[ \t](.*)$", re.MULTILINE)
EXTERNAL = re.compile(r"(?:^|\s)(?:-e|--ext)")
ADDRESS = re.compile(r"(?:^|\s)(?:-a ?|--ad\w*[ =])[\"']?(?!localhost|127\.|::1|-)\w")
CALL = re.compile(
    r"\bshare\((?:[^#()]|\([^()]*\))*\b(?:external\s*=\s*True|address\s*=\s*[\"'](?!localhost|127\.|::1))"
)
"""How the code of a cell asks for the network, as far as its words tell."""
MAX_TITLE_LENGTH = 48
"""Characters of a cell's first line that stand for it."""


@dataclass(frozen=True)
class CodeCell:
    """What is run of a cell; two that are alike are the same cell of the same code."""

    id: str
    code: str
    may_fail: bool = False

    @property
    def title(self) -> str:
        """Its first line that is not empty, a comment's without the sign."""
        lines = (line.strip() for line in self.code.splitlines())
        first = next((line for line in lines if line.strip("# ")), "")
        first = re.sub(r"^#[#%]*\s*", "", first)
        return first if len(first) <= MAX_TITLE_LENGTH else first[: MAX_TITLE_LENGTH - 1] + "…"


@dataclass(frozen=True)
class NotebookSource:
    """A notebook as far as running it goes: two that differ in outputs, text or order of keys are equal."""

    cells: tuple[CodeCell, ...]
    kernel: str = field(default="", compare=False)
    """The name of the kernel that it was written for, if it says one."""

    @property
    def outward(self) -> int | None:
        """The number of the first cell, from 1, that shares on the network by itself."""
        numbers = (number for number, cell in enumerate(self.cells, 1) if _is_outward(cell.code))
        return next(numbers, None)


def read(path: Path) -> NotebookSource:
    """The notebook at `path`, of any version that nbformat knows. Raises `CannotRun`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is no text"
        raise CannotRun(path.name, f"cannot be read ({reason.lower()})", "see what it is") from None
    try:
        return parse(text)
    except Exception as error:  # what nbformat meets in a broken file is not in its hands
        reason = " ".join(str(error).split())[:80]
        raise CannotRun(path.name, f"is no notebook ({reason})", "open and save it in Jupyter") from None


def parse(text: str) -> NotebookSource:
    """Raises whatever nbformat does for what is no notebook."""
    raw = reads(text)  # type: ignore[no-untyped-call]  # nbformat has hardly any annotations
    has_ids = get_version(raw) >= (4, 5)  # type: ignore[no-untyped-call]
    notebook: Any = nbformat.convert(raw, 4)  # type: ignore[no-untyped-call]
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    # Front ends send no empty cells to a kernel. The older formats know no ids: there the place counts.
    ids = _unique(str(cell.get("id", index)) if has_ids else str(index) for index, cell in enumerate(cells))
    kept = tuple(_cell(id, cell) for id, cell in zip(ids, cells, strict=True) if _is_run(cell))
    return NotebookSource(kept, str(notebook.get("metadata", {}).get("kernelspec", {}).get("name", "")))


def _cell(id: str, cell: Any) -> CodeCell:
    return CodeCell(id, cell["source"], MAY_FAIL in _tags(cell))


def _is_outward(code: str) -> bool:
    lines = MAGIC.findall(code)
    return (
        any(EXTERNAL.search(line) or ADDRESS.search(line) for line in lines) or CALL.search(code) is not None
    )


def _is_run(cell: Any) -> bool:
    return bool(cell["source"].strip()) and SKIPPED not in _tags(cell)


def _tags(cell: Any) -> list[str]:
    tags = cell.get("metadata", {}).get("tags", [])
    return tags if isinstance(tags, list) else []


def _unique(ids: Iterable[str]) -> list[str]:
    """A copied cell may have the id of the one that it was copied from."""
    found: list[str] = []
    for id in ids:
        found.append(id if id not in found else f"{id}-{len(found)}")
    return found
