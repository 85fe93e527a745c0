"""Formats the tables of docs/performance.md, and writes them there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from benchmarks.result import Table

BEGIN = "<!-- bench -->"
END = "<!-- bench ends -->"
RELAY_MARKERS = "<!-- bench of relays -->", "<!-- bench of relays ends -->"


def markdown(tables: Iterable[Table], note: str = "") -> str:
    """`note`, and the tables one below the other."""
    return "\n\n".join(filter(None, [note, *map(_one, tables)]))


def between_markers(text: str, new: str, markers: tuple[str, str] = (BEGIN, END)) -> str:
    """Return `text` with `new` between its markers, not the former text. Raises ValueError without them."""
    before, begin, rest = text.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not begin or not end:
        raise ValueError(f"nowhere to write to: the text has no {markers[0]} … {markers[1]}")
    return f"{before}{begin}\n{new}\n{end}{after}"


def write(path: Path, new: str, markers: tuple[str, str] = (BEGIN, END)) -> None:
    path.write_text(between_markers(path.read_text(encoding="utf-8"), new, markers), encoding="utf-8")


def _one(table: Table) -> str:
    lines = [table.head, ("---",) * len(table.head), *(row.cells() for row in table.rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
