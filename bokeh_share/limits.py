"""What visitors can make the author's machine do at most: sizes, rates and times. SECURITY.md lists them.

They are read when they are needed, as `limits.NAME`, so that another value counts at once.
"""

from __future__ import annotations

VIEWERS = 200
"""Pages that may be open at a time, unless the author says otherwise; as many documents of apps."""
PLOTS = 8
"""Pages that are sent whole plots at a time."""

CONNECTIONS = 400
"""Connections of who was not answered yet; when one more comes, the oldest is closed."""
JOINS = 20.0
"""Pages a second that may begin to watch, after `JOINS_AT_ONCE`."""
JOINS_AT_ONCE = 400
"""Pages that may begin to watch at once, after a pause: all, when a kernel comes back."""
IDLE = 10.0
"""Seconds that a visitor has for asking something, once connected."""
ANSWER = 120.0
"""Seconds that a visitor has for taking an answer."""
HEADERS = 16_384
"""Bytes of a request's headers."""
BODY = 8192
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
MESSAGES = 4096.0
"""Bytes a second that a page may send, after `MESSAGES_AT_ONCE`; else it is closed."""
MESSAGES_AT_ONCE = 65_536
"""Bytes that a page may send at once, after a pause."""
PING = 20.0
"""Seconds of silence after which a viewer is asked for a sign of life, and given one."""
STALLED = 60.0
"""Seconds in which some of a frame must have gone out, or a ping been answered; else the viewer is closed."""
GOODBYE = 1.0
"""Seconds that viewers have for taking a close frame."""

APP_MESSAGE = 20_000_000
"""Bytes that a message of an app's viewer may have: a file that they upload, say."""
APP_BUFFERS = 100
"""Arrays that a message of an app's viewer may have beside its text."""
APP_VALUES = 1_000_000
"""Values that a message of an app's viewer may have: each takes many times the memory of its text."""
APP_DEPTH = 50
"""How deep the values of a message may be in one another."""
APP_EVENTS = 1000
"""Changes that a message of an app's viewer may tell of."""
APP_MODELS = 100
"""Models that a message of an app's viewer may add."""
APP_TEXT = 1000
"""Characters of what has a form, such as a colour: looking for the form can take the square of them."""
APP_KEYS = 1000
"""Numbers that a message may have as keys or in sets, which can be chosen to make both slow."""
APP_RATE = 200
"""Messages of an app's viewer that are taken in a second; the rest waits. Moving a plot makes about 120."""
APP_BURST = 1000
"""Messages of an app's viewer that are taken at once, when there were few for a while."""
APP_PARTS = 100_000_000
"""Bytes of messages that are not yet complete, of all viewers of apps together."""
APP_HELD = 200_000_000
"""Bytes that a document may hold of what its viewer sent, as they take in memory."""
APP_HELD_ALL = 500_000_000
"""Bytes that all documents may hold of what viewers sent; the greediest ends."""
APP_STALLED = 60.0
"""Seconds after which an app's viewer is closed who takes nothing, or does not answer a ping."""
APP_GRACE = 20.0
"""Seconds that a document waits for a viewer who was cut off; less when another needs the room."""

COMPLAINT = 60.0
"""Seconds in which each kind of what visitors did wrong is logged once."""

TRIES = 5
"""Wrong passwords that an address may send within `TRIES_WITHIN`."""
TRIES_WITHIN = 60.0
"""Seconds after which a wrong password counts no more."""
TRIERS = 1000
"""Addresses whose wrong passwords are counted, those that tried last."""
CHECKS = 20
"""Passwords that may wait to be checked, one after the other."""
TICKET = 7 * 24 * 3600.0
"""Seconds after which who gave the password has to give it again."""
