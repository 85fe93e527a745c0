"""The card's line on the relay, and its notes on the broker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ..text import format_quantity, make_printable
from .note import Note, Section, Severity

RelayState: TypeAlias = Literal["starting", "live", "offline", "fenced", "refused"]
BROKER_PASSWORD_NOTE = (
    "the broker's password is saved with this notebook, since the cell has it: set BOKEH_SHARE_BROKER in the"
    " environment instead"
)


@dataclass(frozen=True)
class RelayLine:
    """One line: how viewers at relays get the page."""

    text: str
    is_problem: bool = False
    """True if the author can do something about it."""


def describe_relay(
    state: RelayState,
    *,
    broker: str,
    viewer_count: int = 0,
    offline_since: int | None = None,
    problem: str = "",
    has_relay: bool = True,
    author_without_link: str = "",
    too_large: tuple[str, ...] = (),
) -> RelayLine:
    """Describe the relay's state. `broker` is the URL without its password, and `offline_since` a time in
    milliseconds since 1970, UTC. `has_relay` is true if a relay runs, and `author_without_link` the user name
    of the broker's URL if no relay has a link for it. `too_large` names the plots that the broker does not
    take."""
    if state == "starting":
        return RelayLine("relay: connecting to the broker")
    if state == "offline":
        clock_time = time.strftime("%H:%M", time.localtime((offline_since or 0) / 1000))
        text = f"relay: offline since {clock_time}: the broker {broker!r} does not answer"
        return RelayLine(make_printable(text), is_problem=True)
    if state == "fenced":
        text = "relay: fenced: another kernel shares this notebook now"
        return RelayLine(f"{text} (stop sharing, and share again, to take it back)", is_problem=True)
    if state == "refused":
        return RelayLine(make_printable(f"relay: {problem}"), is_problem=True)
    if too_large:
        text = f"relay: too large for the broker, so only the direct link shows it: {', '.join(too_large)}"
        return RelayLine(make_printable(text), is_problem=True)
    if not has_relay:
        return RelayLine("relay: no relay runs yet: start one with bokeh-share relay")
    text = f"relay: live · {format_quantity(viewer_count, 'viewer')}"
    if author_without_link:
        text += f" · {author_without_link!r} cannot be part of a host: give a user name of small letters"
        return RelayLine(make_printable(text), is_problem=True)
    return RelayLine(text)


def list_broker_notes(
    broker: str, *, retention: float, is_from_environment: bool, is_password_saved: bool
) -> Iterator[Note]:
    """List the notes on the broker that the share is published to. `retention` is in days."""
    origin = " (BOKEH_SHARE_BROKER)" * is_from_environment
    days = f"{retention:g} {'day' if retention == 1 else 'days'}"
    text = f"published to the broker {broker!r}{origin}: relays keep the last state for {days} after the"
    yield Note(f"{text} kernel or script has ended", Section.ACCESS)
    if is_password_saved:
        yield Note(BROKER_PASSWORD_NOTE, Section.ACCESS, Severity.EXPOSED)
