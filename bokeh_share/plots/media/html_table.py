"""Rebuilds a table from the HTML by which a data frame is displayed: its texts, spans and colours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from .cell_styles import read_style, read_style_sheet
from .html_tokens import MAX_HTML_BYTES, Token, read_attributes, tokenize_html
from .media_snapshot import TABLE_MEDIA_TYPE, MediaSnapshot

MAX_TABLE_ROWS = 500
"""Maximum number of rows of a table on a page."""
MAX_TABLE_COLUMNS = 60
"""Maximum number of its columns."""
MAX_CELL_LENGTH = 1000
"""Maximum number of characters of a cell; the rest is left out."""
MAX_NOTE_LENGTH = 500
TABLE_ROW_HEIGHT = 29.0
"""Approximate number of pixels of a row."""
ROW_PATTERN = re.compile(r"<tr[\s>]", re.IGNORECASE)
CELL_TAGS = ("td", "th")


def build_table_snapshot(source: str) -> MediaSnapshot:
    """Build the snapshot of the table in HTML. Raises `ValueError` if there is none, or not one alone."""
    if len(source) > MAX_HTML_BYTES:
        raise ValueError(
            f"its HTML has {len(source) / 1e6:,.1f} MB and the limit is {MAX_HTML_BYTES / 1e6:,.0f} MB"
        )
    reader = _TableReader()
    for token in tokenize_html(source):
        reader.read(token)
        if reader.is_full:
            break
    return reader.build_snapshot(len(ROW_PATTERN.findall(source)) if reader.is_full else 0)


def build_table_note(rows: int, all_rows: int, columns: int, all_columns: int) -> str:
    """Say which part of a table is shown, such as `the first 500 of 9,000 rows`; empty for all of it."""
    parts = [
        f"the first {shown:,} of {number:,} {noun}"
        for shown, number, noun in ((rows, all_rows, "rows"), (columns, all_columns, "columns"))
        if shown < number
    ]
    return " and ".join(parts)


class _TableReader:
    """Collects the rows of the first table, and the texts beside it."""

    def __init__(self) -> None:
        self._sections: dict[str, list[list[Any]]] = {"head": [], "body": [], "foot": []}
        self._section = "body"
        self._styles: dict[str, dict[str, str | bool]] = {}
        self._caption: list[str] = []
        self._notes: list[str] = []
        self._depth = 0
        """The number of tables around."""
        self._is_in_caption = False
        self._cell: tuple[str, Mapping[str, str]] | None = None
        self._cell_texts: list[str] = []
        self._column_count = 0
        """The number of columns of the widest row, with those that are left out."""

    @property
    def is_full(self) -> bool:
        return len(self._sections["body"]) > MAX_TABLE_ROWS or len(self._sections["head"]) > MAX_TABLE_ROWS

    def read(self, token: Token) -> None:
        if token.tag == "":
            self._read_text(token.text)
        elif token.tag == "style":
            self._styles.update(read_style_sheet(token.text))
        elif token.tag == "table":
            if self._depth <= 1 and token.is_end:
                self._finish_cell()
            self._depth = max(0, self._depth - 1) if token.is_end else self._depth + 1
        elif self._depth != 1:
            self._cell_texts.append(" ")
        elif token.tag in ("thead", "tbody", "tfoot"):
            self._finish_cell()
            self._section = "body" if token.is_end else token.tag[1:]
        elif token.tag == "caption":
            self._is_in_caption = not token.is_end
        elif token.tag == "tr":
            self._finish_cell()
            if not token.is_end:
                self._sections[self._section].append([])
        elif token.tag in CELL_TAGS:
            self._finish_cell()
            if not token.is_end:
                self._cell, self._cell_texts = (token.tag, read_attributes(token.text)), []
        elif token.tag in ("br", "p", "div", "li"):
            self._cell_texts.append(" ")

    def _read_text(self, text: str) -> None:
        if self._cell is not None:
            self._cell_texts.append(text)
        elif self._is_in_caption:
            self._caption.append(text)
        elif self._depth == 0 and text.strip():
            self._notes.append(" ".join(text.split()))

    def _finish_cell(self) -> None:
        if self._cell is None or self._depth != 1:
            return
        (tag, attributes), self._cell = self._cell, None
        rows = self._sections[self._section]
        if not rows:
            rows.append([])
        text = " ".join("".join(self._cell_texts).split())
        details = self._build_details(tag, attributes)
        row = rows[-1]
        row.append(
            [text[:MAX_CELL_LENGTH] + "…" * (len(text) > MAX_CELL_LENGTH), details]
            if details
            else text[:MAX_CELL_LENGTH] + "…" * (len(text) > MAX_CELL_LENGTH)
        )

    def _build_details(self, tag: str, attributes: Mapping[str, str]) -> dict[str, Any]:
        details: dict[str, Any] = {**self._styles.get(attributes.get("id", ""), {})}
        details |= read_style(attributes.get("style", ""))
        if "align" not in details:
            details |= read_style(f"text-align: {attributes.get('align', '')}")
        if tag == "th":
            details["header"] = True
        for name in ("colspan", "rowspan"):
            number = attributes.get(name, "")
            if number.isascii() and number.isdigit() and len(number) < 5 and int(number) > 1:
                details[name] = int(number)
        return details

    def build_snapshot(self, all_rows: int) -> MediaSnapshot:
        """Build the snapshot; `all_rows` is the number of rows in the HTML, if not all were read."""
        self._finish_cell()
        sections = {name: [row for row in rows if row] for name, rows in self._sections.items()}
        if not any(sections.values()):
            raise ValueError("it has no rows")
        for name, rows in sections.items():
            sections[name] = [self._limit_columns(row) for row in rows[:MAX_TABLE_ROWS]]
        columns = min(self._column_count, MAX_TABLE_COLUMNS)
        body_rows = max(len(self._sections["body"]), all_rows - len(sections["head"]))
        note = build_table_note(len(sections["body"]), body_rows, columns, self._column_count)
        caption = " ".join("".join(self._caption).split())[:MAX_NOTE_LENGTH]
        notes = [each for each in ("; ".join(self._notes)[:MAX_NOTE_LENGTH], note) if each]
        table = {"caption": caption, "notes": notes, **sections}
        data = json.dumps(table, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
        row_count = sum(map(len, sections.values())) + len(notes) + bool(caption)
        return MediaSnapshot(
            kind="table",
            media_type=TABLE_MEDIA_TYPE,
            data=data,
            height=TABLE_ROW_HEIGHT * row_count,
            title=caption,
            noun="table",
        )

    def _limit_columns(self, row: list[Any]) -> list[Any]:
        """Return the cells of the first columns, the last one with as many as are left of its span."""
        limited: list[Any] = []
        width = 0
        for cell in row:
            span = cell[1].get("colspan", 1) if isinstance(cell, list) else 1
            if width < MAX_TABLE_COLUMNS:
                room = MAX_TABLE_COLUMNS - width
                limited.append([cell[0], {**cell[1], "colspan": room}] if span > room else cell)
            width += span
        self._column_count = max(self._column_count, width)
        return limited
