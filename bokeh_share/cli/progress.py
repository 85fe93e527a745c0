"""Prints the progress of a notebook on the terminal: a line per cell, and the cell's output."""

from __future__ import annotations

import re
import shutil
from typing import TextIO

from ..text import make_printable, write_to_stream

OUTPUT_INDENT = "    "
ANSI_ESCAPE_PATTERN = re.compile(r"\x1b\[[\d;]*[A-Za-z]")


class Progress:
    """Writes to `out`, and errors to `err`.

    Each cell has one line. A terminal shows it at once and updates it in place; other outputs get it when the
    cell has ended. Output of the cell is indented, between a line with the cell's name and its last line.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out, self._err = out, err
        self._line = ""
        """The line of the running cell. A terminal shows it, unfinished, while `_is_line_open`."""
        self._is_line_open = self._is_title_written = False
        self._partial_lines: dict[str, str] = {"stdout": "", "stderr": ""}
        """The printed part of an unfinished line."""

    def start_cell(self, number: int, total: int, title: str) -> None:
        title = make_printable(title)
        max_length = max(10, shutil.get_terminal_size().columns - 24)
        self._line = (
            f"[{number}/{total}] {title if len(title) <= max_length else title[: max_length - 1] + '…'} …"
        )
        self._is_title_written = False
        if self._out.isatty():
            write_to_stream(self._out, self._line)
            self._is_line_open = True

    def finish_cell(self, result: str) -> None:
        """Complete the line of the cell that has ended with `result`."""
        for name in self._partial_lines:
            self._write_lines(name, "\n" if self._partial_lines[name] else "")
        self._clear_line()
        self._write_text(self._out, f"{self._line} {result}\n")
        self._line = ""

    def write_output(self, name: str, text: str) -> None:
        """Print `text` of the kernel's `stdout` or `stderr`; whole lines are passed on."""
        if name in self._partial_lines:
            self._write_lines(name, text)

    def say(self, text: str, *, is_error: bool = False) -> None:
        """Print a line of the command line's own."""
        self._clear_line()
        self._write_text(self._err if is_error else self._out, f"bokeh_share: {make_printable(text)}\n")

    def write_traceback(self, traceback: str) -> None:
        self._write_text(self._err, _indent_lines(traceback.splitlines()))

    def _write_lines(self, name: str, text: str) -> None:
        *lines, self._partial_lines[name] = (self._partial_lines[name] + text).split("\n")
        if not lines:
            return
        if self._line and not self._is_title_written:
            self._clear_line()
            self._write_text(self._out, f"{self._line}\n")
            self._is_title_written = True
        # A progress bar rewrites its line many times; only the last version is printed.
        final_lines = [line.rstrip("\r").rpartition("\r")[2] for line in lines]
        self._write_text(self._err if name == "stderr" else self._out, _indent_lines(final_lines))

    def _clear_line(self) -> None:
        if self._is_line_open:
            write_to_stream(self._out, "\r\x1b[K")
            self._is_line_open = False

    def _write_text(self, stream: TextIO, text: str) -> None:
        write_to_stream(stream, text if stream.isatty() else ANSI_ESCAPE_PATTERN.sub("", text))


def _indent_lines(lines: list[str]) -> str:
    return "".join(f"{OUTPUT_INDENT}{line}\n" if line else "\n" for line in lines)
