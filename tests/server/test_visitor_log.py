from __future__ import annotations

import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from bokeh_share import limits
from bokeh_share.server.visitor_log import VisitorLog


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="bokeh_share.server.visitor_log")
    return caplog


@pytest.fixture
def minutes(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What time it is: the last of these, in minutes."""
    now = [0.0]
    monkeypatch.setattr(
        "bokeh_share.server.visitor_log.time.monotonic", lambda: now[-1] * limits.MISUSE_LOG_INTERVAL
    )
    return now


def test_a_kind_is_logged_once_a_minute_with_the_number_of_further_cases(
    logged: pytest.LogCaptureFixture, minutes: list[float]
) -> None:
    visitor_log = VisitorLog()
    for _ in range(5):
        visitor_log.record("a message that is too long")
    minutes.append(0.9)
    visitor_log.record("a message that is too long")
    assert logged.messages == ["visitor refused: a message that is too long"]
    minutes.append(1.1)
    visitor_log.record("a message that is too long")
    assert logged.messages[1:] == [
        "visitor refused: a message that is too long (and 5 more since the last report)"
    ]


def test_one_kind_does_not_hide_another(logged: pytest.LogCaptureFixture, minutes: list[float]) -> None:
    visitor_log = VisitorLog()
    visitor_log.record("a message that is too long")
    visitor_log.record("wrong password")
    assert len(logged.messages) == 2


def test_none_gets_lost_between_threads(logged: pytest.LogCaptureFixture, minutes: list[float]) -> None:
    visitor_log = VisitorLog()
    with ThreadPoolExecutor(8) as threads:
        for _ in range(4000):
            threads.submit(visitor_log.record, "a message that is too long")
    minutes.append(2.0)
    visitor_log.record("a message that is too long")
    assert logged.messages[-1].endswith("(and 3999 more since the last report)")
    assert len(logged.messages) == 2


def test_nothing_reaches_a_cell_where_the_author_has_set_up_no_log() -> None:
    code = "from bokeh_share.server import visitor_log; visitor_log.log_misuse('a message that is too long')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout + ended.stderr == ""
