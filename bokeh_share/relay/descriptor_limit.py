"""Raises the number of files and sockets that a relay's process may open."""

from __future__ import annotations

from ..text import format_quantity

RESERVED_FOR_REQUESTS = 1000
"""Descriptors besides those of viewers: for requests, the broker, and files."""


def raise_descriptor_limit(max_viewers: int) -> str:
    """Raise the soft limit to what so many viewers need, if the system allows it. Return a note if it does
    not; else an empty text."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return ""
    needed = max_viewers + RESERVED_FOR_REQUESTS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return ""
    allowed = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    except (OSError, ValueError):
        allowed = soft
    if allowed >= needed:
        return ""
    possible = format_quantity(max(0, allowed - RESERVED_FOR_REQUESTS), "viewer")
    return (
        f"this process may open {allowed} files, enough for about {possible}:"
        f" raise the limit to {needed} (ulimit -n), or give a smaller --max-viewers"
    )
