"""Close codes of websockets: those of RFC 6455, and private ones, which the page's scripts also know."""

from __future__ import annotations

from enum import IntEnum


class CloseCode(IntEnum):
    """The code in a close frame. Codes from 4000 on are for private use (RFC 6455, 7.4.2)."""

    NORMAL = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    INVALID_DATA = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    SERVICE_RESTART = 1012
    """The relay ends or restarts; the viewer connects again, perhaps to another one."""

    SHARE_ENDED = 4000
    """The author stopped the share or revoked the link. Its address is invalid now."""
    SHARE_MOVED = 4001
    """The share moved to another address, which a `moved` message named."""
    TOO_SLOW = 4002
    """The viewer received too slowly; it may connect again."""
    TOO_MANY_VIEWERS = 4003
    """The maximum number of viewers is reached; it may connect again."""
    DOCUMENT_OUTDATED = 4004
    """An app changed such that its open documents could not be updated; open it again."""
    CONNECTION_REPLACED = 4005
    """The same app document is shown over another connection."""
    PASSWORD_REQUIRED = 4006
    """The viewer has to give the password first."""
    MEMORY_EXCEEDED = 4007
    """An app's document holds more of what its viewer sent than is allowed."""
    SENT_AWAY = 4008
    """The author closed this page, which does not connect again by itself."""
