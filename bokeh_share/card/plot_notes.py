"""Notes on the plots of the page: one for all plots that have the same remark."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..plots import Page, Plot, PlotKey
from ..plots.snapshot import CUSTOM_PART_PREFIX, Column, Node, Numbers, Snapshot
from ..text import make_printable
from ..wire import DRAW_FAILURE_REASONS, DrawFailure
from .note import Note, Section, Severity
from .plot_name import FindCellNumber, format_plot_names

MAX_SCANNED_PROPERTY_LENGTH = 100_000
"""Number of characters from which on a property is not searched, since nobody wrote it by hand."""
MAX_NAMED_COLUMNS = 5
"""Maximum number of columns that a remark names."""
MAX_COLUMN_NAME_LENGTH = 40
"""Maximum number of characters of a column's name in a remark."""
COLUMN_PATTERN = re.compile(r'"field":("(?:[^"\\]|\\.)*")|@\{([^}]*)\}|@(\w+)|<%=?\s*(\w+)')
"""A column in the field of a glyph, in a tooltip such as `@sales{0.0} in @{the year}`, and in a table's
template such as `<%= sales %>`."""
REMOTE_SOURCE_TYPES = {"AjaxDataSource", "ServerSentDataSource"}


class Remark(NamedTuple):
    """A remark on plots, with `{}` for their names."""

    one: str
    """The remark on one plot."""
    many: str
    """The remark on several plots."""
    section: Section
    severity: Severity

    def build_note(self, plots: Sequence[Plot], find_cell_number: FindCellNumber) -> Note:
        template = self.one if len(plots) == 1 else self.many
        # not by `format`, since a column's name may have braces
        text = template.replace("{}", format_plot_names(plots, find_cell_number), 1)
        return Note(text, self.section, self.severity)


REMOTE_DATA_REMARK = Remark(
    "{} asks another server for its data, which viewers' pages may not do: get the data in Python",
    "{}, ask another server for their data, which viewers' pages may not do: get the data in Python",
    Section.PROBLEMS,
    Severity.MISSING,
)
PYTHON_CALLBACKS_REMARK = Remark(
    "{}: its Python callbacks do nothing for viewers; CustomJS works, or an app: share(function)",
    "{}: their Python callbacks do nothing for viewers; CustomJS works, or an app: share(function)",
    Section.PROBLEMS,
    Severity.REDUCED,
)


class PlotNotes:
    """Lists notes on the plots of the page. Exists as long as a share.

    Checks each generation of a plot once.
    """

    def __init__(self) -> None:
        self._cached_remarks: dict[str, tuple[int, Remark | None]] = {}
        """By plot id: the generation that was checked, and the remark on it."""

    def list_notes(
        self,
        plots: Sequence[Plot],
        callback_keys: Container[PlotKey],
        find_cell_number: FindCellNumber = lambda key: None,
    ) -> list[Note]:
        """List the notes; `callback_keys` are the keys of plots that have Python callbacks."""
        cached_remarks, self._cached_remarks = self._cached_remarks, {}
        plots_by_remark: dict[Remark, list[Plot]] = {}
        for plot in plots:
            generation, remark = cached_remarks.get(plot.id, (0, None))
            if generation != plot.generation:
                snapshot = plot.snapshot
                remark = find_remark(snapshot) if isinstance(snapshot, Snapshot) else None
            self._cached_remarks[plot.id] = plot.generation, remark
            if remark is not None:
                plots_by_remark.setdefault(remark, []).append(plot)
            if plot.key in callback_keys:
                plots_by_remark.setdefault(PYTHON_CALLBACKS_REMARK, []).append(plot)
        return [remark.build_note(group, find_cell_number) for remark, group in plots_by_remark.items()]


def find_remark(snapshot: Snapshot) -> Remark | None:
    """Return the remark on the data of a plot; None if there is none."""
    if any(node.model_type in REMOTE_SOURCE_TYPES for node in snapshot.nodes):
        return REMOTE_DATA_REMARK
    names = list_undrawn_columns(snapshot)
    if not names:
        return None
    listed = [_shorten_column_name(name) for name in names[:MAX_NAMED_COLUMNS]]
    more = len(names) - len(listed)
    listed += [f"and {more} more column{'s' * (more > 1)}"] if more else []
    columns = ", ".join(listed)
    return Remark(f"{{}} also sends {columns}", f"{{}}, also send {columns}", Section.DATA, Severity.EXPOSED)


