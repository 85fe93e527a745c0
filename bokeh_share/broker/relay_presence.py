"""The reports of relays to the author's kernel: the number of their viewers, and their public URLs.

Their times are the broker's, since the clocks of an author's machine and of a relay may differ by minutes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

PRESENCE_TIMEOUT = 15_000
"""Milliseconds after which a relay that reports nothing has no viewers any more."""
ANNOUNCEMENT_TIMEOUT = 60_000
"""Milliseconds after which a relay that announces nothing is gone."""


def to_milliseconds(seconds: int, microseconds: int) -> int:
    """Return the time that a broker tells, in milliseconds."""
    return 1000 * seconds + microseconds // 1000


def encode_presence(viewer_count: int, *, now: int) -> bytes:
    """Encode the report of a relay. `now` is the broker's time in milliseconds since 1970, UTC."""
    return json.dumps({"viewers": viewer_count, "at": now}).encode()


def count_viewers(reports: Mapping[bytes, bytes], *, now: int) -> int:
    """Add up the viewers of all relays, from their reports by name. Reports of relays that are gone do not
    count, nor do those that cannot be read."""
    return sum(_read_count(report, now) for report in reports.values())


def encode_announcement(url: str, *, now: int) -> bytes:
    """Encode the public URL of a relay. `now` is the broker's time too."""
    return json.dumps({"url": url, "at": now}).encode()


def list_relay_urls(announcements: Mapping[bytes, bytes], *, now: int) -> tuple[str, ...]:
    """List the public URLs of all relays, without those that are gone, each once, in a stable order."""
    urls = {_read_url(announcement, now) for announcement in announcements.values()}
    return tuple(sorted(urls - {""}))


def _read_url(announcement: bytes, now: int) -> str:
    try:
        fields = json.loads(announcement)
        url, at = fields["url"], fields["at"]
    except (ValueError, KeyError, TypeError):
        return ""
    is_valid = isinstance(url, str) and type(at) is int and url.startswith(("https://", "http://"))
    return url if is_valid and abs(now - at) <= ANNOUNCEMENT_TIMEOUT else ""


def _read_count(report: bytes, now: int) -> int:
    try:
        fields = json.loads(report)
        count, at = fields["viewers"], fields["at"]
    except (ValueError, KeyError, TypeError):
        return 0
    is_valid = type(count) is int and type(at) is int and count >= 0
    return count if is_valid and abs(now - at) <= PRESENCE_TIMEOUT else 0
