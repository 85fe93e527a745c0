"""Makes text safe for a line of a terminal, a log or the card, and always encodable."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from types import FrameType, TracebackType
from typing import TextIO
from unicodedata import category

INVISIBLE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode categories of control characters, format characters (such as those that change the direction of
text), surrogates, and line and paragraph separators."""
JOINERS = "\u200c\u200d"
"""Format characters that some languages and many emoji need."""
MAX_MESSAGE_LENGTH = 2000
"""Maximum number of characters of an error's message, whatever paths and names are in it."""
MAX_REASON_LENGTH = 300
"""Maximum number of characters of an error's reason."""
MAX_VALUE_LENGTH = 100
"""Maximum number of characters of a value in a message."""
MAX_TRACEBACK_LENGTH = 50_000
"""Maximum number of characters of a traceback."""

PACKAGES_FOLDER = re.compile(r"[/\\](?:site|dist)-packages[/\\]")
"""A folder with installed packages, in the path of a file."""
URL_PASSWORD = re.compile(r"(\w://[^\s/:@]*:)[^\s/]+(?=@)")
"""The password in a URL, such as that of a broker, and the text before it."""
MAX_SEARCHED_LENGTH = 10_000
"""Maximum number of characters in which passwords are looked for; more are never shown."""
SURROGATES = re.compile("[\ud800-\udfff]")
"""Surrogates, which cannot be encoded. Python also uses them for bytes that are not text."""


def make_printable(text: str) -> str:
    """Return `text` as one line of visible characters: each run of white space becomes one space, and each
    invisible character its Python escape sequence.

    Otherwise a title with a line break could forge a line, and an escape sequence could control the terminal.
    """
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(map(_escape_invisible, line))


def shorten(text: str, max_length: int = MAX_REASON_LENGTH) -> str:
    """Return the beginning of `text` as `make_printable` does, without passwords of URLs, `max_length`
    characters at most."""
    text = hide_passwords(text)
    line = make_printable(text[: 2 * max_length])
    is_whole = len(text) <= 2 * max_length and len(line) <= max_length
    return line if is_whole else f"{line[:max_length]}…"


def shorten_value(value: object, max_length: int = MAX_VALUE_LENGTH) -> str:
    """Return the beginning of the `repr` of an author's or a visitor's value, which may be large or fail."""
    with suppress(Exception):
        text = repr(hide_passwords(value)[: 2 * max_length] if isinstance(value, str) else value)
        return shorten(text, max_length) if len(text) > max_length else text
    return f"an object of type {type(value).__qualname__!r}"


def hide_passwords(text: str) -> str:
    """Return the beginning of `text`, in which the passwords of URLs are `***`."""
    return URL_PASSWORD.sub(r"\1***", text[:MAX_SEARCHED_LENGTH])


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


def render_author_traceback(error: BaseException) -> list[str]:
    """Return the lines of IPython's traceback of `error`, up to the last line of the author's code.

    Frames of this package are left out. The error that it was raised from is shown if the author's code
    raised that.
    """
    cause = error.__cause__
    is_by_author = cause is not None and any(
        _is_author_frame(each.tb_frame) for each in _list_entries(cause.__traceback__)
    )
    shell = sys.modules["IPython"].get_ipython()  # which has called, so it is imported
    lines: list[str] = []
    for each in (cause, error) if is_by_author else (error,):
        stand_in = Exception(str(each))  # without a cause, which would be shown as well
        trace = _trim_to_author(each.__traceback__) if each is not None else None
        lines += shell.InteractiveTB.structured_traceback(type(each), stand_in, trace)
    return lines


def _trim_to_author(trace: TracebackType | None) -> TracebackType | None:
    """Return the traceback without frames of ours, and without those after the author's last frame."""
    entries = [*_list_entries(trace)]
    last = max((index for index, each in enumerate(entries) if _is_author_frame(each.tb_frame)), default=None)
    if last is None:
        return trace
    trimmed = None
    for each in reversed(entries[: last + 1]):
        if not _is_own_frame(each.tb_frame):
            trimmed = TracebackType(trimmed, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return trimmed


def _list_entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _is_own_frame(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__")).partition(".")[0] == __name__.partition(".")[0]


def _is_author_frame(frame: FrameType) -> bool:
    """Return true for code that is neither ours nor of an installed package."""
    file = frame.f_code.co_filename
    is_installed = file.startswith((sysconfig.get_path("stdlib"), "<frozen")) or PACKAGES_FOLDER.search(file)
    return not (_is_own_frame(frame) or is_installed)


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


def format_words(words: Sequence[str], conjunction: str) -> str:
    """Such as `a, b and c`, where the conjunction is `and`."""
    *first, last = words
    return f"{', '.join(first)} {conjunction} {last}" if first else last


def format_quantity(number: int, noun: str) -> str:
    """Format a quantity, such as `1 plot` or `2 plots`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def format_size(size: int) -> str:
    """Format a number of bytes, such as `0.8 kB`, `46 kB` or `2.31 MB`."""
    if size >= 999_500:
        return f"{size / 1e6:.2f} MB"
    return f"{size / 1e3:.0f} kB" if size >= 9_950 else f"{size / 1e3:.1f} kB"


def format_clock_time(milliseconds: int) -> str:
    """Format a time in milliseconds since 1970, UTC, as the local time of day, such as `14:05:09`."""
    return time.strftime("%H:%M:%S", time.localtime(milliseconds / 1000))