def list_undrawn_columns(snapshot: Snapshot) -> list[str]:
    """List the columns that a plot sends and neither draws, lists in a table nor mentions in a tooltip.

    The columns of a source that a script in the plot works with count as drawn, since the script may take
    any of them. A `CustomJSFilter` works with the source of each glyph that it filters. The index that
    pandas gives a table by itself is not listed.
    """
    scripts = [node for node in snapshot.nodes if node.model_type.startswith("CustomJS")]
    scripts += [node for node in snapshot.nodes if _has_script_filter(snapshot, node)]
    scripted_indices = {node_index for node in scripts for node_index in node.refs}
    used_names = {name for node in snapshot.nodes for name in _list_used_columns(node)}
    undrawn = (
        name
        for node_index, node in enumerate(snapshot.nodes)
        if node_index not in scripted_indices
        for name in node.columns or ()
        if name not in used_names and name != _find_automatic_index(node.columns or {})
    )
    return list(dict.fromkeys(undrawn))


def list_draw_failures(
    plots: Sequence[Plot],
    failures: Mapping[str, DrawFailure],
    find_cell_number: FindCellNumber = lambda key: None,
) -> list[Note]:
    """List plots that viewers' pages could not draw: one note for all that have the same reason."""
    plots_by_reason: dict[str, list[Plot]] = {}
    for plot in plots:
        failure = failures.get(plot.id)
        # a report may be about a plot that has been replaced meanwhile
        if failure is not None and failure.generation == plot.generation:
            plots_by_reason.setdefault(DRAW_FAILURE_REASONS[failure.reason], []).append(plot)
    return [
        Note(
            f"a viewer's page could not draw {format_plot_names(group, find_cell_number)}: {reason}",
            severity=Severity.MISSING,
        )
        for reason, group in plots_by_reason.items()
    ]


def list_uncompiled_models(page: Page) -> list[Note]:
    """List the author's own models that do not compile, so that pages cannot load them."""
    used = {part for plot in page.plots for part in plot.snapshot.parts} if page.bundles else set()
    return [
        Note(
            f"{each.model_type} does not compile, so viewers cannot see plots that have it: {each.problem}",
            severity=Severity.MISSING,
        )
        for each in page.bundles
        if each.problem and (page.apps or f"{CUSTOM_PART_PREFIX}{each.model_type}" in used)
    ]


def _has_script_filter(snapshot: Snapshot, node: Node) -> bool:
    """Return True for a glyph with a `CustomJSFilter` in its view, also inside of other filters."""
    view = node.attributes.get("view")
    found = set(view.refs) if view is not None else set()
    pending = [*found]
    while pending:
        nested = set(snapshot.nodes[pending.pop()].refs) - found
        found |= nested
        pending += nested
    return any(snapshot.nodes[index].model_type == "CustomJSFilter" for index in found)


def _find_automatic_index(columns: Mapping[str, Column]) -> str | None:
    """Return the name of the column that Bokeh makes of a table's index, if nobody named that; else None.

    pandas calls it `level_0` if the table has a column `index` of its own. An index of texts is data.
    """
    name = "level_0" if "level_0" in columns and "index" in columns else "index"
    return name if isinstance(columns.get(name), Numbers) else None


def _shorten_column_name(name: str) -> str:
    text = make_printable(name) or repr(name)
    return text if len(text) <= MAX_COLUMN_NAME_LENGTH else f"{text[:MAX_COLUMN_NAME_LENGTH]}…"


def _list_used_columns(node: Node) -> Iterator[str]:
    """List the columns that a model draws, lists, filters by or mentions."""
    for name, value in node.attributes.items():
        if name in ("field", "column_name") and value.text.startswith('"'):
            yield json.loads(value.text)
        if len(value.text) < MAX_SCANNED_PROPERTY_LENGTH:
            for field, *others in COLUMN_PATTERN.findall(value.text):
                yield json.loads(field) if field else "".join(others)
