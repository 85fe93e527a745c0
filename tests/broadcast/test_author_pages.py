"""The author's own pages, with a clock and connections that a test controls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from bokeh_share import limits
from bokeh_share.broadcast.author_pages import AuthorPages
from bokeh_share.broadcast.hub import Hub
from bokeh_share.plots.page import Page


class Loop:
    """Calls what is due when a test lets the time pass."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Callable[..., object], tuple[Any, ...]]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, due: float, function: Callable[..., object], *args: Any) -> None:
        self._due.append((due, function, args))

    def call_later(self, delay: float, function: Callable[..., object], *args: Any) -> None:
        self.call_at(self.now + delay, function, *args)

    def pass_time(self, seconds: float) -> None:
        end = self.now + seconds
        while ready := sorted((each for each in self._due if each[0] <= end), key=lambda each: each[0]):
            due, function, args = ready[0]
            self._due.remove(ready[0])
            self.now = max(self.now, due)
            function(*args)
        self.now = end


class AuthorsPage:
    """One page of the author, and what it was sent."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send_frame(self, frame: bytes) -> None:
        self.messages.append(json.loads(frame[frame.index(b'{"') :]))

    def take(self) -> list[dict[str, Any]]:
        taken, self.messages = self.messages, []
        return taken

    @property
    def state(self) -> dict[str, Any]:
        return [each for each in self.messages if each["kind"] == "author"][-1]


class Desk:
    """A share with viewers, without sockets."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.hub = Hub(Page(title="Plots"))
        self.viewers: list[dict[str, Any]] = []
        self.sent_away: list[int] = []
        self.updates: list[float] = []
        self.executed: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[Any] = []
        self.share_state: dict[str, Any] = {"waiting": 0}
        thread = SimpleNamespace(loop=self.loop, call_soon=lambda function, *args: function(*args))
        self.pages = AuthorPages(thread, self.hub, self, self)  # type: ignore[arg-type]

    def describe_viewers(self, now: float) -> list[dict[str, Any]]:
        return [*self.viewers]

    def send_away(self, number: int) -> None:
        self.sent_away.append(number)

    def send_updates(self) -> None:
        self.updates.append(self.loop.now)

    def execute(self, command: Any, answer: Any) -> None:
        self.executed.append((command.name, dict(command.arguments)))
        self.answers.append(answer)

    def describe(self) -> Mapping[str, Any]:
        return self.share_state

    def open(self) -> AuthorsPage:
        page = AuthorsPage()
        self.pages.add(page)
        return page

    def say(self, page: AuthorsPage, **message: Any) -> None:
        self.pages.handle(page, json.dumps(message).encode())

    def present(self, page: AuthorsPage, value: str) -> None:
        self.say(page, present={"plots": {"k1": [["r0", value]]}})


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_page_has_the_state_at_once_and_after_each_change(desk: Desk) -> None:
    page = desk.open()
    expected = {"kind": "author", "waiting": 0, "viewers": [], "pointed": [], "presenting": None}
    assert page.take() == [expected]
    desk.viewers.append({"viewer": 1})
    for _ in range(100):
        desk.pages.request_state()
    desk.loop.pass_time(1)
    assert page.take() == [{**expected, "viewers": [{"viewer": 1}]}]
    desk.pages.request_state()
    desk.pages.apply_timeouts(desk.loop.now)
    desk.loop.pass_time(1)
    assert page.take() == [], "nothing has changed"


def test_a_viewer_who_became_slow_is_shown(desk: Desk) -> None:
    page = desk.open()
    page.take()
    desk.viewers.append({"viewer": 1, "slow": True})
    desk.pages.apply_timeouts(1.0)
    assert page.state["viewers"] == [{"viewer": 1, "slow": True}]


def test_a_command_is_passed_on_and_its_answers_go_to_its_page(desk: Desk) -> None:
    page, other = desk.open(), desk.open()
    page.take(), other.take()
    desk.say(page, do="set_title", number=3, title="New")
    assert desk.executed == [("set_title", {"title": "New"})]
    desk.answers[0]("waiting", "waits", "")
    desk.answers[0]("done", "", "")
    assert [(each["number"], each["state"], each["text"]) for each in page.take()] == [
        (3, "waiting", "waits"),
        (3, "done", ""),
    ]
    assert other.take() == []
    desk.pages.discard(page)
    desk.answers[0]("done", "", "")
    assert page.take() == []


