"""The page that viewers see, while the author goes on and while they have paused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from bokeh.document import Document
from bokeh.models import Div
from support.subscriber import Subscriber

from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.tracker import PlotTracker
from bokeh_share.sharing.published_page import PublishedPage


class Share:
    def __init__(self) -> None:
        self.tracker = PlotTracker()
        self.viewers = Subscriber()
        self.changes: list[str] = []
        self.scheduled: list[Callable[[], None]] = []
        self.page = PublishedPage(
            self.tracker,
            self.viewers,
            lambda delay, callback: self.scheduled.append(callback),
            lambda: self.changes.append("change"),
        )
        self.page.start()

    def show(self, name: str) -> Div:
        div = Div(text=name)
        Document().add_root(div)
        self.tracker.put(PlotKey("name", name), div)
        return div

    @property
    def names(self) -> list[str | None]:
        return [plot.name for plot in self.page.page.plots]


@pytest.fixture
def share() -> Share:
    return Share()


def test_what_was_there_before_is_published_at_the_start(share: Share) -> None:
    assert share.viewers.pages == [share.tracker.page]


def test_another_page_is_published_and_then_announced(share: Share) -> None:
    share.changes.clear()
    share.show("a")
    assert share.viewers.calls == ["page", "page"]
    assert share.changes == ["change"]
    assert share.names == ["a"]


def test_an_edit_is_published_and_not_announced(share: Share) -> None:
    div = share.show("a")
    share.changes.clear()
    div.text = "edited"
    assert share.viewers.calls == ["page", "page", "edit"]
    assert share.changes == []
    assert share.names == ["a"]


def test_a_plot_that_cannot_be_shown_is_announced(share: Share) -> None:
    div = share.show("a")
    share.changes.clear()
    div.tags = [object()]
    assert share.changes == ["change"]
    assert share.tracker.plots.problems


def test_while_it_is_paused_pages_stay_as_they_were_and_say_so(share: Share) -> None:
    div = share.show("a")
    share.page.pause()
    since = share.page.page.paused_since
    published = len(share.viewers.lazy_pages)
    share.changes.clear()
    share.show("b")
    div.text = "edited"
    assert share.page.is_paused
    assert share.names == ["a"]
    assert share.page.page is share.viewers.pages[-1], "a new viewer sees what the others see"
    assert share.page.page.plots[0].generation == 1
    share.page.pause()
    assert share.page.page.paused_since == since is not None
    assert len(share.viewers.lazy_pages) == published
    assert share.changes == ["change"]
    share.page.resume()
    assert not share.page.is_paused
    assert share.names == ["a", "b"]
    assert share.page.page is share.viewers.pages[-1]
    assert share.page.page.plots[0].generation == 2
    assert share.page.page.paused_since is None
    versions = [page.version for page in share.viewers.pages]
    assert versions == sorted({*versions})


def test_after_the_end_nothing_is_published_and_nothing_is_paused(share: Share) -> None:
    share.page.pause()
    share.page.stop()
    published = len(share.viewers.lazy_pages)
    share.show("a")
    assert len(share.viewers.lazy_pages) == published
    assert not share.page.is_paused
    assert share.names == ["a"]


def test_a_page_that_was_paused_when_its_share_ended_is_not_paused_in_the_next(share: Share) -> None:
    share.show("a")
    share.page.pause()
    share.page.stop()
    paused = share.viewers.pages[-1]
    assert paused.paused_since is not None, "those who had it open keep the paused page"
    share.page.start()
    assert share.viewers.pages[-1].paused_since is None
    assert share.viewers.pages[-1].version > paused.version


def test_a_second_sink_gets_what_viewers_see_also_while_they_see_a_paused_page(share: Share) -> None:
    share.show("a")
    share.page.pause()
    share.show("b")
    sink = Subscriber()
    share.page.add_sink(sink)
    assert sink.pages == share.viewers.pages[-1:]
    assert [plot.name for plot in sink.pages[-1].plots] == ["a"]
    share.page.resume()
    assert sink.pages[-1] is share.viewers.pages[-1]
    share.page.remove_sink(sink)
    published = len(sink.lazy_pages)
    share.show("c")
    assert len(sink.lazy_pages) == published
