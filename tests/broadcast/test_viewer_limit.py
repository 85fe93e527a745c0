from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from bokeh_share import limits
from bokeh_share.broadcast.viewer_limit import ViewerLimit


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    with socket.socket() as sock:
        yield sock


def test_as_many_may_join_as_the_author_says_and_the_others_are_counted(sock: socket.socket) -> None:
    calls: list[None] = []
    viewer_limit = ViewerLimit(lambda: calls.append(None))
    viewer_limit.update(2)
    assert [viewer_limit.admit(sock, count) for count in range(4)] == [True, True, False, False]
    assert (viewer_limit.rejected_count, viewer_limit.has_scarce_descriptors) == (2, False)
    assert len(calls) == 2
    viewer_limit.update(None)
    assert (viewer_limit.max_viewers, viewer_limit.rejected_count) == (limits.MAX_VIEWERS, 0)


def test_nobody_may_join_when_few_descriptors_are_left(
    sock: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer_limit = ViewerLimit()
    monkeypatch.setattr("bokeh_share.broadcast.viewer_limit.is_low_on_descriptors", lambda *args: True)
    assert not viewer_limit.admit(sock, 0)
    assert (viewer_limit.rejected_count, viewer_limit.has_scarce_descriptors) == (1, True)
    viewer_limit.update(5)
    assert not viewer_limit.has_scarce_descriptors
