"""Text for people: safe in a line of a terminal, a log or the card, and always encodable."""

from __future__ import annotations

import os
import re
import sys
import traceback
from contextlib import suppress
from typing import TextIO
from unicodedata import category

UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's categories of controls, of format characters such as those that turn the direction of text, of
halves of a character, and of line and paragraph separators."""
JOINERS = "\u200c\u200d"
"""Format characters that words of some languages and many emoji are written with."""
WORDS = 300
"""Characters of what went wrong."""
LOGGED = 50_000
"""Characters of a traceback."""

HALVES = re.compile("[\ud800-\udfff]")
"""Characters that no encoding has: halves of a pair, by which Python also names bytes that are no text."""


def printable(text: str) -> str:
    """Return `text` as one line that is seen as it is: each run of white space becomes one space, and a
    character that is not seen becomes its escape sequence, as Python writes it.

    A title with a line break would forge a line, and one with an escape sequence would steer the terminal.
    """
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(map(_seen, line))


def shortened(text: str) -> str:
    """Return the beginning of `text` as `printable` does, `WORDS` characters at most."""
    line = printable(text[: 2 * WORDS])
    is_whole = len(text) <= 2 * WORDS and len(line) <= WORDS
    return line if is_whole else f"{line[:WORDS]}…"


def for_log(error: BaseException) -> BaseException:
    """Return the error as it is logged, into the author's cell where nobody reads logs: without what a viewer
    can put there, which may be megabytes, or steer a terminal. That is in its words, and those of its causes.
    """
    said = "".join(traceback.format_exception(error))
    if len(said) <= LOGGED and all(letter == "\n" or _seen(letter) == letter for letter in said):
        return error
    return Exception(shortened(f"{type(error).__name__}: {error}")).with_traceback(error.__traceback__)


def _seen(letter: str) -> str:
    return repr(letter)[1:-1] if category(letter) in UNSEEN and letter not in JOINERS else letter


def encodable(text: str) -> str:
    """`text` with a replacement character for each that cannot be encoded."""
    return HALVES.sub("\ufffd", text)


def say(text: str, *, wrong: bool = False) -> None:
    """Print a line of ours as `printable` makes it, to stdout, or to stderr where something is `wrong`."""
    write(sys.stderr if wrong else sys.stdout, f"bokeh_share: {printable(text)}\n")


def write(stream: TextIO | None, text: str) -> None:
    """Write at once, as far as the stream takes it: what is said is never worth what is shared.

    There may be no stream, nobody who reads on, no room on the disk, or letters that it does not know.
    """
    if stream is None:  # as in a program that was started without
        return
    text = encodable(text)
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        with suppress(OSError, ValueError):  # or Python complains when it ends, of what is left to be written
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), stream.fileno())
    except (OSError, ValueError):
        pass  # a full disk, or a stream that was closed: there is nowhere to say so
