"""Formats the state of a share for the author, as HTML and as text."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import segno

from ..network import THIS_MACHINE_ONLY, Link
from ..plots import Page, find_title
from ..text import format_quantity, make_printable

COPY_SCRIPT = (
    "const whole = this.previousElementSibling.href;"
    "navigator.clipboard.writeText(/^https?:/.test(whole) ? whole : this.dataset.link)"
    ".then(() => this.textContent = 'copied', "
    "() => getSelection().selectAllChildren(this.previousElementSibling))"
)
RESOLVE_LINK_SCRIPT = (
    "if (document.getElementById('jupyter-config-data')) "
    "this.href = location.origin + new URL(this.href).pathname"
)
"""Takes the server's host from Jupyter's own page, which the author may have opened through a tunnel."""

LINK_SAVED_NOTE = (
    "the link is saved with this notebook, and stays valid: --stop and --fresh take it out of here"
)
LINK_PRINTED_NOTE = (
    "the link is saved with what is printed here, and stays valid: clear that before you pass it on"
)
"""Instead, where it can't be taken out again."""


@dataclass(frozen=True)
class Card:
    """The state of a share at one moment."""

    links: tuple[Link, ...]
    """The links to the share, the best first; empty when it has stopped."""
    plot_count: int
    app_names: tuple[str, ...]
    """Their names."""
    viewer_count: int
    has_token: bool
    """Whether the link has a part that can't be guessed."""
    is_local: bool
    is_offline: bool
    """Whether it is local only because there is no network at the moment."""
    is_paused: bool
    is_link_saved: bool
    """Whether the notebook has the same link again, so that who reads its file can come in."""
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    timestamp: float
    """When this was so, in seconds since 1970: a card in a notebook that was saved may be old."""
    can_widen_access: bool = True
    """Whether it may be shared on the network too."""
    has_password: bool = False
    """Whether viewers are asked for a password."""

    def format_lines(self) -> Sequence[str]:
        """Everything but the links, in the order of its weight."""
        plots = format_quantity(self.plot_count, "plot")
        plots += f" · {format_quantity(len(self.app_names), 'app')}" if self.app_names else ""
        if self.links:
            state = "◐ paused" if self.is_paused else "● live"
            hint = "resume with %bokeh_share --resume" if self.is_paused else "stop with %bokeh_share --stop"
            lines = [f"{state} · {plots} · {format_quantity(self.viewer_count, 'viewer')} · {hint}"]
        else:
            lines = [f"○ ended · {plots} kept · %bokeh_share starts again"]
        lines += self.notes
        if self.links and not self.has_token:
            audience = "who finds it" if any(link.is_public for link in self.links) else "on the network"
            lines.append("no token" if self.is_local else f"no token: anyone {audience} can look")
        if self.links and self.has_token and not self.has_password:
            lines.append("no password: the link is enough")
        if self.links and self.has_token and self.is_link_saved:
            lines.append(LINK_SAVED_NOTE)
        if self.links and self.is_local and self.can_widen_access and not self.is_offline:
            link_kind = [link.audience for link in self.links if not link.is_proxied][-1]
            label = f"for {THIS_MACHINE_ONLY}" if link_kind == THIS_MACHINE_ONLY else link_kind
            lines.append(f"{label} · %bokeh_share --external shares on the network")
        lines += (f"⚠ {problem}" for problem in self.problems)
        return [make_printable(line) for line in lines]

    def build_app_links(self) -> Sequence[Link]:
        """Build the link to each app."""
        best = self.links[:1]
        return [
            link._replace(url=link.url + quote(app), audience="app")
            for link in best
            for app in self.app_names
        ]

    def to_text(self) -> str:
        labels = ["bokeh_share", *(["       also"] * (len(self.links) - 1))]
        links = [
            f"{head}  {_format_link_address(link)}  ({make_printable(link.audience)})"
            for head, link in zip(labels, self.links, strict=False)
        ]
        links += [f"        app  {_format_link_address(link)}" for link in self.build_app_links()]
        return "\n".join(
            [*(links or ["bokeh_share"]), *(f"             {line}" for line in self.format_lines())]
        )

    def to_html(self) -> str:
        # The colours of JupyterLab's theme where there is one, those of the page elsewhere.
        style = (
            "display:flex;flex-wrap:wrap;gap:.4em 1.6em;justify-content:space-between;align-items:flex-start;"
            "border:1px solid var(--jp-border-color1,#8884);border-left:4px solid "
            f"{'#2a9d5c' if self.links and not self.is_paused else '#888'};"
            "border-radius:6px;padding:.7em 1em;"
            "max-width:46em;overflow-wrap:anywhere;line-height:1.5;"
            "font-family:var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,inherit)"
        )
        clock_time = time.strftime("%H:%M", time.localtime(self.timestamp))
        footer = f'<div style="opacity:.65;font-size:.85em">as of {clock_time}</div>'
        links = "".join(_format_link_row(link, first=index == 0) for index, link in enumerate(self.links))
        links += "".join(_format_link_row(link, first=False) for link in self.build_app_links())
        lines = "".join(f"<div>{escape(line)}</div>" for line in self.format_lines())
        head = '<div style="font-weight:600">bokeh_share</div>'
        body = f'<div style="flex:1 1 22em">{head}{links}{lines}{footer}</div>'
        best = next((link for link in self.links[:1] if link.is_absolute and not link.is_limited), None)
        qr = _build_qr_code(best.url) if best is not None and not self.is_local else ""
        return f'<div class="bokeh-share-card" style="{style}">{body}{qr}</div>'