def test_sending_away_does_not_wait_for_the_kernel(desk: Desk) -> None:
    page = desk.open()
    desk.say(page, do="send_away", number=1, viewer=7)
    assert (desk.sent_away, desk.executed) == ([7], [])
    assert page.messages[-1]["state"] == "done"


def test_a_pin_outside_of_plots_is_refused_with_a_reason(desk: Desk) -> None:
    page = desk.open()
    spot = {"plot": "k1", "model": "k1.5", "x": 1, "y": 2}
    desk.say(page, do="pin", number=1, spot=spot, text="a")
    assert page.messages[-1]["state"] == "failed"
    assert "not on the page" in page.messages[-1]["text"]
    desk.say(page, do="unpin", number=2, pin=9)
    assert page.messages[-1]["state"] == "done"


def test_viewers_get_ten_steps_a_second_at_most(desk: Desk) -> None:
    page = desk.open()
    desk.say(page, do="start_presenting", number=1)
    for number in range(1000):
        desk.present(page, f"{number},9")
        desk.loop.pass_time(0.002)
    assert 19 <= len(desk.updates) <= 21
    desk.loop.pass_time(1)
    with desk.hub.add_viewer() as viewer:
        frame = desk.hub.presentation.take_frame(viewer)
    assert json.loads(frame[frame.index(b'{"') :])["plots"] == {"k1": [["r0", "999,9"]]}, (
        "the last one counts"
    )
    before = len(desk.updates)
    desk.loop.pass_time(5)
    assert len(desk.updates) == before


def test_the_page_that_presented_last_presents(desk: Desk) -> None:
    page, other = desk.open(), desk.open()
    desk.say(page, do="start_presenting", number=1)
    desk.loop.pass_time(1)
    assert (page.state["presenting"], other.state["presenting"]) == ("here", "elsewhere")
    desk.say(other, do="start_presenting", number=1)
    desk.loop.pass_time(1)
    assert (page.state["presenting"], other.state["presenting"]) == ("elsewhere", "here")
    desk.pages.discard(page)
    assert desk.hub.presentation.presenter is other
    desk.say(page, do="stop_presenting", number=2)
    assert desk.hub.presentation.presenter is None, "each page of the author may end it"


@pytest.mark.parametrize("end", ["button", "closed", "nothing"])
def test_presenting_ends(desk: Desk, end: str) -> None:
    page, other = desk.open(), desk.open()
    desk.say(page, do="start_presenting", number=1)
    desk.present(page, "0,1")
    desk.loop.pass_time(1)
    desk.pages.apply_timeouts(desk.loop.now)
    assert desk.hub.presentation.presenter is page
    if end == "button":
        desk.say(page, do="stop_presenting", number=2)
    elif end == "closed":
        desk.pages.discard(page)
    else:
        desk.loop.pass_time(limits.PRESENTATION_TIMEOUT - 2)
        desk.pages.apply_timeouts(desk.loop.now)
        assert desk.hub.presentation.presenter is page
        desk.loop.pass_time(2)
        desk.pages.apply_timeouts(desk.loop.now)
    assert desk.hub.presentation.presenter is None
    before = len(desk.updates)
    desk.loop.pass_time(1)
    assert len(desk.updates) == before + 1, "viewers are told"
    assert other.state["presenting"] is None


def test_a_view_of_a_page_that_does_not_present_is_ignored(desk: Desk) -> None:
    page = desk.open()
    desk.present(page, "0,1")
    desk.loop.pass_time(1)
    assert desk.updates == []


@pytest.mark.parametrize("text", [b"", b"{}", b'{"do":"run","number":1}', b'{"present":[]}', b"\xff"])
def test_a_meaningless_message_has_no_effect(desk: Desk, text: bytes) -> None:
    page = desk.open()
    page.take()
    desk.pages.handle(page, text)
    desk.loop.pass_time(1)
    assert (page.take(), desk.executed, desk.updates) == ([], [], [])
