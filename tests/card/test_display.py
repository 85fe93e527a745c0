"""The cards of a notebook: the newest is live, and the others lead to it."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from card.test_card import LIVE

from bokeh_share.card.card import Card
from bokeh_share.card.display import CARD_UPDATE_INTERVAL, MAX_OLDER_CARDS, CardDisplay


@dataclass
class Handle:
    """A display of the notebook, and the text that stands there."""

    display_id: str
    shown: list[dict[str, str]] = field(default_factory=list)
    interrupt_after: int | None = None
    """The author interrupts the kernel once, after this number of updates."""

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        assert raw
        if len(self.shown) == self.interrupt_after:
            self.interrupt_after = None
            raise KeyboardInterrupt
        self.shown.append(bundle)

    @property
    def text(self) -> str:
        return self.shown[-1]["text/plain"]


class Notebook:
    """A kernel whose cells show cards."""

    def __init__(self) -> None:
        self.number: int | None = 1
        self.card = LIVE
        self.due: list[tuple[float, Callable[[], None]]] = []
        self.display = CardDisplay(lambda: self.number)
        self.start_share()

    def start_share(self) -> None:
        self.display.connect_share(
            self.build_card, lambda delay, callback: self.due.append((delay, callback))
        )

    def build_card(self) -> Card:
        return self.card

    def show(self, number: int | None) -> Handle:
        self.number = number
        handle = Handle(f"id {number}")
        self.display.show_in(handle)
        return handle

    def run_loop(self) -> None:
        while self.due:
            self.due.pop(0)[1]()


@contextmanager
def fail_to_build() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Card, "to_html", lambda *args: 1 / 0)
        yield


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


def test_a_card_is_shown_as_html_and_as_text(notebook: Notebook) -> None:
    handle = notebook.show(3)
    assert handle.shown == [{"text/html": LIVE.to_html("id 3"), "text/plain": LIVE.to_text()}]


def test_the_newest_card_follows_the_share_and_several_changes_are_one_update(notebook: Notebook) -> None:
    handle = notebook.show(3)
    notebook.card = replace(LIVE, viewer_count=7)
    for _ in range(5):
        notebook.display.refresh()
    assert [delay for delay, _ in notebook.due] == [CARD_UPDATE_INTERVAL]
    notebook.run_loop()
    assert "7 viewers" in handle.text
    assert len(handle.shown) == 2
    notebook.display.refresh()
    assert len(notebook.due) == 1, "a later change is another update"


def test_a_card_is_not_sent_again_for_another_time_alone(notebook: Notebook) -> None:
    handle = notebook.show(3)
    for timestamp in (1e9, 1.1e9):
        notebook.card = replace(LIVE, timestamp=timestamp)
        notebook.display.refresh()
        notebook.run_loop()
    assert len(handle.shown) == 1
    notebook.card = replace(LIVE, timestamp=1.2e9, plot_count=4)
    notebook.display.refresh()
    notebook.run_loop()
    assert handle.text == notebook.card.to_text()


def test_an_older_card_becomes_a_line_that_names_the_cell_of_the_newest(notebook: Notebook) -> None:
    first, second = notebook.show(3), notebook.show(25)
    assert first.text == "bokeh_share: see cell [25]"
    assert "see cell [25]" in first.shown[-1]["text/html"]
    assert "http" not in str(first.shown[-1])
    assert "live at" in second.text
    third = notebook.show(30)
    assert [card.text for card in (first, second)] == ["bokeh_share: see cell [30]"] * 2
    notebook.card = replace(LIVE, links=())
    notebook.display.refresh()
    notebook.run_loop()
    assert "ended at" in third.text
    assert [card.text for card in (first, second)] == ["bokeh_share: see cell [30]"] * 2


def test_where_a_cell_has_no_number_it_is_the_newest_card(notebook: Notebook) -> None:
    first = notebook.show(3)
    notebook.show(None)
    assert first.text == "bokeh_share: see the newest card"


def test_a_card_above_another_of_the_same_cell_says_so(notebook: Notebook) -> None:
    first = notebook.show(3)
    notebook.show(3)
    assert first.text == "bokeh_share: see the card below"


def test_a_share_that_starts_takes_the_newest_card_over(notebook: Notebook) -> None:
    """No card says that sharing has ended while it goes on, also when the author shows no other card."""
    handle = notebook.show(3)
    notebook.card = replace(LIVE, links=())
    notebook.display.refresh()
    notebook.run_loop()
    assert "ended at" in handle.text
    notebook.card = LIVE
    notebook.start_share()
    notebook.run_loop()
    assert "live at" in handle.text


def test_an_update_that_was_under_way_does_not_bring_an_older_card_back(notebook: Notebook) -> None:
    first = notebook.show(3)
    second: list[Handle] = []

    def build_card_slowly() -> Card:
        if not second:
            second.append(Handle("id 25"))
            notebook.number = 25
            notebook.display.show_in(second[0])
        return LIVE

    notebook.display.connect_share(
        build_card_slowly, lambda delay, callback: notebook.due.append((0, callback))
    )
    notebook.run_loop()
    assert first.text == "bokeh_share: see cell [25]"
    assert "live at" in second[0].text


def test_a_share_whose_loop_was_closed_does_not_keep_the_next_from_updating(notebook: Notebook) -> None:
    handle = notebook.show(3)
    notebook.display.refresh()
    notebook.due.clear()
    notebook.start_share()
    notebook.card = replace(LIVE, viewer_count=9)
    notebook.run_loop()
    assert "9 viewers" in handle.text


def test_the_cards_before_the_last_ones_keep_their_line_and_no_more_than_these_are_updated(
    notebook: Notebook,
) -> None:
    handles = [notebook.show(number) for number in range(1, MAX_OLDER_CARDS + 3)]
    assert handles[0].text == f"bokeh_share: see cell [{MAX_OLDER_CARDS + 1}]"
    assert {handle.text for handle in handles[1:-1]} == {f"bokeh_share: see cell [{MAX_OLDER_CARDS + 2}]"}


def test_a_card_that_cannot_be_built_leaves_the_former_one_as_it_is(notebook: Notebook) -> None:
    first = notebook.show(3)
    before = [*first.shown]
    failing = Handle("id 4")
    with fail_to_build(), pytest.raises(ZeroDivisionError):
        notebook.display.show_in(failing)
    assert first.shown == before
    assert failing.text == ""
    assert not notebook.display.is_newest(failing)
    notebook.card = replace(LIVE, viewer_count=9)
    notebook.display.refresh()
    notebook.run_loop()
    assert "9 viewers" in first.text, "it is still the newest"


@pytest.mark.parametrize("where", ["first", "second", "third"])
def test_an_interrupt_while_a_card_is_shown_leaves_the_former_one(notebook: Notebook, where: str) -> None:
    first, second = notebook.show(3), notebook.show(25)
    third = Handle("id 30")
    interrupted = {"first": first, "second": second, "third": third}[where]
    interrupted.interrupt_after = len(interrupted.shown)
    notebook.number = 30
    with pytest.raises(KeyboardInterrupt):
        notebook.display.show_in(third)
    assert third.text == ""
    assert "live at" in second.text
    assert first.text == "bokeh_share: see cell [25]"
    assert notebook.display.is_newest(second)
    notebook.card = replace(LIVE, viewer_count=9)
    notebook.display.refresh()
    notebook.run_loop()
    assert "9 viewers" in second.text


def test_an_update_that_cannot_be_built_is_logged_and_the_next_one_is_shown(
    notebook: Notebook, caplog: pytest.LogCaptureFixture
) -> None:
    handle = notebook.show(3)
    with fail_to_build():
        notebook.display.update()
    assert "building the card failed" in caplog.text
    assert len(handle.shown) == 1
    notebook.card = replace(LIVE, viewer_count=9)
    notebook.display.update()
    assert "9 viewers" in handle.text


def test_a_share_that_is_disconnected_updates_the_card_at_once_and_is_not_held(notebook: Notebook) -> None:
    handle = notebook.show(3)

    def build_card() -> Card:
        return replace(LIVE, links=())

    notebook.display.connect_share(build_card, lambda delay, callback: notebook.due.append((0, callback)))
    notebook.due.clear()
    share = weakref.ref(build_card)
    del build_card
    notebook.display.disconnect_share()
    assert "ended at" in handle.text
    assert "starts again" not in str(handle.shown[-1]), "the magic is gone"
    assert share() is None
    notebook.display.refresh()
    assert notebook.due == []
    notebook.start_share()
    notebook.run_loop()
    assert "live at" in handle.text


def test_without_a_share_there_is_nothing_to_show() -> None:
    display, handle = CardDisplay(lambda: None), Handle("x")
    display.refresh()
    display.show_in(handle)
    assert handle.shown == [{"text/plain": ""}]


def test_in_a_terminal_it_is_printed(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    printed: list[Any] = []
    monkeypatch.setattr("bokeh_share.card.display.display", lambda bundle, raw: printed.append(bundle))
    notebook.display.show()
    assert [bundle["text/plain"] for bundle in printed] == [LIVE.to_text()]
    notebook.display.refresh()
    assert notebook.due == []
