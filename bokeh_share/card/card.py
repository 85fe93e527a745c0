"""The card: the state of a share for its author, as HTML for notebooks and as text for terminals."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote

import segno

from ..network import Link, find_best_link
from ..plots import Page
from ..text import format_clock_time, format_quantity, format_size, make_printable
from .note import Note, Section, find_gravest
from .notes import describe_missing_token
from .plot_name import FindCellNumber, format_plot_name
from .relay_line import RelayLine
from .template import render_template

LINK_SAVED_NOTE = (
    "the link is saved with this notebook and stays valid: clear the outputs, or make a new link with"
    " --fresh, before you pass it on"
)
STOP_HINT = "stop with %bokeh_share --stop"
RESUME_HINT = "resume with %bokeh_share --resume"
START_HINT = "%bokeh_share starts again"
STATE_SYMBOLS = {"live": "●", "paused": "◐", "ended": "○"}
"""The symbols of the states in text, where a dot has no colour."""
MAX_SECTION_NOTES = 8
"""Maximum number of notes in a section of the details; the rest are counted."""


@dataclass(frozen=True)
class AddressRow:
    """An address on the card."""

    url: str
    text: str
    """The address as text. If it has no host, the text says where to find it."""
    label: str
    """The people that the address is for."""
    is_proxied: bool
    can_copy: bool
    """True if others can use the address. Nobody outside of a container can use an address inside."""
    is_app: bool = False


@dataclass(frozen=True)
class DetailSection:
    """A section of the card's details."""

    title: str
    lines: tuple[str, ...]
    """At most `MAX_SECTION_NOTES` notes, and a last line with the number of the others."""
    count: int
    """The number of notes."""
    addresses: tuple[AddressRow, ...] = ()


@dataclass(frozen=True)
class Moment:
    """The time of a card's state, in the time zone of this machine."""

    timestamp: float

    @property
    def date_and_time(self) -> str:
        """The date and the time. The card's script shows the time alone if the date is today's."""
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(self.timestamp))

    @property
    def iso_time(self) -> str:
        return datetime.fromtimestamp(self.timestamp).astimezone().isoformat(timespec="seconds")


