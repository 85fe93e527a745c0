"""The line that a cell prints instead of another card."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bokeh_share.sharing import confirmation
from bokeh_share.sharing.confirmation import MAX_CHANGES, Confirmation


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    shell = SimpleNamespace(execution_count=1)
    monkeypatch.setattr(confirmation, "get_ipython", lambda: shell)
    return shell


def test_the_changes_of_a_cell_are_one_line(shell: SimpleNamespace) -> None:
    line = Confirmation()
    for change in ("the title is now 'a'", "app 'trend' is on the page", "the title is now 'a'"):
        line.add(change)
    assert line.take() == "the title is now 'a' · app 'trend' is on the page"
    assert line.take() == ""


def test_of_several_changes_of_the_same_subject_the_last_one_is_confirmed(shell: SimpleNamespace) -> None:
    line = Confirmation()
    for number in range(3):
        line.add(f"the title is now '{number}'", subject="title")
        line.add(f"'p{number}' is on the page")
    assert line.take() == (
        "the title is now '2' · 'p0' is on the page · 'p1' is on the page · 'p2' is on the page"
    )


def test_a_script_that_makes_changes_without_end_keeps_the_first_of_them() -> None:
    line = Confirmation()
    for number in range(100 * MAX_CHANGES):
        line.add(f"'p{number}' is on the page")
    changes = line.take().split(" · ")
    assert changes[:2] == ["'p0' is on the page", "'p1' is on the page"]
    assert changes[MAX_CHANGES:] == ["and more"]
    assert line.take() == ""


def test_another_cell_does_not_confirm_them(shell: SimpleNamespace) -> None:
    line = Confirmation()
    line.add("app 'trend' is on the page")
    shell.execution_count = 2
    assert line.take() == ""


def test_another_cell_that_is_not_counted_does_not_confirm_them(shell: SimpleNamespace) -> None:
    """With `store_history=False`, the number stays."""
    request = {"header": {"msg_id": "first"}}
    shell.get_parent = lambda: request
    line = Confirmation()
    line.add("app 'trend' is on the page")
    shell.execution_count = 2  # the cell runs another one
    line.add("'p' is on the page")
    assert line.take() == "app 'trend' is on the page · 'p' is on the page"
    line.add("app 'trend' is on the page")
    request = {"header": {"msg_id": "second"}}
    assert line.take() == ""


def test_a_cell_that_changes_the_link_shows_the_card(shell: SimpleNamespace) -> None:
    line = Confirmation()
    line.add("app 'trend' is on the page")
    line.require_card()
    assert line.take() == ""
    shell.execution_count = 2
    line.add("the title is now 'a'")
    assert line.take() == "the title is now 'a'"


def test_outside_of_ipython_there_is_one_cell() -> None:
    line = Confirmation()
    line.add("'p' is on the page")
    assert line.take() == "'p' is on the page"