def format_starting_card() -> str:
    """Format the text that is shown until the share has started."""
    return '<div class="bokeh-share-card">bokeh_share: Starting…</div>'


def format_status(page: Page, card: Card) -> str:
    """Addresses, plots with sizes and times, viewers: as text, for `--status`."""
    rows = [
        (plot.id, make_printable(name), f"{plot.size / 1e6:.2f} MB", _format_clock_time(plot.changed_at))
        for plot in page.plots
        for name in [plot.name or find_title(plot.snapshot) or ""]
    ]
    width = max((len(name) for _, name, _, _ in rows), default=0)
    table = [
        f"  {id:4} {name:{width}} {size:>10}  changed {clock_time}" for id, name, size, clock_time in rows
    ]
    return "\n".join([card.to_text().replace(LINK_SAVED_NOTE, LINK_PRINTED_NOTE), *table])


def _format_link_row(link: Link, *, first: bool) -> str:
    url = escape(link.url)
    button = (
        f'<button type="button" data-link="{url}" onclick="{escape(COPY_SCRIPT)}" title="copy the link" '
        'style="margin-left:.6em;font:inherit;font-size:.8em;cursor:pointer">copy</button>'
    )
    follow = (
        f'onpointerenter="{escape(RESOLVE_LINK_SCRIPT)}" onfocus="{escape(RESOLVE_LINK_SCRIPT)}" '
        if link.is_proxied
        else ""
    )
    return (
        f'<div style="margin:.2em 0;font-size:{"1.15em" if first else ".9em"}">'
        f'<a href="{url}" style="color:var(--jp-content-link-color,#3b82c4)" target="_blank" {follow}'
        f'rel="noreferrer">{escape(_format_link_address(link))}</a>{button if first else ""}'
        '<span style="opacity:.65;font-size:.85rem;margin-left:.6em;white-space:nowrap">'
        f"{escape(make_printable(link.audience))}</span></div>"
    )


def _format_link_address(link: Link) -> str:
    """Format the address as text; one without a host gets a hint where to find the host."""
    return make_printable(link.url if link.is_absolute else f"{link.url} at the Hub's address")


def _build_qr_code(url: str) -> str:
    """Draw the link as a QR code: black on white in dark themes too, since cameras need that."""
    svg = segno.make(url, micro=False).svg_inline(scale=3, border=2, dark="#000", light="#fff")
    return f'<div role="img" aria-label="the link as a QR code" style="flex:none">{svg}</div>'


def _format_clock_time(milliseconds: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(milliseconds / 1000))
