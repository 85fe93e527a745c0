"""Limits on the work and memory that visitors can cause on the author's machine. SECURITY.md lists them.

Code reads them as `limits.NAME` at each use, so that a changed value applies from then on.
"""

from __future__ import annotations

MAX_VIEWERS = 200
"""Maximum number of open pages, unless the author sets another; and of open app documents."""
MAX_SEND_SLOTS = 8
"""Maximum number of pages that receive whole plots at the same time."""

MAX_PENDING_CONNECTIONS = 400
"""Maximum number of connections that have not sent the link yet; one more closes the oldest."""
MAX_RESPONSES = 200
"""Maximum number of responses in progress to clients with the link; one more closes the oldest."""
JOIN_RATE = 20.0
"""New pages per second, after `JOIN_BURST`."""
JOIN_BURST = 400
"""New pages at once, after a pause: enough for all viewers when a kernel comes back."""
CLIENT_JOIN_RATE = 10.0
"""New pages per second from one IP address, so that one address cannot use up `JOIN_RATE`."""
CLIENT_JOIN_BURST = 200
"""New pages at once from one IP address, after a pause: all viewers, if they come through a proxy."""
IDLE_TIMEOUT = 10.0
"""Seconds within which a client must send its request; the TLS handshake before has as many."""
RESPONSE_TIMEOUT = 120.0
"""Seconds within which a client must receive a response."""
MAX_RESPONSE_CHUNK_BYTES = 32_768
"""Bytes of a response that are buffered for a client that has not received them yet."""
MAX_HEADER_BYTES = 65_536
"""Bytes of a request's headers. Browsers send the cookies of all ports of a host to each port."""
MAX_BODY_BYTES = 8192
"""Bytes of a request's body. The longest valid one is a password."""
LISTEN_BACKLOG = 1024
"""Connections that the system queues until they are accepted; further clients have to retry."""
MAX_ACCEPTS_PER_ITERATION = 8
"""Connections accepted before the event loop does other work, such as the author's next cell."""
RESERVED_DESCRIPTORS = 32
"""File descriptors reserved for the author's files, however many visitors connect."""
RESERVED_HTTP_DESCRIPTORS = 64
"""File descriptors reserved for HTTP requests, however many viewers stay connected."""
ACCEPT_RETRY_DELAY = 1.0
"""Seconds until connections are accepted again after the descriptors ran out."""

MAX_FIRST_LENGTH = 200
"""Maximum length of the plot's id, name or anchor that a page wants first; a longer one is ignored."""
MAX_MESSAGE_BYTES = 1024
"""Maximum size of a page's message; the page's own messages have less than a hundred bytes."""
MESSAGE_BYTE_RATE = 256.0
"""Bytes per second that a page may send, after `MESSAGE_BYTE_BURST`; more closes its connection."""
MESSAGE_BYTE_BURST = 16_384
"""Bytes that a page may send at once, after a pause: requests for three hundred plots."""
RESEND_RATE = 1.0
"""Whole plots per second that a page may request, after `RESEND_BURST`; more are delayed."""
RESEND_BURST = 20
"""Whole plots that a page may request at once, after a pause."""
MAX_QUEUED_MESSAGES = 100
"""Short messages queued for a viewer that is still receiving; one more closes its connection."""
MAX_OUTDATED_BYTES = 256_000_000
"""Bytes of earlier states kept while viewers still receive them; more closes the slowest viewer."""
PING_INTERVAL = 20.0
"""Seconds of silence after which a viewer receives a ping and a heartbeat."""
PING_TIMEOUT = 60.0
"""Seconds without progress of a frame or an answer to a ping after which a viewer is closed."""
CLOSE_HANDSHAKE_TIMEOUT = 1.0
"""Seconds within which a viewer must receive a close frame."""

