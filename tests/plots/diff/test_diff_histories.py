"""What must hold whatever an author does between two runs of a cell."""

from __future__ import annotations

import copy
import json
import os
from dataclasses import replace
from typing import Any

from bokeh.document import Document
from bokeh.io import curdoc
from bokeh.models import ColumnDataSource, CustomJS, Div, Row
from bokeh.themes import Theme
from hypothesis import HealthCheck, Phase, given, settings
from support.looks import Screen
from support.sketches import SKETCHES, Doing, Poked, Refresh, Rerun, Set, Sketch, Stream, doings, histories
from support.sketches import Source as SourceSketch
from support.subscriber import Subscriber

from bokeh_share.plots.diff.diff import PlotPatch, diff_snapshots
from bokeh_share.plots.diff.matching import assign_ids, assign_place_ids
from bokeh_share.plots.page import Page, Plot, PlotKey
from bokeh_share.plots.page_messages import encode_plot_message
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Snapshot
from bokeh_share.plots.tracker import PlotTracker

P, Q = PlotKey("name", "p"), PlotKey("name", "q")
NO_THEME = Theme(json={})

EXAMPLES = os.environ.get("BOKEH_SHARE_EXAMPLES")
"""How many are tried; with a number of one's own they are other ones each time."""

thorough = settings(
    max_examples=int(EXAMPLES or 100),
    derandomize=EXAMPLES is None,
    database=None,
    deadline=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],  # a figure is no small thing
)


def snap(sketch: Sketch) -> Snapshot:
    return capture_plot(sketch.built(), theme=NO_THEME).snapshot


def shown(*snapshots: Snapshot) -> list[Plot]:
    """A plot in its generations."""
    page, plots = Page(), []
    for snapshot in snapshots:
        page = page.put(P, snapshot, now=0)
        plots.append(page.plots[0])
    return plots


def message(before: Plot | None, after: Plot) -> bytes:
    base = None if before is None else before.generation
    patch = diff_snapshots(None if before is None else before.snapshot, after.snapshot)
    return encode_plot_message("e", 1, after, patch, base)


def screen_of(*plots: Plot) -> Screen:
    """After one message for each."""
    found = Screen()
    for before, after in zip((None, *plots), plots, strict=False):
        found.take(message(before, after))
    return found


def exactly(shows: dict[str, Any]) -> str:
    """As text, where 1 differs from True and 0.0 from -0.0."""
    return json.dumps(shows, sort_keys=True, indent=1)


@thorough
@given(histories())
def test_who_was_patched_sees_what_who_just_came_sees(history: tuple[Sketch, ...]) -> None:
    before, after = shown(*map(snap, history))
    assert exactly(screen_of(before, after).shows) == exactly(screen_of(after).shows)


@thorough
@given(histories(length=3))
def test_a_plot_ends_up_the_same_whether_or_not_a_state_was_skipped(history: tuple[Sketch, ...]) -> None:
    first, second, third = shown(*map(snap, history))
    assert exactly(screen_of(first, second, third).shows) == exactly(screen_of(first, third).shows)


@thorough
@given(SKETCHES)
def test_the_same_code_run_again_sends_nothing(sketch: Sketch) -> None:
    (plot,) = shown(snap(sketch))
    again = assign_ids(snap(sketch), plot.snapshot, 2)
    assert again.ids == plot.snapshot.ids
    assert diff_snapshots(plot.snapshot, again) == PlotPatch("patch", "[]", (), "[]", again.parts)


@thorough
@given(histories())
def test_two_snapshots_give_one_patch_and_stay_unchanged(history: tuple[Sketch, ...]) -> None:
    before, after = (plot.snapshot for plot in shown(*map(snap, history)))
    copies = copy.deepcopy((before, after))
    patch = diff_snapshots(before, after)
    assert diff_snapshots(before, after) == patch
    assert diff_snapshots(*copies) == patch
    assert copies == (before, after)
    assert [each.ids for each in copies] == [before.ids, after.ids]
    assert assign_place_ids(after, before, 2, before.ids).ids == after.ids
    assert len(set(after.ids)) == len(after.nodes)


@thorough
@given(doings())
def test_what_is_streamed_and_patched_is_as_if_captured_again(
    history: tuple[SourceSketch, tuple[Doing, ...]],
) -> None:
    columns, done = history
    source = ColumnDataSource({name: rows.built() for name, rows in columns.items()})
    roots = [Row(children=[]), Row(children=[Div(text="two plots with one source")])]
    document = Document()
    for root in roots:
        root.js_on_change("tags", CustomJS(args={"source": source}, code="0"))
        document.add_root(root)
    capture = PlotTracker()
    Subscriber(capture)
    for key, root in zip((P, Q), roots, strict=True):
        capture.put(key, root)
    seen, screens, unrecorded = capture.page.plots, [Screen(), Screen()], False
    for plot, screen in zip(seen, screens, strict=True):
        screen.take(message(None, plot))
    for each in (*done, Refresh(dirty_only=False)):
        do(each, source, capture, roots)
        unrecorded = (unrecorded or isinstance(each, Poked)) and each != Refresh(dirty_only=False)
        if not isinstance(each, Refresh) or unrecorded:
            continue
        for before, after, root, screen in zip(seen, capture.page.plots, roots, screens, strict=True):
            captured = capture_plot(root, theme=curdoc().theme).snapshot
            assert after.snapshot == captured
            screen.take(message(before, after))
            whole = replace(after, stored_snapshot=replace(captured, ids=after.snapshot.ids))
            assert exactly(screen.shows) == exactly(screen_of(whole).shows)
        seen = capture.page.plots
    capture.close()


def do(doing: Doing, source: ColumnDataSource, capture: PlotTracker, roots: list[Row]) -> None:
    data: Any = source.data
    if isinstance(doing, Stream):
        source.stream({name: rows.built() for name, rows in doing.rows.items()}, doing.rollover)
    elif isinstance(doing, Set):
        source.data = {name: rows.built() for name, rows in doing.columns.items()}
    elif isinstance(doing, Refresh):
        capture.refresh(dirty_only=doing.dirty_only)
    elif isinstance(doing, Rerun):
        capture.put((P, Q)[doing.plot], roots[doing.plot])
    elif (length := len(data[doing.name])) > 0:
        at = int(doing.at * length)
        if isinstance(doing, Poked):
            data[doing.name][at] = doing.value
        elif doing.sliced and at + len(doing.values) <= length:
            source.patch({doing.name: [(slice(at, at + len(doing.values)), list(doing.values))]})
        else:
            source.patch({doing.name: [(at, doing.values[0])]})
