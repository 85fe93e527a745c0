"""When the author's kernel has to write a plot whole."""

from __future__ import annotations

import pytest

from bokeh_share.broadcast.viewer import Viewer
from bokeh_share.relay.keyframe_requests import KeyframeRequests

pytestmark = pytest.mark.one_pairing


class Desk:
    def __init__(self) -> None:
        self.now = 100.0
        self.requested: list[str] = []
        self.requests = KeyframeRequests(self.requested.append, clock=lambda: self.now)

    def resend(self, viewer: Viewer, plot: str = "p", generation: int = 3, *, after: float = 1.0) -> None:
        self.now += after
        self.requests.record_resend(viewer, plot, generation)


def test_a_second_request_of_a_viewer_for_the_same_generation_reaches_the_kernel() -> None:
    desk, viewer = Desk(), Viewer()
    desk.resend(viewer)
    assert desk.requested == []
    desk.resend(viewer)
    assert desk.requested == ["p"]


def test_other_generations_viewers_and_plots_and_late_requests_do_not() -> None:
    desk, viewer = Desk(), Viewer()
    desk.resend(viewer)
    desk.resend(viewer, generation=4)
    desk.resend(Viewer(), generation=4)
    desk.resend(viewer, "q")
    desk.resend(viewer, generation=4, after=31)
    assert desk.requested == []


def test_many_viewers_cause_one_request_in_ten_seconds() -> None:
    desk, viewers = Desk(), [Viewer() for _ in range(5)]
    for viewer in viewers * 2:
        desk.resend(viewer, after=0.1)
    assert desk.requested == ["p"]
    desk.resend(viewers[0], after=10)
    assert desk.requested == ["p", "p"]
