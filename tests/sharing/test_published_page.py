"""The page that viewers see, while the author goes on and while they have paused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bokeh.models import Div

from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.tracker import PlotTracker
from bokeh_share.sharing.published_page import PublishedPage


class Share:
    def __init__(self) -> None:
        self.tracker = PlotTracker()
        self.calls: list[str] = []
        self.scheduled: list[Callable[[], None]] = []
        self.page = PublishedPage(self.tracker, lambda delay, callback: self.scheduled.append(callback))
        self.page.start(lambda: self.calls.append("publish"), lambda: self.calls.append("change"))

    def show(self, name: str) -> None:
        self.tracker.put(PlotKey("name", name), Div(text=name))

    @property
    def names(self) -> list[str | None]:
        return [plot.name for plot in self.page.select().plots]


@pytest.fixture
def share() -> Share:
    return Share()


def test_what_was_there_before_is_published_at_the_start(share: Share) -> None:
    assert share.calls == ["publish"]


def test_another_page_is_published_and_then_told_of(share: Share) -> None:
    share.show("a")
    assert share.calls == ["publish", "publish", "change"]
    assert share.names == ["a"]


def test_while_it_is_paused_pages_stay_as_they_were_and_say_so(share: Share) -> None:
    share.show("a")
    share.page.pause()
    since = share.page.select().paused_since
    share.show("b")
    assert share.page.is_paused
    assert share.names == ["a"]
    share.page.pause()
    assert share.page.select().paused_since == since is not None
    share.page.resume()
    assert not share.page.is_paused
    assert share.names == ["a", "b"]
    assert share.page.select().paused_since is None


def test_after_the_end_nothing_is_published_and_nothing_is_paused(share: Share) -> None:
    share.page.pause()
    share.page.stop()
    share.calls.clear()
    share.show("a")
    assert share.calls == []
    assert share.names == ["a"]
