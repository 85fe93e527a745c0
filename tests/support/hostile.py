"""Checks for all tests of hostile visitors: of the log, the process, and that others are served."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest
from support.endpoint_on_loop import EndpointOnLoop, header
from support.looks import look
from tornado.http1connection import HTTP1Connection
from tornado.iostream import BaseIOStream

from bokeh_share import limits
from bokeh_share.broadcast.connection import Connection
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.server.base_handler import ErrorHandler
from bokeh_share.server.visitor_log import _visitor_log

ME = psutil.Process()


def until(condition: Callable[[], object], *, seconds: float = 20.0) -> None:
    """Poll a condition that has no event."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "never came"
        time.sleep(0.005)


def megabytes() -> float:
    gc.collect()
    return float(ME.memory_info().rss) / 1e6


@contextmanager
def nothing_left_over(endpoint: EndpointOnLoop) -> Iterator[None]:
    """Check that the block leaves no descriptors, connections, tasks and related objects behind."""
    descriptors, objects = ME.num_fds(), _count()
    yield
    until(lambda: ME.num_fds() <= descriptors)
    until(lambda: endpoint.broadcaster.count == 0 and not endpoint.broadcaster._thread._tasks)
    until(lambda: len(endpoint.server.guard.pending) == 0)
    until(lambda: _count() <= objects)


def _count() -> int:
    """Count the objects that are made for each visitor."""
    gc.collect()
    kinds = (Connection, BaseIOStream, HTTP1Connection, ErrorHandler, asyncio.Task)
    return sum(issubclass(type(each), kinds) for each in gc.get_objects())


def is_served(endpoint: EndpointOnLoop) -> bool:
    """Return True if a browser gets the page and its plots."""
    return endpoint.get(f"{endpoint.prefix}/")[0].status == 200 and watches(endpoint)


def watches(endpoint: EndpointOnLoop) -> bool:
    with endpoint.watch() as viewer:
        return bool(header(viewer.recv(10))["kind"] == "page")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Collect the logged kinds of misuse. At no level does a log contain other data of visitors, or the
    link."""
    monkeypatch.setattr(_visitor_log, "_logged_at", {})
    monkeypatch.setattr(_visitor_log, "_unlogged_counts", {})
    for name in (None, "tornado", "websockets.server", "bokeh_share"):
        caplog.set_level(logging.DEBUG, logger=name)
    recorder = _MisuseRecorder()
    logging.getLogger("bokeh_share.server.visitor_log").addHandler(recorder)
    gc.freeze()  # so that existing objects are not collected each time
    yield recorder.kinds
    gc.collect()  # asyncio logs errors of forgotten tasks when they are collected
    gc.unfreeze()
    logging.getLogger("bokeh_share.server.visitor_log").removeHandler(recorder)
    theirs = ("websockets.client", "asyncio", "bokeh.server.tornado")  # the tests' own loggers
    records = [*caplog.get_records("call"), *caplog.records]
    quiet = [each for each in records if each.name in theirs and each.levelno < logging.WARNING]
    checked = (
        "bokeh_share.server.visitor_log",
        "bokeh_share.broadcast.hub",
    )  # the second logs plots that could not be drawn
    others = [each for each in records if each not in quiet and each.name not in checked]
    assert not others
    assert len(recorder.kinds) == len(set(recorder.kinds)), "a kind was logged twice within a minute"
    assert not any("secret" in each for each in recorder.kinds)


class _MisuseRecorder(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.kinds: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kinds.append(record.getMessage().removeprefix("visitor refused: "))


def with_plot(page: Page, size: int, text: str = "a") -> Page:
    return page.put(PlotKey("name", "p"), look(text, bytes(size)), now=1)


def is_closed(connection: socket.socket, *, within: float) -> bool:
    """Return True if the other end closes the connection in time."""
    connection.settimeout(within)
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten the timeouts for slow visitors."""
    monkeypatch.setattr(limits, "IDLE_TIMEOUT", 0.5)
    monkeypatch.setattr(limits, "RESPONSE_TIMEOUT", 0.5)
