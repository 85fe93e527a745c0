"""Pins: they stay while their figure is the same to `diff`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from bokeh.layouts import row
from bokeh.model import Model
from bokeh.models import Div
from bokeh.plotting import figure
from bokeh.themes import Theme, default

from bokeh_share import limits
from bokeh_share.broadcast.hub import Hub
from bokeh_share.broadcast.pin_board import PinBoard
from bokeh_share.broadcast.viewer import Viewer
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.wire.messages import read_header
from bokeh_share.wire.presented_view import Spot

THEME: Theme = default
KEY = PlotKey("cell", "c1")


def plot(title: str = "a", x: float = 1.0) -> Any:
    result = figure(title=title)
    result.line([x, 2.0], [3.0, 4.0])
    return result


def put(page: Page, model: Model) -> Page:
    former = page.find(KEY)
    before = None if former is None else former.snapshot
    return page.put(KEY, capture_plot(model, theme=THEME, before=before).snapshot, now=1)


def spot(page: Page, model_type: str = "Figure", number: int = 0) -> Spot:
    """A point of a figure of the first plot, with the id that pages know."""
    snapshot = page.plots[0].snapshot
    ids = [id for id, node in zip(snapshot.ids, snapshot.nodes, strict=True) if node.model_type == model_type]
    return Spot(page.plots[0].id, f"{page.plots[0].id}.{ids[number]}", 1.0, 2.0)


def take(board: PinBoard, viewer: Viewer) -> Any:
    if not board.needs_frame(viewer):
        return None
    frame = board.take_frame(viewer)
    return json.loads(frame[frame.index(b'{"') :])["pins"]


def texts(board: PinBoard) -> list[str]:
    return [pin.text for pin in board.pins]


def test_viewers_get_all_pins_after_each_change() -> None:
    page, board, viewer = put(Page(), plot()), PinBoard(), Viewer()
    assert take(board, viewer) is None
    here = spot(page)
    assert board.add(here, "<b>bump</b>", page) == ""
    assert board.add(here, "👍 مرحبا", page) == ""
    assert take(board, viewer) == [
        {"pin": 1, "text": "<b>bump</b>", **here.to_dict()},
        {"pin": 2, "text": "👍 مرحبا", **here.to_dict()},
    ]
    assert take(board, viewer) is None
    board.remove(1)
    board.remove(1)
    assert [pin["pin"] for pin in take(board, viewer)] == [2]
    board.remove(2)
    assert take(board, viewer) == []
    assert take(board, Viewer()) == [], "it may have reconnected"


def test_a_pin_survives_runs_while_its_figure_is_the_same() -> None:
    page, board = put(Page(), plot()), PinBoard()
    board.add(spot(page), "a", page)
    for again in (plot("b"), plot("b", 5.0), row(plot("b", 5.0), Div(text="new"))):
        page = put(page, again)
        board.prune(page)
        assert texts(board) == ["a"]
    page = put(page, Div(text="no figure"))
    board.prune(page)
    assert texts(board) == []


def test_a_pin_stays_with_its_figure_when_another_one_goes() -> None:
    first, second = plot("first"), plot("second", 9.0)
    page, board = put(Page(), row(first, second)), PinBoard()
    board.add(spot(page, number=1), "second", page)
    page = put(page, row(second))
    board.prune(page)
    assert texts(board) == ["second"]
    assert board.pins[0].spot == spot(page)


def test_a_pin_goes_with_its_plot() -> None:
    hub = Hub(put(Page(), plot()))
    hub.pin_board.add(spot(hub.page), "a", hub.page)
    hub.publish(hub.page.remove(lambda key: True))
    assert texts(hub.pin_board) == []


@pytest.mark.parametrize("change", [{"plot": "k9"}, {"model": "k1.9.9"}, {"model": "other"}])
def test_a_pin_needs_a_figure_that_is_there(change: dict[str, Any]) -> None:
    page, board = put(Page(), plot()), PinBoard()
    here = Spot(**{**spot(page).to_dict(), **change})
    assert "not on the page" in board.add(here, "a", page)
    assert texts(board) == []


def test_there_are_not_very_many_pins() -> None:
    page, board = put(Page(), plot()), PinBoard()
    for number in range(limits.MAX_PINS):
        assert board.add(spot(page), str(number), page) == ""
    assert "take one away" in board.add(spot(page), "more", page)
    assert len(board.pins) == limits.MAX_PINS


def test_each_change_is_told_with_all_pins() -> None:
    told: list[bytes] = []
    page, board = put(Page(), plot()), PinBoard(told.append)
    board.add(spot(page), "one", page)
    board.add(spot(page), "two", page)
    assert [pin["text"] for pin in read_header(told[-1])["pins"]] == ["one", "two"]
    board.remove(1)
    board.remove(1)
    assert len(told) == 3
    board.prune(Page())
    assert told[3:] == [b""]
