from __future__ import annotations

from support.plain_snapshots import plot, say

from bokeh_share.plots.edited_page import EditedPage
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.lazy_snapshot import MAX_PENDING_BYTES

P = PlotKey("name", "p")


def with_plot(published: list[Page]) -> EditedPage:
    edited_page = EditedPage(published.append)
    edited_page.update(lambda page: page.put(P, plot("one"), now=1))
    return edited_page


def words(page: Page) -> str:
    return page.plots[0].snapshot.nodes[1].attributes["text"].text


def test_edits_are_on_the_page_when_somebody_asks_and_once() -> None:
    edited_page = with_plot([])
    before = edited_page.page
    for text in ("two", "three"):
        edited_page.add_edit(P, say(1, text))
    assert words(edited_page.page) == '"three"'
    assert words(before) == '"one"'
    assert edited_page.page is edited_page.page
    assert edited_page.page.plots[0].generation == before.plots[0].generation + 1


def test_a_page_is_published_once_and_with_its_edits() -> None:
    published: list[Page] = []
    edited_page = with_plot(published)
    edited_page.add_edit(P, say(1, "two"))
    assert not published
    for _ in range(2):
        edited_page.publish()
    assert published == [edited_page.page]
    assert words(published[0]) == '"two"'


def test_edits_that_nobody_asks_for_are_published_before_they_weigh_too_much() -> None:
    published: list[Page] = []
    edited_page = with_plot(published)
    for number in range(5):
        edited_page.add_edit(P, say(1, f"{number}", MAX_PENDING_BYTES // 4))
    assert [words(page) for page in published] == ['"4"']


def test_a_change_of_the_page_comes_after_the_edits_until_then() -> None:
    edited_page = with_plot([])
    edited_page.add_edit(P, say(1, "two"))
    edited_page.update(lambda page: page.move({P: P._replace(identifier="q")}))
    assert words(edited_page.page) == '"two"'
    assert edited_page.page.find(P) is None
