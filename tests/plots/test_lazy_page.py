from __future__ import annotations

import threading
from typing import Any

import pytest
from support.plain_snapshots import plot, say

from bokeh_share.plots.lazy_page import EDIT_OVERHEAD, LazyPage
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.lazy_snapshot import MAX_PENDING_BYTES

P = PlotKey("name", "p")
PAGE = Page().put(P, plot("one"), now=1)


def words(page: Page) -> str:
    return page.plots[0].snapshot.nodes[1].attributes["text"].text


def test_edits_are_on_the_page_when_somebody_reads_it_and_once() -> None:
    lazy_page = LazyPage(PAGE, [(P, say(1, "two"))])
    assert lazy_page.add_edit(P, say(1, "three"))
    assert words(lazy_page.page) == '"three"'
    assert words(PAGE) == '"one"'
    assert lazy_page.page is lazy_page.page
    assert lazy_page.page.plots[0].generation == PAGE.plots[0].generation + 1


def test_who_has_read_a_page_has_all_of_it() -> None:
    lazy_page = LazyPage(PAGE, [(P, say(1, "two"))])
    page = lazy_page.page
    assert not lazy_page.add_edit(P, say(1, "three"))
    assert lazy_page.page is page
    assert words(page) == '"two"'


def test_a_page_without_edits_is_that_page() -> None:
    lazy_page = LazyPage(PAGE.update_paused(5))
    assert lazy_page.paused_since == 5
    assert not lazy_page.has_edits
    assert not lazy_page.add_edit(P, say(1, "two"))
    assert words(lazy_page.page) == '"one"'


def test_edits_that_nobody_reads_are_applied_before_they_weigh_too_much() -> None:
    lazy_page = LazyPage(PAGE, [(P, say(1, "0", MAX_PENDING_BYTES // 4))])
    added = [lazy_page.add_edit(P, say(1, f"{number}", MAX_PENDING_BYTES // 4)) for number in range(1, 6)]
    assert added == [True, True, True, False, False]
    assert words(lazy_page.page) == '"3"'


def test_edits_without_values_weigh_something_too() -> None:
    lazy_page = LazyPage(PAGE, [(P, say(1, "0"))])
    for number in range(1, MAX_PENDING_BYTES // EDIT_OVERHEAD + 1):
        assert lazy_page.add_edit(P, say(1, f"{number}"))
    assert not lazy_page.add_edit(P, say(1, "more"))


def test_no_edit_is_lost_between_a_thread_that_adds_and_one_that_reads() -> None:
    lazy_pages, count = [LazyPage(PAGE, [(P, say(1, "0"))])], 20_000

    def add() -> None:
        for number in range(1, count):
            if not lazy_pages[-1].add_edit(P, say(1, f"{number}")):
                lazy_pages.append(LazyPage(lazy_pages[-1], [(P, say(1, f"{number}"))]))

    thread = threading.Thread(target=add)
    thread.start()
    while thread.is_alive():
        lazy_pages[-1].page  # noqa: B018  # somebody looks
    thread.join()
    assert words(lazy_pages[-1].page) == f'"{count - 1}"'
    generations = [each.page.plots[0].generation for each in lazy_pages]
    assert generations == [*range(2, len(lazy_pages) + 2)]


def test_an_edit_is_added_while_another_thread_reads_the_page_before(monkeypatch: pytest.MonkeyPatch) -> None:
    reads, go_on = threading.Event(), threading.Event()
    apply_edits = Page.apply_edits

    def slowly(page: Page, *args: Any, **options: Any) -> Page:
        reads.set()
        assert go_on.wait(10)
        return apply_edits(page, *args, **options)

    monkeypatch.setattr(Page, "apply_edits", slowly)
    first = LazyPage(PAGE, [(P, say(1, "two"))])
    reader = threading.Thread(target=lambda: first.page)
    reader.start()
    assert reads.wait(10)
    assert not first.add_edit(P, say(1, "three"))
    second = LazyPage(first, [(P, say(1, "three"))])
    assert second.add_edit(P, say(1, "four"))
    go_on.set()
    reader.join()
    assert [words(each.page) for each in (first, second)] == ['"two"', '"four"']
    assert [each.page.plots[0].generation for each in (first, second)] == [2, 3]
