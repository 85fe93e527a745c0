"""Commands of the author's pages: those that act at once, and those that wait for the kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bokeh_share import limits
from bokeh_share.errors import ConflictingOptions
from bokeh_share.sharing.author_commands import AuthorCommands
from bokeh_share.sharing.options import Options
from bokeh_share.wire.author_messages import AuthorCommand


class Desk:
    """A share and its plots, which record what is done."""

    def __init__(self) -> None:
        self.is_running, self.is_busy = True, False
        self.due: list[Callable[[], None]] = []
        self.done: list[Any] = []
        self.answers: list[tuple[int, str, str, str]] = []
        self.error: Exception | None = None
        self.commands = AuthorCommands(self, self, self.schedule, self.describe_share)  # type: ignore[arg-type]

    def schedule(self, delay: float, callback: Callable[[], None]) -> None:
        assert delay == 0
        self.due.append(callback)

    def describe_share(self) -> Mapping[str, Any]:
        return {"link": "http://h/"}

    def describe_dropped(self) -> list[Any]:
        return []

    def pause(self) -> None:
        self.done.append("pause")

    def resume(self) -> None:
        self.done.append("resume")

    def stop(self) -> None:
        self.done.append("stop")

    def change(self, options: Options) -> None:
        if self.error is not None:
            raise self.error
        self.done.append(options)
        if options.fresh:
            assert self.commands.is_replacing_link
            self.commands.send_new_link("../new/?author=c0de")

    def arrange(self, plots: Any) -> None:
        self.done.append(("arrange", plots))

    def drop_item(self, item: str) -> None:
        self.done.append(("drop", item))

    def restore_item(self, item: str) -> None:
        self.done.append(("restore", item))

    def set_caption(self, plot: str, caption: str) -> None:
        self.done.append(("caption", plot, caption))

    def ask(self, command: str, /, **arguments: Any) -> int:
        number = len(self.answers) + len(self.due) + 1

        def answer(state: str, text: str = "", url: str = "") -> None:
            self.answers.append((number, state, text, url))

        self.commands.execute(AuthorCommand(command, number, arguments), answer)
        return number

    def finish_cell(self) -> None:
        due, self.due = self.due, []
        for callback in due:
            callback()

    @property
    def states(self) -> list[str]:
        return [state for _, state, _, _ in self.answers]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_pausing_does_not_wait_for_a_cell(desk: Desk) -> None:
    desk.is_busy = True
    desk.ask("pause")
    desk.ask("resume")
    assert (desk.done, desk.states, desk.due) == (["pause", "resume"], ["done", "done"], [])


@pytest.mark.parametrize(
    ("name", "arguments", "done"),
    [
        ("set_title", {"title": "New"}, Options(title="New")),
        ("set_password", {"password": "secret"}, Options(password="secret")),
        ("arrange", {"plots": ("k2", "k1")}, ("arrange", ("k2", "k1"))),
        ("drop", {"name": "k1"}, ("drop", "k1")),
        ("restore", {"name": "k1"}, ("restore", "k1")),
        ("set_caption", {"plot": "k1", "caption": "c"}, ("caption", "k1", "c")),
        ("stop", {}, "stop"),
    ],
)
def test_the_kernel_does_it_when_the_cell_has_ended(
    desk: Desk, name: str, arguments: dict[str, Any], done: Any
) -> None:
    desk.is_busy = True
    desk.ask(name, **arguments)
    assert (desk.done, desk.states) == ([], ["waiting"])
    assert "running cell" in desk.answers[0][2]
    assert desk.commands.describe()["waiting"] == 1
    desk.finish_cell()
    assert (desk.done, desk.states) == ([done], ["waiting", "done"])
    assert desk.commands.describe() == {"link": "http://h/", "dropped": [], "waiting": 0}


def test_without_a_cell_nothing_is_said_to_wait(desk: Desk) -> None:
    desk.ask("set_title", title="New")
    assert desk.states == []
    desk.finish_cell()
    assert desk.states == ["done"]


def test_the_queue_has_a_limited_length(desk: Desk) -> None:
    desk.is_busy = True
    for _ in range(limits.MAX_QUEUED_COMMANDS + 1):
        desk.ask("set_title", title="New")
    assert desk.states == ["waiting"] * limits.MAX_QUEUED_COMMANDS + ["failed"]
    assert len(desk.due) == limits.MAX_QUEUED_COMMANDS
    desk.finish_cell()
    desk.ask("set_title", title="New")
    desk.finish_cell()
    assert desk.states[-1] == "done"


def test_a_new_link_leads_the_page_that_asked_for_it_there(desk: Desk) -> None:
    desk.ask("replace_link")
    desk.finish_cell()
    assert desk.done == [Options(fresh=True, token=True)]
    assert desk.answers[0][1:] == ("done", "", "../new/?author=c0de")
    assert not desk.commands.is_replacing_link


def test_a_refused_change_is_answered_with_the_reason(desk: Desk) -> None:
    desk.error = ConflictingOptions("--password", "the short link", "make a new link first")
    desk.ask("set_password", password="secret")
    desk.finish_cell()
    assert desk.answers[0][1] == "failed"
    assert "make a new link first" in desk.answers[0][2]


def test_an_error_of_ours_is_logged_and_answered(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.error = ZeroDivisionError("secret")
    desk.ask("set_title", title="New")
    desk.finish_cell()
    assert desk.answers[0][1] == "failed"
    assert "ZeroDivisionError" in desk.answers[0][2]
    assert "secret" not in desk.answers[0][2]
    assert [record.message for record in caplog.records] == ["a command of the author's page failed"]


def test_commands_that_wait_end_with_the_share(desk: Desk) -> None:
    desk.is_busy = True
    desk.ask("set_title", title="New")
    desk.is_running = False
    desk.finish_cell()
    assert desk.done == []
