"""How pages are handed on: in order, once, and with the edits that come until somebody reads them."""

from __future__ import annotations

import pytest
from support.plain_snapshots import plot, say
from support.subscriber import Subscriber

from bokeh_share.plots.lazy_page import LazyPage
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.page_publisher import PagePublisher

P = PlotKey("name", "p")


@pytest.fixture
def publisher() -> PagePublisher:
    publisher = PagePublisher()
    publisher.update(lambda page: page.put(P, plot("one"), now=1))
    return publisher


@pytest.fixture
def sink(publisher: PagePublisher) -> Subscriber:
    sink = Subscriber()
    publisher.subscribe(sink)
    return sink


def words(page: Page) -> str:
    return page.plots[0].snapshot.nodes[1].attributes["text"].text


def test_who_subscribes_is_handed_the_newest_page(publisher: PagePublisher, sink: Subscriber) -> None:
    assert sink.pages == [publisher.page]
    assert sink.pages[0] is publisher.page


def test_edits_are_one_page_until_somebody_reads_it(publisher: PagePublisher, sink: Subscriber) -> None:
    for text in ("two", "three"):
        publisher.add_edit(P, say(1, text))
    assert sink.calls == ["page", "edit"]
    assert words(sink.lazy_pages[1].page) == '"three"'
    publisher.add_edit(P, say(1, "four"))
    assert sink.calls == ["page", "edit", "edit"]
    assert [words(page) for page in sink.pages] == ['"one"', '"three"', '"four"']
    assert [page.plots[0].generation for page in sink.pages] == [1, 2, 3]
    assert sink.pages[-1] is publisher.page


def test_a_page_is_handed_over_once(publisher: PagePublisher, sink: Subscriber) -> None:
    publisher.update(lambda page: page.update_title("Sales"))
    publisher.update(lambda page: page.update_title("Sales"))
    publisher.publish()
    assert sink.calls == ["page", "page"]
    assert sink.pages[-1] is publisher.page


def test_a_change_of_the_page_comes_after_the_edits_until_then(
    publisher: PagePublisher, sink: Subscriber
) -> None:
    publisher.add_edit(P, say(1, "two"))
    publisher.update(lambda page: page.move({P: P._replace(identifier="q")}))
    assert sink.calls == ["page", "edit", "page"]
    assert words(publisher.page) == '"two"'
    assert publisher.page.find(P) is None


def test_all_sinks_have_the_same_page(publisher: PagePublisher, sink: Subscriber) -> None:
    publisher.add_edit(P, say(1, "two"))
    other = Subscriber()
    publisher.subscribe(other)
    publisher.add_edit(P, say(1, "three"))
    assert other.pages[-1] is sink.pages[-1]
    assert words(other.pages[-1]) == '"three"'


def test_who_has_unsubscribed_is_handed_nothing(publisher: PagePublisher, sink: Subscriber) -> None:
    assert publisher.has_sinks
    publisher.unsubscribe(sink)
    assert not publisher.has_sinks
    publisher.add_edit(P, say(1, "two"))
    publisher.update(lambda page: page.update_title("Sales"))
    assert sink.calls == ["page"]


class Interrupted(Subscriber):
    """Is interrupted once, before it has taken a page."""

    is_interrupted = False

    def publish(self, page: LazyPage) -> None:
        if self.is_interrupted:
            self.is_interrupted = False
            raise KeyboardInterrupt
        super().publish(page)


@pytest.mark.parametrize("after", ["the next edit", "the next change", "asking for it", "the end"])
def test_a_page_that_an_interrupt_held_back_is_handed_over_later(
    publisher: PagePublisher, after: str
) -> None:
    sink = Interrupted()
    publisher.subscribe(sink)
    sink.is_interrupted = True
    with pytest.raises(KeyboardInterrupt):
        publisher.add_edit(P, say(1, "two"))
    assert sink.calls == ["page"]
    if after == "the next edit":
        publisher.add_edit(P, say(1, "two"))
    elif after == "the next change":
        publisher.update(lambda page: page)
    elif after == "asking for it":
        publisher.publish()
    else:
        publisher.unsubscribe(sink)
    assert words(sink.pages[-1]) == '"two"'
    assert sink.pages[-1] is publisher.page
