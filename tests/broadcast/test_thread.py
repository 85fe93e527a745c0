from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest

from bokeh_share import limits
from bokeh_share.broadcast import thread as module
from bokeh_share.broadcast.thread import ViewersThread


@pytest.fixture
def thread() -> Iterator[ViewersThread]:
    thread = ViewersThread()
    thread.start()
    yield thread
    thread.stop(thread.end_tasks)
    assert not thread.is_alive


def test_a_call_returns_when_the_thread_has_made_it(thread: ViewersThread) -> None:
    names: list[str] = []
    thread.call(lambda: names.append(threading.current_thread().name))
    assert names == ["bokeh_share viewers"]


def test_who_calls_a_thread_that_is_blocked_goes_on(
    thread: ViewersThread, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "THREAD_TIMEOUT", 0.01)
    go_on, called = threading.Event(), threading.Event()
    thread.call_soon(go_on.wait, 10)
    thread.call(called.set)
    assert not called.is_set()
    go_on.set()
    assert called.wait(10)
    assert [record.message for record in caplog.records] == [
        "the viewers' thread did not respond for 0.01 seconds"
    ]


def test_an_error_in_a_task_is_logged(thread: ViewersThread, caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise ValueError("odd")

    caplog.set_level(logging.ERROR)
    thread.call(lambda: thread.start_task(fail()))
    thread.stop(thread.end_tasks)
    assert [record.message for record in caplog.records] == ["a viewer's connection failed"]


def test_tasks_end_with_the_thread_also_those_that_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CLOSE_HANDSHAKE_TIMEOUT", 0.5)
    thread, ended = ViewersThread(), threading.Event()
    thread.start()

    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    thread.call(lambda: thread.start_task(wait()))
    thread.stop(thread.end_tasks)
    thread.stop(thread.end_tasks)
    assert ended.wait(10)
    thread._thread.join(10)
    thread.call_soon(pytest.fail, "the thread has ended")
