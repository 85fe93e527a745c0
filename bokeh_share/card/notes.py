"""Notes for the author about a share, each a line of the card."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any

import bokeh

from ..plots import Page, Plot, PlotKey, find_title
from ..plots.diff import PROVEN_VERSIONS, is_proven
from ..plots.snapshot import CUSTOM_PART_PREFIX, Node, Snapshot, Value
from ..server import Certificate
from ..wire import DRAW_FAILURE_REASONS, DrawFailure

MAX_NAMED_FAILURES = 3
"""So many plots that viewers' pages could not draw are named."""
MAX_SCANNED_PROPERTY_LENGTH = 100_000
"""Characters of a property from which on nobody wrote it by hand."""


class PlotNotes:
    """Lists notes on the plots of the page, and caches them per generation. Lives as long as a share."""

    def __init__(self) -> None:
        self._cached_notes: dict[str, tuple[int, str]] = {}
        """By plot id: the generation that was checked, and the note on it."""

    def list_notes(self, plots: Sequence[Plot], callback_keys: Container[PlotKey]) -> list[str]:
        cached_notes, self._cached_notes = self._cached_notes, {}
        notes: list[str] = []
        for plot in plots:
            name = format_plot_name(plot)
            generation, note = cached_notes.get(plot.id, (0, ""))
            if generation != plot.generation:
                note = describe_remote_data(plot.snapshot) or describe_undrawn_columns(plot.snapshot)
            self._cached_notes[plot.id] = plot.generation, note
            notes += [f"{name} {note}"] if note else []
            notes += [f"{name}: {PYTHON_CALLBACKS_NOTE}"] if plot.key in callback_keys else []
        return notes


def format_plot_name(plot: Plot) -> str:
    """How the card names a plot."""
    text = find_title(plot.snapshot)
    return plot.name or (f"“{text}”" if text else f"plot {plot.id}")


def list_draw_failures(plots: Sequence[Plot], failures: Mapping[str, DrawFailure]) -> list[str]:
    """List plots that viewers' pages could not draw: a note for each of the first, and one for the rest."""
    failed_plots = [(plot, failures[plot.id]) for plot in plots if plot.id in failures]
    # a report may be about what has been replaced meanwhile
    failed_plots = [
        (plot, failure) for plot, failure in failed_plots if failure.generation == plot.generation
    ]
    notes = [
        f"a viewer's page could not draw {format_plot_name(plot)}: {DRAW_FAILURE_REASONS[failure.reason]}"
        for plot, failure in failed_plots[:MAX_NAMED_FAILURES]
    ]
    remaining = len(failed_plots) - MAX_NAMED_FAILURES
    return [*notes, f"nor {remaining} more plot{'s' * (remaining > 1)}"] if remaining > 0 else notes


def list_uncompiled_models(page: Page) -> list[str]:
    """The author's own models that pages cannot be given."""
    used = {part for plot in page.plots for part in plot.snapshot.parts} if page.bundles else set()
    return [
        f"{each.model_type} does not compile, so viewers cannot see what has it: {each.problem}"
        for each in page.bundles
        if each.problem and (page.apps or f"{CUSTOM_PART_PREFIX}{each.model_type}" in used)
    ]


def count_columns(snapshot: Snapshot) -> tuple[int, int]:
    """How many columns a plot sends, and how many of them it draws, lists or mentions in a tooltip.

    A source that a script in the plot works with counts as drawn, since who knows what it takes.
    """
    scripts = (node for node in snapshot.nodes if node.model_type == "CustomJS")
    scripted_indices = {node_index for node in scripts for node_index in node.refs}
    texts = [value.text for node in snapshot.nodes for value in node.attributes.values()]
    used_names = {name for text in texts for name in _list_field_names(text)}
    used_names |= {value.text[1:-1] for node in snapshot.nodes for value in _list_field_values(node)}
    sent_count = drawn_count = 0
    for node_index, node in enumerate(snapshot.nodes):
        names = set(node.columns or ())
        sent_count += len(names)
        drawn_count += len(names if node_index in scripted_indices else names & used_names)
    return sent_count, drawn_count


def describe_undrawn_columns(snapshot: Snapshot) -> str:
    """Describe a plot that sends more than it draws; empty for others."""
    sent_count, drawn_count = count_columns(snapshot)
    return f"sends {sent_count} columns and draws {drawn_count}" if drawn_count < sent_count else ""