MAX_APP_MESSAGE_BYTES = 20_000_000
"""Maximum size of a message from an app's viewer, such as an uploaded file."""
MAX_APP_MESSAGE_BUFFERS = 100
"""Maximum number of binary arrays in a message from an app's viewer."""
MAX_APP_MESSAGE_VALUES = 1_000_000
"""Maximum number of values in a message: each takes many times the memory of its text."""
APP_VALUE_RATE = 200_000.0
"""Values per second from all apps' viewers in large messages, after `MAX_APP_MESSAGE_VALUES`."""
MAX_APP_MESSAGE_DEPTH = 50
"""Maximum depth of nested values in a message."""
MAX_APP_MESSAGE_EVENTS = 1000
"""Maximum number of changes in a message."""
MAX_APP_COSTLY_EVENTS = 100
"""Maximum number of changes of columns, or of the set of models, in a message: the slowest kinds."""
MAX_APP_MESSAGE_MODELS = 100
"""Maximum number of models that a message may add."""
MAX_APP_PATTERN_LENGTH = 1000
"""Maximum length of a text with a format, such as a colour: matching it can take quadratic time."""
MAX_APP_PATTERN_VALUES = 10_000
"""Maximum number of texts with a format in a message: checking a colour takes 20 µs."""
MAX_APP_MESSAGE_KEYS = 1000
"""Maximum number of numeric keys and set members in a message, which can be chosen to collide."""
APP_MESSAGE_RATE = 200
"""Messages read per second from an app's viewer; the rest waits. Dragging a plot makes about 120."""
APP_MESSAGE_BURST = 1000
"""Messages read at once from an app's viewer, after a pause."""
MAX_APP_INCOMPLETE_BYTES = 100_000_000
"""Maximum size of incomplete messages, of all apps' viewers together."""
MAX_APP_DOCUMENT_BYTES = 200_000_000
"""Maximum memory for what its viewer sent to one document."""
MAX_APP_TOTAL_BYTES = 500_000_000
"""Maximum memory for what viewers sent to all documents; more ends the largest document."""
APP_COPIED_BYTES_PER_MESSAGE = 1_000_000
"""Bytes of copied columns that count as one message; a message copies a column once at most."""
MAX_APP_YIELD_DELAY = 0.05
"""Maximum pause after work for an app's viewer, in seconds; after shorter work, as long as the work."""
MAX_APP_UNSENT_BYTES = 64_000_000
"""Unsent bytes above which new app documents wait; one IP address may use half of them."""
MAX_APP_TOTAL_UNSENT_BYTES = 256_000_000
"""Unsent bytes, besides the largest document, above which the oldest transfers are closed."""
MIN_APP_SEND_RATE = 20_000.0
"""Bytes per second that an app's viewer must receive while others wait; a slow phone takes more."""
APP_SEND_RATE_INTERVAL = 10.0
"""Seconds over which that rate is measured, since a phone may lose its network for a moment."""
APP_PING_TIMEOUT = 60.0
"""Seconds without receiving, requesting or answering a ping after which an app's viewer is closed."""
CLIENT_APP_OPEN_RATE = 2.0
"""Documents of one app per second from one IP address, after `CLIENT_APP_OPEN_BURST`."""
CLIENT_APP_OPEN_BURST = 200
"""Documents of one app at once from one IP address, after a pause: all, if they come through a proxy."""
APP_RECONNECT_TIMEOUT = 20.0
"""Seconds that a document waits for a disconnected viewer; less if others need its place."""

AUTHOR_CODE_LIFETIME = 120.0
"""Seconds within which the code of the author's link must be used."""
MAX_AUTHOR_SESSIONS = 20
"""Maximum number of unused codes, and of cookies, for the author's own pages; the oldest ones end."""
MAX_AUTHOR_PAGES = 20
"""Maximum number of open pages of the author, besides those of viewers."""
MAX_AUTHOR_MESSAGE_BYTES = 65_536
"""Maximum size of a message from the author's page."""
AUTHOR_MESSAGE_BYTE_RATE = 131_072.0
"""Bytes per second that the author's page may send, after twice as many; more closes its connection."""
MAX_QUEUED_COMMANDS = 20
"""Maximum number of commands of the author's pages that wait until the running cell ends."""
PRESENTATION_INTERVAL = 0.1
"""Minimum number of seconds between two changes of the presented view that viewers are sent."""
PRESENTATION_TIMEOUT = 600.0
"""Seconds without a change of the author's view after which presenting ends."""
MAX_PRESENTED_VIEWS = 200
"""Maximum number of plots whose presented view is kept for viewers who come later."""
MAX_PINS = 50
"""Maximum number of pins on all plots."""
POINTING_RATE = 1.0
"""Times per second that a viewer may point at something with `--pointing`, after `POINTING_BURST`."""
POINTING_BURST = 5
"""Times that a viewer may point at something at once, after a pause; others are ignored."""
MAX_POINTING_VIEWERS = 50
"""Maximum number of viewers who point at something at a time; one more replaces the oldest."""

MISUSE_LOG_INTERVAL = 60.0
"""Seconds within which each kind of misuse is logged once."""

MAX_WRONG_PASSWORDS = 5
"""Wrong passwords accepted from one IP address within `WRONG_PASSWORD_TIMEOUT`."""
WRONG_PASSWORD_TIMEOUT = 60.0
"""Seconds until a wrong password no longer counts."""
MAX_TRACKED_CLIENTS = 1000
"""Client addresses tracked for rate limiting; the least recently seen is forgotten."""
MAX_PENDING_PASSWORD_CHECKS = 100
"""Passwords waiting to be checked; one more refuses one from the client with the most wrong ones."""
SESSION_TOKEN_LIFETIME = 7 * 24 * 3600.0
"""Seconds after which a viewer has to enter the password again."""
