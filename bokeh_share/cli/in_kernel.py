"""Runs in the kernel that the command line started: starts the share there, and reports its state."""

from __future__ import annotations

import json
import os
from typing import Any, TypedDict

from IPython import get_ipython

from .. import load_ipython_extension
from ..sharing import PASSWORD_VARIABLE, Options, current
from .relay_announcer import RelayAnnouncer


class ShareReport(TypedDict):
    """The state of the share."""

    links: list[dict[str, Any]]
    """The fields of each `Link`, the best first; none if the notebook has ended the share."""
    plots: int
    apps: int
    notes: list[str]
    """Notes for the author, and problems of plots."""


def start_share(options: dict[str, Any]) -> str:
    """Share the plots that cells show from now on. A running share keeps the options that the notebook gave.

    This does not use IPython's extension manager, so that the notebook's own `%load_ext bokeh_share` prints
    nothing.
    """
    has_password = options.pop("has_password")
    load_ipython_extension(get_ipython())
    current.mute_cells()
    share = current.get_share()
    if share is None or not share.running:
        password = os.environ.get(PASSWORD_VARIABLE) if has_password else None
        current.start_or_update_share(current.resolve(Options(**options, password=password)))
        current.follow_relay(RelayAnnouncer().update)
    return encode_report()


def create_author_link() -> str:
    """Make a link to the author's own page. Return its text and its URL as JSON; null if nothing is
    shared."""
    if not current.is_running():
        return "null"
    link = current.get_running_share().author_link()
    return json.dumps({"text": str(link), "url": link.url})


def encode_report() -> str:
    """Encode a `ShareReport` as JSON."""
    tracker, apps = current.get_tracker_and_apps()
    share = current.get_share()
    return json.dumps(
        ShareReport(
            links=[link._asdict() for link in share.links] if share is not None else [],
            plots=len(tracker.page.plots),
            apps=len(apps.names),
            notes=[
                *current.list_notes(),
                *(f"⚠ {problem}" for problem in (*tracker.plots.problems.values(), *apps.problems.values())),
            ],
        )
    )
