"""What the terminal says while a notebook runs: a line per cell, and what the cell prints."""

from __future__ import annotations

import re
import shutil
from typing import TextIO

from ..text import printable, write

INDENT = "    "
COLOURS = re.compile(r"\x1b\[[\d;]*[A-Za-z]")


class Progress:
    """Writes to `out`, and what goes wrong to `err`.

    A cell has one line, rewritten in place on a terminal and written when it has ended elsewhere. Where
    it prints, that stands indented below a line that names the cell, and above the one that it ends with.
    """

    def __init__(self, out: TextIO, err: TextIO) -> None:
        self._out, self._err = out, err
        self._line = ""
        """Of the cell that runs; it stands on a terminal, unfinished, while `_open`."""
        self._open = self._named = False
        self._begun: dict[str, str] = {"stdout": "", "stderr": ""}
        """What was printed of a line that has not ended."""

    def begin(self, number: int, of: int, title: str) -> None:
        title = printable(title)
        room = max(10, shutil.get_terminal_size().columns - 24)
        self._line = f"[{number}/{of}] {title if len(title) <= room else title[: room - 1] + '…'} …"
        self._named = False
        if self._out.isatty():
            write(self._out, self._line)
            self._open = True

    def end(self, result: str) -> None:
        """The cell has ended, with this to be said of it."""
        for name in self._begun:
            self._print(name, "\n" if self._begun[name] else "")
        self._clear()
        self._write(self._out, f"{self._line} {result}\n")
        self._line = ""

    def output(self, name: str, text: str) -> None:
        """The kernel has printed `text` to `stdout` or `stderr`; whole lines are passed on."""
        if name in self._begun:
            self._print(name, text)

    def say(self, text: str, *, wrong: bool = False) -> None:
        """A line of our own."""
        self._clear()
        self._write(self._err if wrong else self._out, f"bokeh_share: {printable(text)}\n")

    def failed(self, traceback: str) -> None:
        self._write(self._err, _indented(traceback.splitlines()))

    def _print(self, name: str, text: str) -> None:
        *lines, self._begun[name] = (self._begun[name] + text).split("\n")
        if not lines:
            return
        if self._line and not self._named:
            self._clear()
            self._write(self._out, f"{self._line}\n")
            self._named = True
        # A bar of progress writes a line over and over; how it looks in the end is enough.
        last = [line.rstrip("\r").rpartition("\r")[2] for line in lines]
        self._write(self._err if name == "stderr" else self._out, _indented(last))

    def _clear(self) -> None:
        if self._open:
            write(self._out, "\r\x1b[K")
            self._open = False

    def _write(self, stream: TextIO, text: str) -> None:
        write(stream, text if stream.isatty() else COLOURS.sub("", text))


def _indented(lines: list[str]) -> str:
    return "".join(f"{INDENT}{line}\n" if line else "\n" for line in lines)
