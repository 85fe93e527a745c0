"""Log records of Tornado and Bokeh about visitors are kept out of the author's logs; others are not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator

import pytest
from support.apart import apart
from tornado.log import app_log, gen_log

from bokeh_share.server.visitor_log_filter import FILTERED_LOGGERS, VisitorLogFilter, build_visitor_context


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[str]]]:
    """Messages that pass the filter, without those of the visitor log."""
    caplog.set_level(logging.DEBUG)
    log_filter = VisitorLogFilter()
    log_filter.start()
    names = [log.name for log in FILTERED_LOGGERS]
    yield lambda: [each.message for each in caplog.records if each.name in names]
    log_filter.stop()


def test_records_about_visitors_are_not_logged_and_others_are(logged: Callable[[], list[str]]) -> None:
    for log in FILTERED_LOGGERS:
        build_visitor_context().run(log.warning, "of a visitor")
        log.warning("of the author's own")
    assert logged() == ["of the author's own"] * len(FILTERED_LOGGERS)


def test_an_error_is_logged_whoever_it_is_of(logged: Callable[[], list[str]]) -> None:
    build_visitor_context().run(app_log.error, "a mistake of ours")
    assert logged() == ["a mistake of ours"]


def test_tasks_that_start_in_the_visitor_context_stay_in_it_and_no_others_do(
    logged: Callable[[], list[str]],
) -> None:
    async def say(text: str) -> None:
        await asyncio.sleep(0)
        gen_log.warning(text)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        task = build_visitor_context().run(loop.create_task, say("of a visitor"))
        build_visitor_context().run(loop.call_soon, gen_log.warning, "of a visitor")
        await asyncio.gather(task, say("of the author's own"))

    apart(run)
    assert logged() == ["of the author's own"]


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Malformed HTTP message from %s: %s", "malformed request"),
        ("Unsatisfiable read, closing connection: x", "request too long"),
        ("Timeout reading body from %s", "incomplete request"),
        ("Write error on %s: %s", None),
    ],
)
def test_misuse_by_visitors_is_logged_in_words_of_ours(
    said: list[str], logged: Callable[[], list[str]], line: str, kind: str | None
) -> None:
    for _ in range(3):
        build_visitor_context().run(gen_log.info, line, *["secret"] * line.count("%s"))
    assert said == ([kind] if kind else [])


def test_when_it_ends_nothing_is_left() -> None:
    before = [list(log.filters) for log in FILTERED_LOGGERS]
    first, second = VisitorLogFilter(), VisitorLogFilter()
    first.start()
    second.start()
    first.stop()
    assert second in gen_log.filters
    second.stop()
    assert [list(log.filters) for log in FILTERED_LOGGERS] == before
