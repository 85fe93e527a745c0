"""Limits on the work and memory that visitors can cause on the author's machine. SECURITY.md lists them.

Code reads them as `limits.NAME` at each use, so that a changed value applies from then on.
"""

from __future__ import annotations

MAX_VIEWERS = 200
"""Pages that may be open at a time, unless the author says otherwise; as many documents of apps."""
MAX_SEND_SLOTS = 8
"""Pages that are sent whole plots at a time."""

MAX_PENDING_CONNECTIONS = 400
"""Connections of who has not shown that they know the link; when one more comes, the oldest is closed."""
MAX_RESPONSES = 200
"""Answers at a time to who knows the link; when one more is asked for, the oldest is cut off."""
JOIN_RATE = 20.0
"""Pages a second that may begin to watch, after `JOIN_BURST`."""
JOIN_BURST = 400
"""Pages that may begin to watch at once, after a pause: all, when a kernel comes back."""
CLIENT_JOIN_RATE = 10.0
"""Of these, pages a second from one address, so that others come in beside it."""
CLIENT_JOIN_BURST = 200
"""Pages from one address at once, after a pause: all, where a proxy stands in front."""
IDLE_TIMEOUT = 10.0
"""Seconds that a visitor has for asking something, once connected; for a TLS handshake as much before."""
RESPONSE_TIMEOUT = 120.0
"""Seconds that a visitor has for taking an answer."""
MAX_RESPONSE_CHUNK_BYTES = 32_768
"""Bytes of an answer that are kept for a visitor who has not taken them yet."""
MAX_HEADER_BYTES = 65_536
"""Bytes of a request's headers: browsers send the cookies of all servers of a host to each of its ports."""
MAX_BODY_BYTES = 8192
"""Bytes of a request's body: nobody has reason to send more than a password."""
LISTEN_BACKLOG = 1024
"""Connections that the system queues until they are accepted; clients connect again when there are more."""
MAX_ACCEPTS_PER_ITERATION = 8
"""Connections that are accepted before the event loop does other work: the author's next cell, say."""
RESERVED_DESCRIPTORS = 32
"""Descriptors that are reserved for the author, to open files with, however many visitors connect."""
RESERVED_HTTP_DESCRIPTORS = 64
"""Descriptors that are reserved for visitors who ask for a file, however many viewers stay."""
ACCEPT_RETRY_DELAY = 1.0
"""Seconds after which connections are accepted again when there was no descriptor left."""

MAX_MESSAGE_BYTES = 1024
"""Bytes that a page's message may have; it sends less than a hundred."""
MESSAGE_BYTE_RATE = 256.0
"""Bytes a second that a page may send, after `MESSAGE_BYTE_BURST`; else it is closed."""
MESSAGE_BYTE_BURST = 16_384
"""Bytes that a page may send at once, after a pause: it asks for three hundred plots again."""
RESEND_RATE = 1.0
"""Plots a second that a page is given whole because it asks, after `RESEND_BURST`; else they come later."""
RESEND_BURST = 20
"""Plots that a page is given whole because it asks at once, after a pause."""
MAX_QUEUED_MESSAGES = 100
"""Short messages that wait for a viewer who is still being sent something; else the viewer is closed."""
MAX_OUTDATED_BYTES = 256_000_000
"""Bytes of former states that are kept for who is still being sent them; else the slowest is closed."""
PING_INTERVAL = 20.0
"""Seconds of silence after which a viewer is asked for a sign of life, and given one."""
PING_TIMEOUT = 60.0
"""Seconds in which some of a frame must have gone out, or a ping been answered; else the viewer is closed."""
CLOSE_HANDSHAKE_TIMEOUT = 1.0
"""Seconds that viewers have for taking a close frame."""

