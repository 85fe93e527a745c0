"""The reports of relays to the author's kernel: how many viewers each has."""

from __future__ import annotations

import json
from collections.abc import Mapping

PRESENCE_TIMEOUT = 15_000
"""Milliseconds after which a relay that reports nothing is taken for gone."""


def encode_presence(viewer_count: int, *, now: int) -> bytes:
    """Encode the report of a relay. `now` is in milliseconds since 1970, UTC."""
    return json.dumps({"viewers": viewer_count, "at": now}).encode()


def count_viewers(reports: Mapping[bytes, bytes], *, now: int) -> int:
    """Add up the viewers of all relays, from their reports by name. Reports of relays that are gone do not
    count, nor do those that cannot be read."""
    return sum(_read_count(report, now) for report in reports.values())


def _read_count(report: bytes, now: int) -> int:
    try:
        fields = json.loads(report)
        count, at = fields["viewers"], fields["at"]
    except (ValueError, KeyError, TypeError):
        return 0
    is_valid = type(count) is int and type(at) is int and count >= 0
    return count if is_valid and abs(now - at) <= PRESENCE_TIMEOUT else 0
