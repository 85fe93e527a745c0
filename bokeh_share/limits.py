"""What visitors can make the author's machine do at most: sizes, rates and times. SECURITY.md lists them.

They are read when they are needed, as `limits.NAME`, so that another value counts at once.
"""

from __future__ import annotations

VIEWERS = 200
"""Pages that may be open at a time, unless the author says otherwise; as many documents of apps."""
PLOTS = 8
"""Pages that are sent whole plots at a time."""

IDLE = 10.0
"""Seconds that a visitor has for asking something, once connected."""
BODY = 1024
"""Bytes of a request's body: nobody has reason to send more than a password."""
BACKLOG = 128
"""Connections that are accepted before somebody else has a turn."""
SPARE = 32
"""Descriptors that are left to the author, to open files with, whoever knocks."""
SEATS = 64
"""Descriptors that are left for visitors who ask for a file, however many stay and watch."""
REST = 1.0
"""Seconds after which one tries again when there was no descriptor left."""

MESSAGE = 1024
"""Bytes that a page's message may have; it sends less than fifty."""
PING = 20.0
"""Seconds of silence after which a viewer is asked for a sign of life, and given one."""
STALLED = 60.0
"""Seconds in which some of a frame must have gone out, or a ping been answered; else the viewer is closed."""
GOODBYE = 1.0
"""Seconds that viewers have for taking a close frame."""

APP_MESSAGE = 20_000_000
"""Bytes that a message of an app's viewer may have: a file that they upload, say."""
APP_GRACE = 20.0
"""Seconds that a document waits for a viewer who was cut off."""

COMPLAINT = 60.0
"""Seconds in which each kind of what visitors did wrong is logged once."""
