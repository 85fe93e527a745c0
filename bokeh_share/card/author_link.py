"""Shows the author's link below a cell or in a terminal, and takes it away when it is no longer valid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ..network import Link
from ..text import make_printable
from .template import render_template

LINK_USED_TEXT = "the author's link was used; %bokeh_share --author makes another one"
LINK_EXPIRED_TEXT = "the author's link has expired; %bokeh_share --author makes another one"


def format_author_link(links: Sequence[Link], expires_at: datetime) -> str:
    """Format the links to the author's page as text, the best first."""
    first, *others = map(_format_address, links)
    rows = [f"bokeh_share  open as author: {first}", *(f"         or  {each}" for each in others)]
    return "\n".join([*rows, f"             {_format_terms(expires_at)}"])


def build_author_link_bundle(links: Sequence[Link], expires_at: datetime) -> dict[str, str]:
    """Build the representations of the links to the author's page."""
    rows = [(link.url, "Open as author" if not index else f"or at {_find_host(link)}")
            for index, link in enumerate(links)]  # fmt: skip
    html = render_template("author_link.html", rows=rows, terms=_format_terms(expires_at))
    return {"text/html": html, "text/plain": format_author_link(links, expires_at)}


def build_ended_link_bundle(text: str) -> dict[str, str]:
    """Build the representations that replace the author's link: they do not contain it."""
    return {
        "text/html": render_template("pointer.html", text=f"bokeh_share: {text}"),
        "text/plain": f"bokeh_share: {text}",
    }


def _format_terms(expires_at: datetime) -> str:
    return f"good once, until {expires_at:%H:%M:%S}, and for you only: that page controls this share"


def _format_address(link: Link) -> str:
    return make_printable(link.url if link.is_absolute else f"{link.url} at the Hub's address")


def _find_host(link: Link) -> str:
    """Return the host of a link as text; of a path, words that say where it leads."""
    return make_printable(link.url.split("/")[2]) if link.is_absolute else "this Jupyter server"