@dataclass(frozen=True)
class Card:
    """The state of a share at one moment. The card shows the time, so that it stays true."""

    links: tuple[Link, ...]
    """The links to the share, the best first; empty when it has stopped."""
    plot_count: int
    app_names: tuple[str, ...]
    """The names of the apps on the page."""
    viewer_count: int
    has_token: bool
    """True if the link has a token."""
    is_local: bool
    is_offline: bool
    """True if the share is local only because there is no network at the moment."""
    is_paused: bool
    is_link_saved: bool
    """True if the notebook's next share has the same link, so that readers of its file can open the page."""
    timestamp: float
    """The time of the state, or of the end of the share, in seconds since 1970."""
    notes: tuple[Note, ...] = ()
    status_note: str = ""
    """The last change of the share."""
    can_widen_access: bool = True
    """True if sharing on the network would reach more colleagues."""
    relay: RelayLine | None = None
    """The state of the relay; None if the share is not published to a broker."""
    has_password: bool = False
    """True if viewers must enter a password."""
    can_restart: bool = True
    """True if `%bokeh_share` can start sharing again; False after `%unload_ext`."""

    @property
    def state(self) -> str:
        if not self.links:
            return "ended"
        return "paused" if self.is_paused else "live"

    @property
    def counts(self) -> str:
        """The number of plots, apps and viewers."""
        plots = format_quantity(self.plot_count, "plot")
        apps = [format_quantity(len(self.app_names), "app")] if self.app_names else []
        if not self.links:
            return f"{' · '.join([plots, *apps])} kept"
        return " · ".join([plots, *apps, format_quantity(self.viewer_count, "viewer")])

    @property
    def moment(self) -> Moment:
        return Moment(self.timestamp)

    @property
    def best_address(self) -> AddressRow | None:
        """The address to pass on; None if nobody outside can use one."""
        best = find_best_link(self.links)
        return _build_row(best) if best is not None else None

    @property
    def hints(self) -> tuple[str, ...]:
        """The author's next steps, and the last change."""
        hints = [RESUME_HINT] if self.state == "paused" else []
        is_closed = self.is_local and not _leads_to_relay(self.links)
        if self.links and is_closed and self.can_widen_access and not self.is_offline:
            hints.append("%bokeh_share --external shares on the network")
        if self.status_note:
            hints.append(self.status_note)
        if not self.links and self.can_restart:
            hints.append(START_HINT)
        return tuple(map(make_printable, hints))

    @property
    def warning(self) -> str:
        """The gravest note, if the author can do something about it; else the empty text."""
        gravest = find_gravest(self.notes)
        return make_printable(gravest.text) if gravest is not None else ""

    @property
    def open_access_note(self) -> str:
        """The people who can open the page, if its link has no token; else the empty text."""
        if self.has_token:
            return ""
        is_local = self.is_local and not any(link.is_proxied for link in self.links)
        is_public = any(link.is_public for link in self.links)
        return describe_missing_token(is_local=is_local, is_public=is_public)

    @property
    def sections(self) -> tuple[DetailSection, ...]:
        """The sections of the details; no section is empty."""
        sections = (
            _build_section(Section.ACCESS, self._list_access_lines(), self._list_other_addresses()),
            *(_build_section(each, self._list_lines(each)) for each in (Section.DATA, Section.PROBLEMS)),
        )
        return tuple(section for section in sections if section.lines or section.addresses)

    @property
    def qr_code(self) -> str:
        """The link as an SVG picture, for links that a phone can use; else the empty text."""
        best = find_best_link(self.links)
        is_closed = self.is_local and not _leads_to_relay(self.links)
        if best is None or is_closed or not best.is_absolute or best.is_limited:
            return ""
        # black on white in dark themes too, since cameras need that
        return segno.make(best.url, micro=False).svg_inline(scale=4, border=2, dark="#000", light="#fff")

    def has_same_state(self, other: Card | None) -> bool:
        """Return True if two cards have the same state, apart from the time."""
        return other is not None and replace(self, timestamp=other.timestamp) == other

    def to_text(self) -> str:
        """Format the card for a terminal, and for front ends that show no HTML."""
        best = self.best_address
        rows = [("", f"{best.text}  ({best.label})")] if best is not None else []
        state = f"{STATE_SYMBOLS[self.state]} {self.state} at {self.moment.date_and_time} · {self.counts}"
        hints = [hint for hint in self.hints if hint not in (RESUME_HINT, START_HINT)]
        start_hint = START_HINT if self.can_restart else ""
        action = {"live": STOP_HINT, "paused": RESUME_HINT, "ended": start_hint}[self.state]
        rows += [("", " · ".join(filter(None, (state, action)))), *(("", hint) for hint in hints)]
        rows += [("", f"{'⚠ ' * self.relay.is_problem}{self.relay.text}")] if self.relay is not None else []
        rows += [("", f"⚠ {self.warning}")] if self.warning else []
        for section in self.sections:
            title = section.title
            for row in section.addresses:
                rows.append(("app", row.text) if row.is_app else (title, f"{row.text}  ({row.label})"))
                title = title if row.is_app else ""
            for line in section.lines:
                rows.append((title, line))
                title = ""
        (_, first), *others = rows
        return "\n".join([f"bokeh_share  {first}", *(f"{label:>11}  {text}" for label, text in others)])

    def to_html(self, key: str = "") -> str:
        """Format the card for a notebook. `key` identifies the card in the notebook."""
        return render_template("card.html", card=self, key=key)

    def _list_other_addresses(self) -> Sequence[AddressRow]:
        best = find_best_link(self.links)
        others = [_build_row(link) for link in self.links if link is not best]
        direct = [link for link in self.links if not link.is_relayed]  # an app runs on the author's machine
        best_direct = find_best_link(direct)
        base = [best_direct] if best_direct is not None else direct[:1]
        apps = [
            _build_row(link._replace(url=link.url + quote(name), audience=f"app {name}"), is_app=True)
            for link in base
            for name in self.app_names
        ]
        return [*others, *apps]

    def _list_access_lines(self) -> Sequence[str]:
        if not self.links:
            return self._list_lines(Section.ACCESS)
        lines = []
        if self.open_access_note:
            lines.append(self.open_access_note)
        elif not self.has_password:
            lines.append("no password: the link is enough")
        if self.has_token and self.is_link_saved:
            lines.append(LINK_SAVED_NOTE)
        return [*lines, *self._list_lines(Section.ACCESS)]

    def _list_lines(self, section: Section) -> Sequence[str]:
        """List the notes of a section, without the one that is shown as a warning."""
        gravest = find_gravest(self.notes)
        texts = [note.text for note in self.notes if note.section is section and note is not gravest]
        return [make_printable(text) for text in dict.fromkeys(texts)]


def format_starting_card() -> str:
    """Format the text that is shown until the share has started."""
    return render_template("pointer.html", text="bokeh_share: Starting…")


def format_status(page: Page, card: Card, find_cell_number: FindCellNumber = lambda key: None) -> str:
    """Format the card, and the plots with their sizes and times, as text for `--status`."""
    rows = [
        (
            plot.short_id,
            make_printable(format_plot_name(plot, find_cell_number)),
            format_size(plot.size),
            format_clock_time(plot.changed_at),
        )
        for plot in page.plots
    ]
    width = max((len(name) for _, name, _, _ in rows), default=0)
    table = [
        f"  {id:4} {name:{width}} {size:>10}  changed {clock_time}" for id, name, size, clock_time in rows
    ]
    return "\n".join([card.to_text(), *table])


def _leads_to_relay(links: Sequence[Link]) -> bool:
    """Return True if the link to pass on leads to a relay."""
    best = find_best_link(links)
    return best is not None and best.is_relayed


def _build_section(
    section: Section, lines: Sequence[str], addresses: Sequence[AddressRow] = ()
) -> DetailSection:
    more = len(lines) - MAX_SECTION_NOTES
    shown = [*lines[:MAX_SECTION_NOTES], f"and {more} more"] if more > 1 else lines
    return DetailSection(section.value, tuple(shown), len(lines), tuple(addresses))


def _build_row(link: Link, *, is_app: bool = False) -> AddressRow:
    text = make_printable(link.url if link.is_absolute else f"{link.url} at the Hub's address")
    can_copy = not link.is_limited or link.is_forwardable
    return AddressRow(link.url, text, make_printable(link.audience), link.is_proxied, can_copy, is_app)
