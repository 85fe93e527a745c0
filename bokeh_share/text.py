"""Makes text safe for a line of a terminal, a log or the card, and always encodable."""

from __future__ import annotations

import os
import re
import sys
import traceback
from contextlib import suppress
from typing import TextIO
from unicodedata import category

INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of control characters, format characters (such as those that change the direction of
text), surrogates, and line and paragraph separators."""
JOINERS = "\u200c\u200d"
"""Format characters that some languages and many emoji need."""
MAX_REASON_LENGTH = 300
"""Maximum number of characters of an error's reason."""
MAX_TRACEBACK_LENGTH = 50_000
"""Maximum number of characters of a traceback."""

SURROGATES = re.compile("[\ud800-\udfff]")
"""Surrogates, which cannot be encoded. Python also uses them for bytes that are not text."""


def make_printable(text: str) -> str:
    """Return `text` as one line of visible characters: each run of white space becomes one space, and each
    invisible character its Python escape sequence.

    Otherwise a title with a line break could forge a line, and an escape sequence could control the terminal.
    """
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(map(_escape_invisible, line))


def shorten(text: str) -> str:
    """Return the beginning of `text` as `make_printable` does, `MAX_REASON_LENGTH` characters at most."""
    line = make_printable(text[: 2 * MAX_REASON_LENGTH])
    is_whole = len(text) <= 2 * MAX_REASON_LENGTH and len(line) <= MAX_REASON_LENGTH
    return line if is_whole else f"{line[:MAX_REASON_LENGTH]}…"


def sanitize_for_log(error: BaseException) -> BaseException:
    """Return the error for a log, which may appear in the author's cell.

    If its text, or that of its causes, is too long or has control characters, return a short error instead: a
    viewer may have sent that text.
    """
    formatted = "".join(traceback.format_exception(error))
    if len(formatted) <= MAX_TRACEBACK_LENGTH and all(
        character == "\n" or _escape_invisible(character) == character for character in formatted
    ):
        return error
    return Exception(shorten(f"{type(error).__name__}: {error}")).with_traceback(error.__traceback__)


def _escape_invisible(character: str) -> str:
    return (
        repr(character)[1:-1]
        if category(character) in INVISIBLE_CATEGORIES and character not in JOINERS
        else character
    )


def make_encodable(text: str) -> str:
    """Return `text` with a replacement character for each that cannot be encoded."""
    return SURROGATES.sub("\ufffd", text)


def print_line(text: str, *, is_error: bool = False) -> None:
    """Print a line by `make_printable` to stdout, or to stderr if it is an error."""
    write_to_stream(sys.stderr if is_error else sys.stdout, f"bokeh_share: {make_printable(text)}\n")


def write_to_stream(stream: TextIO | None, text: str) -> None:
    """Write and flush, and ignore failures: a message must not end the share.

    There may be no stream, no reader, no disk space, or no such characters in the stream's encoding.
    """
    if stream is None:  # in programs that start without one
        return
    text = make_encodable(text)
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # otherwise Python reports unwritten data at its end
            with open(os.devnull, "wb") as devnull:
                os.dup2(devnull.fileno(), stream.fileno())
    except (OSError, ValueError):
        pass  # the disk is full or the stream is closed: no message is possible


def format_quantity(number: int, noun: str) -> str:
    """Format a quantity, such as `1 plot` or `2 plots`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