MAX_APP_MESSAGE_BYTES = 20_000_000
"""Bytes that a message of an app's viewer may have: a file that they upload, say."""
MAX_APP_MESSAGE_BUFFERS = 100
"""Arrays that a message of an app's viewer may have beside its text."""
MAX_APP_MESSAGE_VALUES = 1_000_000
"""Values that a message of an app's viewer may have: each takes many times the memory of its text."""
APP_VALUE_RATE = 200_000.0
"""Values a second that all viewers of apps may send in messages with many, after `MAX_APP_MESSAGE_VALUES`."""
MAX_APP_MESSAGE_DEPTH = 50
"""How deep the values of a message may be in one another."""
MAX_APP_MESSAGE_EVENTS = 1000
"""Changes that a message of an app's viewer may contain."""
MAX_APP_COSTLY_EVENTS = 100
"""Of these, changes of columns and of which models there are: they take the longest."""
MAX_APP_MESSAGE_MODELS = 100
"""Models that a message of an app's viewer may add."""
MAX_APP_PATTERN_LENGTH = 1000
"""Characters of what has a form, such as a colour: looking for the form can take the square of them."""
MAX_APP_PATTERN_VALUES = 10_000
"""Values of what has a form that a message may have: a colour takes 20 µs."""
MAX_APP_MESSAGE_KEYS = 1000
"""Numbers that a message may have as keys or in sets, which can be chosen to make both slow."""
APP_MESSAGE_RATE = 200
"""Messages of an app's viewer that are taken in a second; the rest waits. Moving a plot makes about 120."""
APP_MESSAGE_BURST = 1000
"""Messages of an app's viewer that are taken at once, when there were few for a while."""
MAX_APP_INCOMPLETE_BYTES = 100_000_000
"""Bytes of messages that are not yet complete, of all viewers of apps together."""
MAX_APP_DOCUMENT_BYTES = 200_000_000
"""Bytes that a document may hold of what its viewer sent, as they take in memory."""
MAX_APP_TOTAL_BYTES = 500_000_000
"""Bytes that all documents may hold of what viewers sent; the greediest ends."""
APP_COPIED_BYTES_PER_MESSAGE = 1_000_000
"""Bytes of columns copied for a viewer's changes that count for a message: each column once in a message."""
MAX_APP_YIELD_DELAY = 0.05
"""Seconds that the kernel's loop rests after work for an app's viewer; after short work only as long."""
MAX_APP_UNSENT_BYTES = 64_000_000
"""Bytes made for viewers of apps and not yet taken from which on documents wait: half for an address."""
MAX_APP_TOTAL_UNSENT_BYTES = 256_000_000
"""Bytes made and not yet taken, beside the largest, from which on those are closed who began first."""
MIN_APP_SEND_RATE = 20_000.0
"""Bytes a second that a viewer of an app must take while others wait: a phone on a bad line takes more."""
APP_SEND_RATE_INTERVAL = 10.0
"""Seconds over which that counts, as a phone may have no network for a moment."""
APP_PING_TIMEOUT = 60.0
"""Seconds after which an app's viewer is closed who takes nothing, asks for nothing, or answers no ping."""
CLIENT_APP_OPEN_RATE = 2.0
"""Documents of one app a second from one address, after `CLIENT_APP_OPEN_BURST`."""
CLIENT_APP_OPEN_BURST = 200
"""Documents of one app from one address at once, after a pause: all, where a proxy stands in front."""
APP_RECONNECT_TIMEOUT = 20.0
"""Seconds that a document waits for a viewer who was cut off; less when another needs the room."""

MISUSE_LOG_INTERVAL = 60.0
"""Seconds in which each kind of what visitors did wrong is logged once."""

MAX_WRONG_PASSWORDS = 5
"""Wrong passwords that an address may send within `WRONG_PASSWORD_TIMEOUT`."""
WRONG_PASSWORD_TIMEOUT = 60.0
"""Seconds after which a wrong password counts no more."""
MAX_TRACKED_CLIENTS = 1000
"""Client addresses tracked for rate limiting; the least recently seen is forgotten."""
MAX_PENDING_PASSWORD_CHECKS = 100
"""Passwords that may wait to be checked; of more, one of the client with the most wrong ones is refused."""
SESSION_TOKEN_LIFETIME = 7 * 24 * 3600.0
"""Seconds after which a viewer has to enter the password again."""
