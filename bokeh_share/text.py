"""Text for people: safe in a line of a terminal, a log or the card, and always encodable."""

from __future__ import annotations

import os
import re
import sys
import traceback
from contextlib import suppress
from typing import TextIO
from unicodedata import category

INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of controls, of format characters such as those that turn the direction of text, of
halves of a character, and of line and paragraph separators."""
JOINERS = "\u200c\u200d"
"""Format characters that words of some languages and many emoji are written with."""
MAX_REASON_LENGTH = 300
"""Characters of what went wrong."""
MAX_TRACEBACK_LENGTH = 50_000
"""Characters of a traceback."""

SURROGATES = re.compile("[\ud800-\udfff]")
"""Characters that no encoding has: halves of a pair, by which Python also names bytes that are no text."""


def make_printable(text: str) -> str:
    """Return `text` as one line that is seen as it is: each run of white space becomes one space, and a
    character that is not seen becomes its escape sequence, as Python writes it.

    A title with a line break would forge a line, and one with an escape sequence would steer the terminal.
    """
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(map(_escape_invisible, line))


def shorten(text: str) -> str:
    """Return the beginning of `text` as `make_printable` does, `MAX_REASON_LENGTH` characters at most."""
    line = make_printable(text[: 2 * MAX_REASON_LENGTH])
    is_whole = len(text) <= 2 * MAX_REASON_LENGTH and len(line) <= MAX_REASON_LENGTH
    return line if is_whole else f"{line[:MAX_REASON_LENGTH]}…"


def sanitize_for_log(error: BaseException) -> BaseException:
    """Return the error as it is logged, into the author's cell where nobody reads logs: without what a viewer
    can put there, which may be megabytes, or steer a terminal. That is in its words, and those of its causes.
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
    """`text` with a replacement character for each that cannot be encoded."""
    return SURROGATES.sub("\ufffd", text)


def print_line(text: str, *, is_error: bool = False) -> None:
    """Print a line of ours as `make_printable` makes it, to stdout, or to stderr where something is
    `is_error`."""
    write_to_stream(sys.stderr if is_error else sys.stdout, f"bokeh_share: {make_printable(text)}\n")


def write_to_stream(stream: TextIO | None, text: str) -> None:
    """Write and flush, and ignore failures: a message must not end the share.

    There may be no stream, no reader, no room on the disk, or characters that its encoding lacks.
    """
    if stream is None:  # as in a program that was started without
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
        with suppress(OSError, ValueError):  # or Python complains when it ends, of what is left to be written
            with open(os.devnull, "wb") as devnull:
                os.dup2(devnull.fileno(), stream.fileno())
    except (OSError, ValueError):
        pass  # a full disk, or a stream that was closed: there is nowhere to say so


def format_quantity(number: int, noun: str) -> str:
    """Such as `1 plot` or `2 plots`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def format_size(size: int) -> str:
    """Format a number of bytes, such as `0.8 kB`, `46 kB` or `2.31 MB`."""
    if size >= 999_500:
        return f"{size / 1e6:.2f} MB"
    return f"{size / 1e3:.0f} kB" if size >= 9_950 else f"{size / 1e3:.1f} kB"
