"""What the author should know about what they share, each in a line of the card."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

import bokeh

from ..plots.bundle import CUSTOM
from ..plots.diff.live_properties import PROVEN
from ..plots.diff.redraw import is_proven
from ..plots.page import Page, Plot, PlotKey
from ..plots.snapshot.snapshot import Node, Snapshot
from ..plots.snapshot.values import Value
from ..server.certificate import Certificate
from ..wire.messages import REASONS, DrawFailure

FAILED = 3
"""So many plots that viewers' pages could not draw are named."""
LONG_PROPERTY = 100_000
"""Characters of a property from which on nobody wrote it by hand."""


class Notes:
    """What there is to say about the plots on the page. Lives as long as a share; looks once at a state."""

    def __init__(self) -> None:
        self._undrawn: dict[str, tuple[int, str]] = {}
        """By plot id: the generation that was looked at, and the remark on it."""

    def on(self, plots: Sequence[Plot], calling_back: Container[PlotKey]) -> list[str]:
        known, self._undrawn = self._undrawn, {}
        notes: list[str] = []
        for plot in plots:
            name = called(plot)
            generation, what = known.get(plot.id, (0, ""))
            if generation != plot.generation:
                what = asks(plot.snapshot) or undrawn(plot.snapshot)
            self._undrawn[plot.id] = plot.generation, what
            notes += [f"{name} {what}"] if what else []
            notes += [f"{name}: {CALLS_BACK}"] if plot.key in calling_back else []
        return notes


def called(plot: Plot) -> str:
    """How the card names a plot."""
    text = title(plot.snapshot)
    return plot.name or (f"“{text}”" if text else f"plot {plot.id}")


def failed(plots: Sequence[Plot], failures: Mapping[str, DrawFailure]) -> list[str]:
    """What viewers' pages could not draw: a remark each for the first plots, and one for all the others."""
    found = [(plot, failures[plot.id]) for plot in plots if plot.id in failures]
    # a report may be about what has been replaced meanwhile
    found = [(plot, failure) for plot, failure in found if failure.generation == plot.generation]
    notes = [
        f"a viewer's page could not draw {called(plot)}: {REASONS[failure.reason]}"
        for plot, failure in found[:FAILED]
    ]
    more = len(found) - FAILED
    return [*notes, f"nor {more} more plot{'s' * (more > 1)}"] if more > 0 else notes


def uncompiled(page: Page) -> list[str]:
    """The author's own models that pages cannot be given."""
    used = {part for plot in page.plots for part in plot.snapshot.parts} if page.bundles else set()
    return [
        f"{each.model} does not compile, so viewers cannot see what has it: {each.problem}"
        for each in page.bundles
        if each.problem and (page.apps or f"{CUSTOM}{each.model}" in used)
    ]


def columns(snapshot: Snapshot) -> tuple[int, int]:
    """How many columns a plot sends, and how many of them it draws, lists or mentions in a tooltip.

    A source that a script in the plot works with counts as drawn, since who knows what it takes.
    """
    scripts = (node for node in snapshot.models if node.kind == "CustomJS")
    scripted = {node_index for node in scripts for node_index in node.refs}
    texts = [value.text for node in snapshot.models for value in node.attributes.values()]
    used = {name for text in texts for name in _fields(text)}
    used |= {value.text[1:-1] for node in snapshot.models for value in _field_of(node)}
    sent = drawn = 0
    for node_index, node in enumerate(snapshot.models):
        names = set(node.columns or ())
        sent += len(names)
        drawn += len(names if node_index in scripted else names & used)
    return sent, drawn


def title(snapshot: Snapshot) -> str | None:
    """The first title in a plot, for plots that the author gave no name."""
    titles = (node.attributes.get("text") for node in snapshot.models if node.kind == "Title")
    return next((json.loads(text.text) or None for text in titles if text is not None), None)


