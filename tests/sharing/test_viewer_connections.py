"""Whose connections are closed, on both loops."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from support.http_requests import request_with
from tornado.httputil import HTTPServerRequest

from bokeh_share.server.auth.access_control import AccessControl
from bokeh_share.sharing.viewer_connections import ViewerConnections
from bokeh_share.wire.close_codes import CloseCode

REASON = "the link was replaced"


class Loop:
    """Calls at once, or when a test asks."""

    def __init__(self) -> None:
        self.scheduled: list[Callable[[], None]] = []

    def call(self, function: Callable[[], None]) -> None:
        function()

    def schedule(self, delay: float, callback: Callable[[], None]) -> None:
        self.scheduled.append(callback)


class Viewers:
    """Viewers of the page, whose closing is noted, and of apps, each with the cookie of its request."""

    def __init__(self) -> None:
        self.closed: list[dict[str, Any]] = []
        self.apps = {"none": "", "one": "bokeh_share=a.b", "two": "bokeh_share=c.d; bokeh_share=a.b"}

    def close_viewers(self, **options: Any) -> None:
        self.closed.append(options)

    def disconnect(
        self, code: int, reason: str, *, is_affected: Callable[[HTTPServerRequest], bool] = lambda _: True
    ) -> None:
        for name, cookie in list(self.apps.items()):
            if is_affected(request_with(Cookie=cookie)):
                del self.apps[name]


@pytest.fixture
def loop() -> Loop:
    return Loop()


@pytest.fixture
def viewers() -> Viewers:
    return Viewers()


@pytest.fixture
def connections(loop: Loop, viewers: Viewers) -> ViewerConnections:
    return ViewerConnections(cast(Any, loop), cast(Any, viewers), cast(Any, viewers), AccessControl())


def test_all_are_closed_before_the_author_goes_on(connections: ViewerConnections, viewers: Viewers) -> None:
    connections.close_all(CloseCode.SHARE_ENDED, REASON)
    assert viewers.closed == [{"code": CloseCode.SHARE_ENDED, "reason": REASON}]
    assert viewers.apps == {}


def test_those_of_a_session_are_closed_wherever_it_logged_out(
    connections: ViewerConnections, viewers: Viewers, loop: Loop
) -> None:
    connections.close_session("a.b")
    (closed,) = viewers.closed
    assert closed == {
        "code": CloseCode.PASSWORD_REQUIRED,
        "reason": "You have logged out",
        "session_token": "a.b",
    }
    assert len(viewers.apps) == 3, "it may be the other loop that calls"
    for callback in loop.scheduled:
        callback()
    assert list(viewers.apps) == ["none"]
