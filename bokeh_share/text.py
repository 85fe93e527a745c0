"""Text for people, wherever it goes: it can always be encoded, and printing it never fails."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import TextIO

from .printable import printable

HALVES = re.compile("[\ud800-\udfff]")
"""Characters that no encoding has: halves of a pair, by which Python also names bytes that are no text."""


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
