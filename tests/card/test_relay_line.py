from __future__ import annotations

import re
import time
from typing import Any

import pytest

from bokeh_share.card.note import Section, Severity
from bokeh_share.card.relay_line import RelayLine, RelayState, describe_relay, list_broker_notes

BROKER = "redis://ann@h/0"
MORNING = round(time.mktime((2026, 1, 2, 10, 32, 0, 0, 0, -1)) * 1000)


@pytest.mark.parametrize(
    ("state", "facts", "line"),
    [
        ("starting", {}, RelayLine("relay: connecting to the broker")),
        ("live", {"viewer_count": 214}, RelayLine("relay: live · 214 viewers")),
        ("live", {"viewer_count": 1}, RelayLine("relay: live · 1 viewer")),
        (
            "live",
            {"has_relay": False},
            RelayLine("relay: no relay runs yet: start one with bokeh-share relay"),
        ),
        (
            "offline",
            {"offline_since": MORNING},
            RelayLine(f"relay: offline since 10:32: the broker {BROKER!r} does not answer", True),
        ),
        ("refused", {"problem": "the broker is\x1b full"}, RelayLine(r"relay: the broker is\x1b full", True)),
    ],
)
def test_one_line_says_how_viewers_at_relays_get_the_page(
    state: RelayState, facts: dict[str, Any], line: RelayLine
) -> None:
    assert describe_relay(state, broker=BROKER, **facts) == line


def test_a_kernel_that_lost_its_share_is_told_how_to_take_it_back() -> None:
    line = describe_relay("fenced", broker=BROKER)
    assert line.text.startswith("relay: fenced: another kernel shares this notebook now")
    assert "stop sharing, and share again, to take it back" in line.text
    assert line.is_problem


def test_a_user_name_that_has_no_link_is_a_problem() -> None:
    line = describe_relay("live", broker=BROKER, too_large=("'Sales' (12.00 MB)",))
    assert line.is_problem
    assert (
        line.text == "relay: too large for the broker, so only the direct link shows it: 'Sales' (12.00 MB)"
    )
    line = describe_relay("live", broker=BROKER, author_without_link="Ann")
    assert line.is_problem
    assert "'Ann' cannot be part of a host" in line.text


def test_the_details_name_the_broker_and_what_stays_there() -> None:
    options = {"retention": 7.0, "is_from_environment": True, "is_password_saved": True}
    kept, saved = list_broker_notes(BROKER, **options)
    assert kept.text == (
        f"published to the broker {BROKER!r} (BOKEH_SHARE_BROKER): relays keep the last state for 7 days"
        " after the kernel or script has ended"
    )
    assert (kept.section, kept.severity) == (Section.ACCESS, Severity.INFO)
    assert "is saved with this notebook" in saved.text
    assert saved.severity > Severity.INFO
    (kept,) = list_broker_notes(BROKER, retention=1, is_from_environment=False, is_password_saved=False)
    assert re.search(r"h/0': relays keep the last state for 1 day after", kept.text)
