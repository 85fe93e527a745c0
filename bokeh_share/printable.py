"""Texts of the author and of viewers, made safe for a line on a terminal, in a log or on the card."""

from __future__ import annotations

import traceback
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
