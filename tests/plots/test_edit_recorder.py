from __future__ import annotations

import pytest
from bokeh.document import Document
from bokeh.models import Div, Row
from support.looks import as_json
from support.subscriber import Subscriber

from bokeh_share.plots.edit_recorder import EditRecorder
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.page_publisher import PagePublisher
from bokeh_share.plots.tracker import PlotTracker

P = PlotKey("name", "p")


@pytest.fixture
def tracker() -> PlotTracker:
    tracker = PlotTracker()
    Subscriber(tracker)
    return tracker


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_plot_whose_changes_are_not_all_recorded_is_captured_again(
    tracker: PlotTracker, is_whole: bool
) -> None:
    """Until then no event is recorded, since its edit would be for a state that the page does not have."""
    row = Row(children=[], tags=["one"])
    tracker.put(P, row)
    row.tags = ["two"]
    if not is_whole:
        row.children = [Div()]
    EditRecorder(tracker.plots, PagePublisher()).record_changes(P, tracker.plots.by_key[P])
    assert (P in tracker.plots.dirty) is not is_whole


def test_events_of_a_model_are_recorded_after_an_event_added_it_to_the_plot(tracker: PlotTracker) -> None:
    row, div = Row(children=[]), Div(text="one")
    document = Document()
    document.add_root(row)
    document.add_root(div)
    tracker.put(P, row)
    div.text = "two"
    row.children = [div]
    div.text = "three"
    another = PlotTracker()
    another.put(P, row)
    assert as_json(tracker.page.plots[0].snapshot) == as_json(another.page.plots[0].snapshot)
