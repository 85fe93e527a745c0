"""What viewers point at: nothing unless the author allows it, and then not much at a time."""

from __future__ import annotations

import json
import logging
from contextlib import ExitStack
from typing import Any

import pytest
from bokeh.plotting import figure
from support.plot_ids import id_of

from bokeh_share import limits
from bokeh_share.broadcast.hub import Hub
from bokeh_share.broadcast.viewer_messages import ViewerMessages
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.tracker import PlotTracker

KEY = PlotKey("name", "p")
PLOT = id_of("p")


class Desk:
    """A hub with one plot, whose viewers send messages."""

    def __init__(self) -> None:
        tracker = PlotTracker()
        plot = figure()
        plot.scatter([1, 2, 3], [1, 2, 3])
        tracker.put(KEY, plot)
        self.page: Page = tracker.page
        tracker.close()
        self.hub = Hub(self.page)
        self.board = self.hub.pointing_board
        snapshot = self.page.plots[0].snapshot
        ids = {node.model_type: f"{PLOT}.{id}" for id, node in zip(snapshot.ids, snapshot.nodes, strict=True)}
        self.figure, self.source = ids["Figure"], ids["ColumnDataSource"]

    def message(self, **change: Any) -> bytes:
        value = {
            "figure": self.figure,
            "source": self.source,
            "indices": [0],
            "x": [0, 1],
            "y": [0, 1],
            "name": "Ann",
            **change,
        }
        return json.dumps({"point": value}, separators=(",", ":")).encode()

    def messages_of(self, viewer: Any) -> ViewerMessages:
        return ViewerMessages(self.hub, viewer, on_resend_request=lambda: None, on_failure=lambda: None)

    @property
    def names(self) -> list[str]:
        return [each.pointing.name for each in self.board.pointed]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_without_the_option_a_message_has_no_effect(
    desk: Desk, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(limits, "MISUSE_LOG_INTERVAL", 0.0)
    with desk.hub.add_viewer() as viewer:
        desk.messages_of(viewer).handle(desk.message())
    assert desk.board.pointed == ()
    (record,) = caplog.records
    assert record.getMessage().startswith("visitor refused: unknown message from a page")


def test_with_it_each_viewer_points_at_one_thing_until_they_leave(desk: Desk) -> None:
    desk.board.update(True)
    with desk.hub.add_viewer() as ann:
        messages = desk.messages_of(ann)
        with desk.hub.add_viewer() as ben:
            messages.handle(desk.message())
            desk.messages_of(ben).handle(desk.message(name="Ben"))
            assert desk.names == ["Ann", "Ben"]
            messages.handle(desk.message(indices=[2]))
            assert desk.names == ["Ben", "Ann"], "the latest last"
            assert desk.board.pointed[-1].pointing.indices == (2,)
        assert desk.names == ["Ann"]
        messages.handle(b'{"point":null}')
        assert desk.names == []
        messages.handle(desk.message())
        desk.board.update(False)
        assert desk.names == []


@pytest.mark.parametrize(
    "change", [{"figure": "k9.1.1", "source": None}, {"figure": f"{PLOT}.9.9"}, {"source": f"{PLOT}.9.9"}]
)
def test_only_models_of_the_page_are_pointed_at(desk: Desk, change: dict[str, Any]) -> None:
    desk.board.update(True)
    with desk.hub.add_viewer() as viewer:
        desk.messages_of(viewer).handle(desk.message(**change))
        assert desk.names == []


def test_a_viewer_points_only_so_often(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "POINTING_RATE", 0.0)
    desk.board.update(True)
    with desk.hub.add_viewer() as viewer:
        messages = desk.messages_of(viewer)
        for number in range(20):
            messages.handle(desk.message(name=f"Ann {number}"))
        assert desk.names == [f"Ann {limits.POINTING_BURST - 1}"]
        messages.handle(b'{"point":null}')
        assert desk.names == [], "stopping it is always possible"


def test_the_number_of_viewers_who_point_is_limited(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_POINTING_VIEWERS", 2)
    desk.board.update(True)
    with ExitStack() as stack:
        for name in "abc":
            viewer = stack.enter_context(desk.hub.add_viewer())
            desk.messages_of(viewer).handle(desk.message(name=name))
        assert desk.names == ["b", "c"]
