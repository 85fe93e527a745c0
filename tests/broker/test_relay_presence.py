from __future__ import annotations

from bokeh_share.broker.relay_presence import PRESENCE_TIMEOUT, count_viewers, encode_presence


def test_the_viewers_of_all_relays_that_report_are_added_up() -> None:
    now = 1_000_000
    reports = {
        b"one": encode_presence(200, now=now - PRESENCE_TIMEOUT),
        b"two": encode_presence(14, now=now),
        b"gone": encode_presence(9, now=now - PRESENCE_TIMEOUT - 1),
        b"broken": b"{",
        b"other": b"[1]",
        b"lying": b'{"viewers": -1e9, "at": 1000000}',
        b"negative": b'{"viewers": -5, "at": 1000000}',
        b"a text": b'{"viewers": "5", "at": 1000000}',
    }
    assert count_viewers(reports, now=now) == 214
    assert count_viewers({}, now=now) == 0
