"""What the author sees: the share's state as HTML and as text."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

import segno

from ..network.links import THIS_MACHINE_ONLY, Link
from ..plots.page import Page
from ..text import printable
from .notes import title

COPY = (
    "const whole = this.previousElementSibling.href;"
    "navigator.clipboard.writeText(/^https?:/.test(whole) ? whole : this.dataset.link)"
    ".then(() => this.textContent = 'copied', "
    "() => getSelection().selectAllChildren(this.previousElementSibling))"
)
FOLLOW = (
    "if (document.getElementById('jupyter-config-data')) "
    "this.href = location.origin + new URL(this.href).pathname"
)
"""Jupyter's own page knows best what its server is called where the author sits: behind a tunnel, say."""

SAVED = "the link is saved with this notebook, and stays valid: --stop and --fresh take it out of here"
KEPT = "the link is saved with what is printed here, and stays valid: clear that before you pass it on"
"""Instead, where it can't be taken out again."""


@dataclass(frozen=True)
class Card:
    """The state of a share at one moment."""

    links: tuple[Link, ...]
    """Where it is, the best first; empty when it has stopped."""
    plots: int
    apps: tuple[str, ...]
    """Their names."""
    viewers: int
    token: bool
    """Whether the link has a part that can't be guessed."""
    local: bool
    offline: bool
    """Whether it is local only because there is no network at the moment."""
    paused: bool
    saved: bool
    """Whether the notebook has the same link again, so that who reads its file can come in."""
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    at: float
    """When this was so, in seconds since 1970: a card in a notebook that was saved may be old."""
    outward: bool = True
    """Whether it may be shared on the network too."""
    locked: bool = False
    """Whether viewers are asked for a password."""

    def lines(self) -> Sequence[str]:
        """Everything but the links, in the order of its weight."""
        plots = _count(self.plots, "plot")
        plots += f" · {_count(len(self.apps), 'app')}" if self.apps else ""
        if self.links:
            state = "◐ paused" if self.paused else "● live"
            stop = "resume with %bokeh_share --resume" if self.paused else "stop with %bokeh_share --stop"
            lines = [f"{state} · {plots} · {_count(self.viewers, 'viewer')} · {stop}"]
        else:
            lines = [f"○ ended · {plots} kept · %bokeh_share starts again"]
        lines += self.notes
        if self.links and not self.token:
            who = "who finds it" if any(link.led for link in self.links) else "on the network"
            lines.append("no token" if self.local else f"no token: anyone {who} can look")
        if self.links and self.token and not self.locked:
            lines.append("no password: the link is enough")
        if self.links and self.token and self.saved:
            lines.append(SAVED)
        if self.links and self.local and self.outward and not self.offline:
            here = [link.kind for link in self.links if not link.through][-1]
            where = f"for {THIS_MACHINE_ONLY}" if here == THIS_MACHINE_ONLY else here
            lines.append(f"{where} · %bokeh_share --external shares on the network")
        lines += (f"⚠ {problem}" for problem in self.problems)
        return [printable(line) for line in lines]

    def app_links(self) -> Sequence[Link]:
        """Where each app is."""
        best = self.links[:1]
        return [link._replace(url=link.url + quote(app), kind="app") for link in best for app in self.apps]

    def text(self) -> str:
        heads = ["bokeh_share", *(["       also"] * (len(self.links) - 1))]
        links = [
            f"{head}  {_said(link)}  ({printable(link.kind)})"
            for head, link in zip(heads, self.links, strict=False)
        ]
        links += [f"        app  {_said(link)}" for link in self.app_links()]
        return "\n".join([*(links or ["bokeh_share"]), *(f"             {line}" for line in self.lines())])

    def html(self) -> str:
        # The colours of JupyterLab's theme where there is one, those of the page elsewhere.
        style = (
            "display:flex;flex-wrap:wrap;gap:.4em 1.6em;justify-content:space-between;align-items:flex-start;"
            "border:1px solid var(--jp-border-color1,#8884);border-left:4px solid "
            f"{'#2a9d5c' if self.links and not self.paused else '#888'};border-radius:6px;padding:.7em 1em;"
            "max-width:46em;overflow-wrap:anywhere;line-height:1.5;"
            "font-family:var(--jp-ui-font-family,system-ui,sans-serif);color:var(--jp-ui-font-color1,inherit)"
        )
        at = time.strftime("%H:%M", time.localtime(self.at))
        asof = f'<div style="opacity:.65;font-size:.85em">as of {at}</div>'
        links = "".join(_link(link, first=index == 0) for index, link in enumerate(self.links))
        links += "".join(_link(link, first=False) for link in self.app_links())
        lines = "".join(f"<div>{escape(line)}</div>" for line in self.lines())
        head = '<div style="font-weight:600">bokeh_share</div>'
        body = f'<div style="flex:1 1 22em">{head}{links}{lines}{asof}</div>'
        best = next((link for link in self.links[:1] if link.is_whole and not link.is_limited), None)
        qr = _qr(best.url) if best is not None and not self.local else ""
        return f'<div class="bokeh-share-card" style="{style}">{body}{qr}</div>'


def starting() -> str:
    """What stands in the card's place until the share is there."""
    return '<div class="bokeh-share-card">bokeh_share: Starting…</div>'


def status(page: Page, card: Card) -> str:
    """Addresses, plots with sizes and times, viewers: as text, for `--status`."""
    rows = [
        (plot.id, printable(name), f"{plot.size / 1e6:.2f} MB", _clock(plot.changed))
        for plot in page.plots
        for name in [plot.name or title(plot.snapshot) or ""]
    ]
    width = max((len(name) for _, name, _, _ in rows), default=0)
    table = [f"  {id:4} {name:{width}} {size:>10}  changed {at}" for id, name, size, at in rows]
    return "\n".join([card.text().replace(SAVED, KEPT), *table])


def _link(link: Link, *, first: bool) -> str:
    url = escape(link.url)
    button = (
        f'<button type="button" data-link="{url}" onclick="{escape(COPY)}" title="copy the link" '
        'style="margin-left:.6em;font:inherit;font-size:.8em;cursor:pointer">copy</button>'
    )
    follow = f'onpointerenter="{escape(FOLLOW)}" onfocus="{escape(FOLLOW)}" ' if link.through else ""
    return (
        f'<div style="margin:.2em 0;font-size:{"1.15em" if first else ".9em"}">'
        f'<a href="{url}" style="color:var(--jp-content-link-color,#3b82c4)" target="_blank" {follow}'
        f'rel="noreferrer">{escape(_said(link))}</a>{button if first else ""}'
        '<span style="opacity:.65;font-size:.85rem;margin-left:.6em;white-space:nowrap">'
        f"{escape(printable(link.kind))}</span></div>"
    )


def _said(link: Link) -> str:
    """The address as text; of one without a host it is said where that is to be found."""
    return printable(link.url if link.is_whole else f"{link.url} at the Hub's address")


def _qr(url: str) -> str:
    """The link as a picture for phones: black on white in dark themes too, as cameras want it."""
    captured = segno.make(url, micro=False).svg_inline(scale=3, border=2, dark="#000", light="#fff")
    return f'<div role="img" aria-label="the link as a QR code" style="flex:none">{captured}</div>'


def _clock(milliseconds: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(milliseconds / 1000))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
