"""Pictures, tables and texts on a tracker's page, and figures whose pictures are exported."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from bokeh.plotting import figure
from support.small_pictures import PNG, build_png
from support.subscriber import Subscriber

from bokeh_share.errors import PlotTooLarge
from bokeh_share.plots import display_plots
from bokeh_share.plots.media import CannotShow, Display, MediaSnapshot
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.tracker import PlotTracker

KEY, OTHER = PlotKey("cell", "c", 0), PlotKey("cell", "c", 1)


class Exporter:
    """Exports figures when a test says so."""

    def __init__(self) -> None:
        self.waiting: dict[Display, Callable[[Display, str], None]] = {}

    def export(self, display: Display, on_done: Callable[[Display, str], None]) -> None:
        self.waiting[display] = on_done

    def cancel(self, display: Display) -> None:
        self.waiting.pop(display, None)

    def close(self) -> None:
        self.waiting.clear()

    def finish(self, display: Display, *, color: int = 0, problem: str = "") -> None:
        if not problem:
            display.finish_export(Display("image/png", build_png(color=color)).build_snapshot())
        self.waiting.pop(display)(display, problem)


@pytest.fixture
def exporter() -> Exporter:
    return Exporter()


@pytest.fixture
def tracker(exporter: Exporter, monkeypatch: pytest.MonkeyPatch) -> PlotTracker:
    monkeypatch.setattr(display_plots, "find_missing_package", lambda exporter: None)
    tracker = PlotTracker(exporter=exporter)  # type: ignore[arg-type]
    tracker.capturer.connect_cells(lambda key: 4)
    return tracker


def build_picture(color: int = 0) -> Display:
    return Display("image/png", build_png(color=color))


def build_figure(title: str = "T") -> Display:
    content: Mapping[str, Any] = {"data": [], "layout": {"title": {"text": title}}}
    return Display("application/vnd.plotly.v1+json", content, noun="Plotly figure", exporter="plotly")


def read_media(tracker: PlotTracker, key: PlotKey = KEY) -> MediaSnapshot:
    plot = tracker.page.find(key)
    assert plot is not None
    assert plot.media is not None
    return plot.media


def test_a_picture_is_on_the_page_and_an_equal_one_changes_nothing(tracker: PlotTracker) -> None:
    tracker.put(KEY, build_picture(1), caption="a")
    page = tracker.page
    assert (page.plots[0].caption, page.plots[0].size) == ("a", read_media(tracker).size)
    tracker.put(KEY, build_picture(1), caption="a")
    assert tracker.page is page
    tracker.put(KEY, build_picture(2), caption="a")
    assert [(plot.short_id, plot.generation) for plot in tracker.page.plots] == [("k1", 2)]
    tracker.refresh()
    assert tracker.page.plots[0].generation == 2


def test_a_picture_and_a_plot_of_bokeh_replace_each_other(tracker: PlotTracker) -> None:
    subscriber = Subscriber(tracker)
    plot = figure()
    tracker.put(KEY, plot)
    tracker.put(KEY, build_picture())
    assert tracker.plots.by_key == {}
    plot.title.text = "changes nothing here"
    tracker.refresh()
    assert read_media(tracker).data == PNG
    tracker.put(KEY, plot)
    assert tracker.page.plots[0].media is None
    assert [(each.short_id, each.generation) for each in tracker.page.plots] == [("k1", 3)]
    tracker.unsubscribe(subscriber)


def test_what_cannot_be_shown_is_a_problem_and_the_last_state_stays(tracker: PlotTracker) -> None:
    tracker.put(KEY, build_picture(1))
    with pytest.raises(CannotShow) as caught:
        tracker.put(KEY, Display("image/png", b"x", noun="matplotlib figure"))
    line = "cannot share matplotlib figure, cell [4]: the data is no PNG picture"
    assert (str(caught.value), tracker.plots.problems) == (line, {KEY: line})
    assert read_media(tracker).data == build_png(color=1)
    tracker.put(KEY, build_picture(2))
    assert tracker.plots.problems == {}


def test_the_limit_of_plots_is_that_of_pictures_too() -> None:
    tracker = PlotTracker(limit=10)
    with pytest.raises(PlotTooLarge, match=r"cannot share 'sales': it has 0\.0 MB"):
        tracker.put(PlotKey("name", "sales"), build_picture())
    assert tracker.page.plots == ()


def test_a_figure_comes_when_its_picture_is_exported(tracker: PlotTracker, exporter: Exporter) -> None:
    display = build_figure()
    tracker.put(KEY, display, caption="a")
    assert tracker.page.plots == ()
    exporter.finish(display, color=3)
    assert read_media(tracker).data == build_png(color=3)
    assert tracker.page.plots[0].caption == "a"
    tracker.put(KEY, display, caption="a")
    assert exporter.waiting == {}


def test_only_the_newest_figure_of_a_plot_is_shown(tracker: PlotTracker, exporter: Exporter) -> None:
    first, second, third = build_figure(), build_figure(), build_figure()
    tracker.put(KEY, first)
    on_done = exporter.waiting[first]
    tracker.put(KEY, second)
    assert [*exporter.waiting] == [second]
    on_done(first, "")  # it was being exported already
    assert tracker.page.plots == ()
    exporter.finish(second, color=2)
    assert read_media(tracker).data == build_png(color=2)
    tracker.put(KEY, third)
    tracker.put(KEY, build_picture(5))
    assert exporter.waiting == {}
    tracker.put(KEY, third)
    tracker.put(KEY, figure())
    assert exporter.waiting == {}


def test_a_figure_that_waits_moves_and_leaves_with_its_key(tracker: PlotTracker, exporter: Exporter) -> None:
    display, removed = build_figure(), build_figure()
    tracker.put(KEY, display)
    tracker.move({KEY: OTHER})
    exporter.finish(display)
    assert [plot.key for plot in tracker.page.plots] == [OTHER]
    tracker.put(KEY, removed)
    tracker.remove(KEY.__eq__)
    assert exporter.waiting == {}


def test_an_export_that_fails_is_a_problem(tracker: PlotTracker, exporter: Exporter) -> None:
    display = build_figure("Sales")
    tracker.put(KEY, display)
    exporter.finish(display, problem="its export took longer than 45 seconds")
    line = "cannot share 'Sales' in cell [4]: its export took longer than 45 seconds"
    assert tracker.plots.problems == {KEY: line}


def test_without_the_package_the_page_and_the_card_say_what_is_missing(
    tracker: PlotTracker, exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display_plots, "find_missing_package", lambda exporter: "kaleido")
    with pytest.raises(
        CannotShow, match=r"'Sales' in cell \[4\]: its picture needs kaleido: pip install kaleido"
    ):
        tracker.put(KEY, build_figure("Sales"))
    media = read_media(tracker)
    text = "The Plotly figure “Sales” is not shown, since kaleido is not installed where the notebook runs."
    assert (media.kind, media.noun) == ("text", "Plotly figure")
    assert text.encode() in media.data
    assert exporter.waiting == {}
    assert [*tracker.plots.problems] == [KEY]