def undrawn(snapshot: Snapshot) -> str:
    """The remark on a plot that sends more than it draws; empty for others."""
    sent, drawn = columns(snapshot)
    return f"sends {sent} columns and draws {drawn}" if drawn < sent else ""


def asks(snapshot: Snapshot) -> str:
    """The remark on a plot whose data the viewers' pages would have to get elsewhere; empty for others."""
    return ASKS if any(node.kind in ASKING for node in snapshot.models) else ""


def unproven(version: str = bokeh.__version__) -> str:
    """What another Bokeh than those that were tried means for viewers; empty for those."""
    if is_proven(version):
        return ""
    tried = " and ".join(PROVEN)
    return (
        f"Bokeh {version} was not tried yet, {tried} were: viewers get each change drawn anew, a little later"
    )


def turned_away(times: int, limit: int, *, scarce: bool) -> str:
    """The remark on viewers who found no seat; empty when there were none."""
    if times == 0:
        return ""
    often = "once" if times == 1 else f"{times} times"
    if scarce:
        return f"a viewer was turned away {often}: this process may open no more files (ulimit -n for more)"
    return f"a viewer was turned away {often}: there may be {limit} (%bokeh_share --max-viewers N for more)"


def simple_prompt(shell: Any) -> str:
    """The remark on a terminal where no loop runs beside the prompt; empty for others."""
    is_simple = getattr(shell, "simple_prompt", False)
    return "with IPython's simple prompt, viewers are served only while a cell awaits" if is_simple else ""


def access_notes(
    *, locked: bool, is_new: bool = True, certificate: Certificate | None, wrong: int, last: str
) -> Iterator[str]:
    """What guards the share, for its card. `is_new` says that the password was set for this share."""
    if locked:
        yield "viewers are asked for a password" if is_new else FORMER
    if wrong:
        often = "a wrong password" if wrong == 1 else f"{wrong:,} wrong passwords"
        yield f"{often} came, the last from {last}"
    if certificate is not None:
        made = " made here, so browsers warn; colleagues compare its" if certificate.is_self_made else ""
        yield f"certificate{made} SHA-256 {certificate.fingerprint}"


FORMER = (
    "viewers are asked for the password that was set earlier: --password sets another,"
    " --fresh makes a new link without one"
)
ASKING = {"AjaxDataSource", "ServerSentDataSource"}
ASKS = "asks another server for its data, which viewers' pages may not: get it in Python"
KEPT_NOTICE = "kept for the page; %bokeh_share starts sharing"
CALLS_BACK = "its Python callbacks do nothing for viewers; CustomJS works, or an app: share(function)"


def nobody_came(
    port: int, *, system: str = sys.platform, which: Callable[[str], str | None] = shutil.which
) -> str:
    """What to check when nobody came to a network address, with the command for this system."""
    if system == "darwin":
        command = "System Settings › Network › Firewall: allow incoming connections for Python"
    elif system == "win32":
        rule = f"name=bokeh_share dir=in action=allow protocol=TCP localport={port}"
        command = f"netsh advfirewall firewall add rule {rule}"
    elif which("ufw"):
        command = f"sudo ufw allow {port}/tcp"
    elif which("firewall-cmd"):
        command = f"sudo firewall-cmd --add-port={port}/tcp"
    else:
        command = f"sudo iptables -I INPUT -p tcp --dport {port} -j ACCEPT"
    question = f"are they on the same network, and does a firewall let port {port} through?"
    return f"nobody came yet: {question} {command}"


def _field_of(node: Node) -> Iterator[Value]:
    """The column of a table's column, say."""
    if "field" in node.attributes:
        yield node.attributes["field"]


def _fields(text: str) -> Iterator[str]:
    """The columns in a field of a glyph, and in a tooltip such as `@sales{0.0} in @{the year}`."""
    if len(text) < LONG_PROPERTY:
        for field, braced, bare in re.findall(r'"field":("(?:[^"\\]|\\.)*")|@\{([^}]*)\}|@(\w+)', text):
            yield json.loads(field) if field else braced or bare