def describe_remote_data(snapshot: Snapshot) -> str:
    """Describe a plot whose data the viewers' pages would have to load from elsewhere; empty for others."""
    return REMOTE_DATA_NOTE if any(node.model_type in REMOTE_SOURCE_TYPES for node in snapshot.nodes) else ""


def describe_untested_bokeh(version: str = bokeh.__version__) -> str:
    """Describe the effect of an untested version of Bokeh on viewers; empty for tested versions."""
    if is_proven(version):
        return ""
    tested_versions = " and ".join(PROVEN_VERSIONS)
    return (
        f"Bokeh {version} was not tried yet, {tested_versions} were:"
        " viewers get each change drawn anew, a little later"
    )


def describe_rejected_viewers(count: int, limit: int, *, is_low_on_descriptors: bool) -> str:
    """Describe the viewers who were rejected; empty if there were none."""
    if count == 0:
        return ""
    frequency = "once" if count == 1 else f"{count} times"
    if is_low_on_descriptors:
        return (
            f"a viewer was turned away {frequency}: this process may open no more files (ulimit -n for more)"
        )
    return (
        f"a viewer was turned away {frequency}: there may be {limit} (%bokeh_share --max-viewers N for more)"
    )


def describe_simple_prompt(shell: Any) -> str:
    """Describe a terminal where no loop runs beside the prompt; empty for others."""
    is_simple = getattr(shell, "simple_prompt", False)
    return "with IPython's simple prompt, viewers are served only while a cell awaits" if is_simple else ""


def list_access_notes(
    *,
    has_password: bool,
    is_new_password: bool = True,
    certificate: Certificate | None,
    wrong_password_count: int,
    wrong_password_address: str,
) -> Iterator[str]:
    """List the notes on the password and the certificate of a share. `is_new_password` says that the password
    was set for this share."""
    if has_password:
        yield "viewers are asked for a password" if is_new_password else FORMER_PASSWORD_NOTE
    if wrong_password_count:
        attempts = (
            "a wrong password" if wrong_password_count == 1 else f"{wrong_password_count:,} wrong passwords"
        )
        yield f"{attempts} came, the last from {wrong_password_address}"
    if certificate is not None:
        origin = " made here, so browsers warn; colleagues compare its" if certificate.is_generated else ""
        yield f"certificate{origin} SHA-256 {certificate.fingerprint}"


FORMER_PASSWORD_NOTE = (
    "viewers are asked for the password that was set earlier: --password sets another,"
    " --fresh makes a new link without one"
)
REMOTE_SOURCE_TYPES = {"AjaxDataSource", "ServerSentDataSource"}
REMOTE_DATA_NOTE = "asks another server for its data, which viewers' pages may not: get it in Python"
NOT_SHARING_NOTE = "kept for the page; %bokeh_share starts sharing"
PYTHON_CALLBACKS_NOTE = (
    "its Python callbacks do nothing for viewers; CustomJS works, or an app: share(function)"
)


def describe_missing_viewers(
    port: int, *, system: str = sys.platform, find_program: Callable[[str], str | None] = shutil.which
) -> str:
    """Describe what to check when no viewer came to a network address, with the command for this system."""
    if system == "darwin":
        command = "System Settings › Network › Firewall: allow incoming connections for Python"
    elif system == "win32":
        rule = f"name=bokeh_share dir=in action=allow protocol=TCP localport={port}"
        command = f"netsh advfirewall firewall add rule {rule}"
    elif find_program("ufw"):
        command = f"sudo ufw allow {port}/tcp"
    elif find_program("firewall-cmd"):
        command = f"sudo firewall-cmd --add-port={port}/tcp"
    else:
        command = f"sudo iptables -I INPUT -p tcp --dport {port} -j ACCEPT"
    question = f"are they on the same network, and does a firewall let port {port} through?"
    return f"nobody came yet: {question} {command}"


def _list_field_values(node: Node) -> Iterator[Value]:
    """The column of a table's column, say."""
    if "field" in node.attributes:
        yield node.attributes["field"]


def _list_field_names(text: str) -> Iterator[str]:
    """The columns in a field of a glyph, and in a tooltip such as `@sales{0.0} in @{the year}`."""
    if len(text) < MAX_SCANNED_PROPERTY_LENGTH:
        for field, braced, bare in re.findall(r'"field":("(?:[^"\\]|\\.)*")|@\{([^}]*)\}|@(\w+)', text):
            yield json.loads(field) if field else braced or bare
