from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bokeh_share.cli.schedule import FILE_POLL_INTERVAL, RerunSchedule
from bokeh_share.errors import CannotRun


def read(path: Path) -> str:
    """The content of these files is the text before a `#`."""
    content = path.read_text()
    if "broken" in content:
        raise CannotRun(path.name, "is broken", "mend it")
    return content.partition("#")[0]


class Desk:
    """A file, a clock, and the failures that were reported."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.file.write_text("one")
        self.now = 0.0
        self.failures: list[str] = []

    def reruns(self, **options: Any) -> RerunSchedule[str]:
        given = {"watch": False, "every": None, **options}
        reruns = RerunSchedule(
            self.file, read, on_failure=self.failures.append, clock=lambda: self.now, **given
        )
        reruns.record_start("one")
        return reruns

    def later(self, due: Callable[[], str | None], seconds: float = FILE_POLL_INTERVAL) -> str | None:
        self.now += seconds
        return due()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "file")


def test_without_a_reason_nothing_is_run_again(desk: Desk) -> None:
    reruns = desk.reruns()
    desk.file.write_text("two")
    assert desk.later(reruns.find_due_content, 1e6) is None
    assert reruns.wait_description == ""


def test_what_changed_is_run(desk: Desk) -> None:
    reruns = desk.reruns(watch=True)
    assert desk.later(reruns.find_due_content) is None
    desk.file.write_text("other")
    assert desk.later(reruns.find_due_content) == "other"
    reruns.record_start("other")
    assert desk.later(reruns.find_due_content) is None
    assert reruns.wait_description == "waiting for changes"


def test_what_changed_while_it_ran_is_run_then(desk: Desk) -> None:
    reruns = desk.reruns(watch=True)
    desk.file.write_text("other")
    assert reruns.find_due_content() == "other"


def test_a_change_that_does_not_count_is_none(desk: Desk) -> None:
    reruns = desk.reruns(watch=True)
    desk.file.write_text("one# with outputs")
    assert desk.later(reruns.find_due_content) is None
    desk.file.write_text("one# with other outputs")
    assert desk.later(reruns.find_due_content) is None


def test_a_file_that_is_half_written_is_tried_again_and_reported_once(desk: Desk) -> None:
    reruns = desk.reruns(watch=True)
    desk.file.write_text("broken")
    assert desk.later(reruns.find_due_content) is None
    assert desk.failures == []
    for _ in range(5):
        assert desk.later(reruns.find_due_content) is None
    assert desk.failures == [
        "cannot run 'file', which is broken: mend it; the file is read again until this works"
    ]
    desk.file.unlink()
    assert desk.later(reruns.find_due_content) is None
    desk.file.write_text("whole")
    assert desk.later(reruns.find_due_content) == "whole"
    assert len(desk.failures) == 1


def test_when_it_is_time_it_is_run_as_it_is_then(desk: Desk) -> None:
    reruns = desk.reruns(every=10.0)
    assert desk.later(reruns.find_due_content, 9.0) is None
    assert desk.later(reruns.find_due_content, 1.0) == "one"
    reruns.record_start("one")
    desk.file.write_text("other")
    assert desk.later(reruns.find_due_content, 9.0) is None
    assert desk.later(reruns.find_due_content, 1.0) == "other"
    assert reruns.wait_description.startswith("again at ")


def test_when_it_is_time_and_it_cannot_be_read_what_was_run_is_run_again(desk: Desk) -> None:
    reruns = desk.reruns(every=10.0)
    desk.file.write_text("broken")
    assert desk.later(reruns.find_due_content, 10.0) == "one"


def test_a_run_that_took_longer_than_the_interval_is_followed_at_once_and_once(desk: Desk) -> None:
    reruns = desk.reruns(every=10.0)
    assert desk.later(reruns.find_due_content, 35.0) == "one"
    reruns.record_start("one")
    assert reruns.find_due_content() is None


def test_both_reasons_go_together(desk: Desk) -> None:
    reruns = desk.reruns(watch=True, every=10.0)
    desk.file.write_text("other")
    assert desk.later(reruns.find_due_content) == "other"
    reruns.record_start("other")
    assert desk.later(reruns.find_due_content, 10.0) == "other"
    assert reruns.wait_description.startswith("waiting for changes, or ")
