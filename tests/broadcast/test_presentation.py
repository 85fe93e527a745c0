"""The presented view: viewers get steps of it, and late ones the whole."""

from __future__ import annotations

import json
from typing import Any

from bokeh_share.broadcast.presentation import Presentation
from bokeh_share.broadcast.viewer import Viewer
from bokeh_share.limits import MAX_PRESENTED_VIEWS
from bokeh_share.wire.messages import read_header
from bokeh_share.wire.presented_view import PresentedView, Spot

AUTHOR, OTHER = object(), object()
HERE = Spot("k1", "k1.5", 1.0, 2.0)


def take(presentation: Presentation, viewer: Viewer) -> Any:
    """What the viewer lacks; None if nothing."""
    if not presentation.needs_frame(viewer):
        return None
    frame = presentation.take_frame(viewer)
    assert not presentation.needs_frame(viewer)
    return json.loads(frame[frame.index(b'{"') :])


def views(plots: dict[str, str], in_view: tuple[str, ...] | None = None) -> PresentedView:
    return PresentedView(in_view, {id: (("r0", text),) for id, text in plots.items()})


def present(presentation: Presentation, view: PresentedView, presenter: object = AUTHOR) -> None:
    assert presentation.update(presenter, view, 1.0)
    presentation.publish()


def test_before_and_without_a_presentation_nothing_is_sent() -> None:
    assert take(Presentation(), Viewer()) is None


def test_viewers_in_step_get_changes_and_late_ones_the_whole() -> None:
    presentation, early, late = Presentation(), Viewer(), Viewer()
    presentation.start(AUTHOR, 0.0)
    present(presentation, views({"k1": "0,1", "k2": "0,2"}, ("k1",)))
    first = take(presentation, early)
    assert (first["whole"], first["plots"], first["in_view"]) == (
        True,
        {"k1": [["r0", "0,1"]], "k2": [["r0", "0,2"]]},
        ["k1"],
    )
    present(presentation, PresentedView(None, {"k1": (("r0", "0,9"),)}, HERE))
    change = take(presentation, early)
    assert (change["whole"], change["plots"], change["in_view"]) == (False, {"k1": [["r0", "0,9"]]}, None)
    assert change["pointer"] == {"plot": "k1", "model": "k1.5", "x": 1.0, "y": 2.0}
    whole = take(presentation, late)
    assert (whole["whole"], whole["plots"]) == (True, {"k2": [["r0", "0,2"]], "k1": [["r0", "0,9"]]})
    present(presentation, views({"k1": "1,1"}))
    present(presentation, views({"k1": "2,2"}))
    skipped = take(presentation, early)
    assert skipped["whole"], "a slow viewer misses steps, and gets the newest"
    assert skipped["plots"]["k1"] == [["r0", "2,2"]]
    assert skipped["pointer"] is None


def test_changes_between_two_steps_are_one() -> None:
    presentation, viewer = Presentation(), Viewer()
    presentation.start(AUTHOR, 0.0)
    present(presentation, views({"k1": "0,1"}))
    take(presentation, viewer)
    for number in range(5):
        presentation.update(AUTHOR, views({f"k{number + 1}": f"{number},9"}), 2.0)
    assert presentation.is_due
    presentation.publish()
    assert not presentation.is_due
    assert len(take(presentation, viewer)["plots"]) == 5
    assert presentation.changed_at == 2.0


def test_the_one_that_presented_last_presents() -> None:
    presentation, viewer = Presentation(), Viewer()
    presentation.start(AUTHOR, 0.0)
    present(presentation, views({"k1": "0,1"}))
    take(presentation, viewer)
    presentation.start(OTHER, 0.0)
    assert not presentation.update(AUTHOR, views({"k1": "5,5"}), 1.0)
    present(presentation, views({"k2": "0,2"}), OTHER)
    seen = take(presentation, viewer)
    assert (seen["whole"], seen["plots"]) == (True, {"k2": [["r0", "0,2"]]})


def test_its_end_is_told_once() -> None:
    presentation, viewer = Presentation(), Viewer()
    presentation.start(AUTHOR, 0.0)
    present(presentation, views({"k1": "0,1"}))
    take(presentation, viewer)
    presentation.end()
    presentation.publish()
    assert take(presentation, viewer) == {"kind": "present", "presenting": False}
    assert take(presentation, viewer) is None
    assert not presentation.update(AUTHOR, views({}), 1.0)
    assert take(presentation, Viewer()) == {"kind": "present", "presenting": False}, "it may have reconnected"


def test_pages_of_the_author_do_not_follow() -> None:
    presentation = Presentation()
    presentation.start(AUTHOR, 0.0)
    presentation.publish()
    assert take(presentation, Viewer(is_author=True)) is None


def test_a_frame_is_encoded_once_for_all() -> None:
    presentation = Presentation()
    presentation.start(AUTHOR, 0.0)
    present(presentation, views({"k1": "0,1"}))
    frames = [presentation.take_frame(Viewer()) for _ in range(3)]
    assert all(frame is frames[0] for frame in frames)


def test_what_it_keeps_is_limited() -> None:
    presentation = Presentation()
    presentation.start(AUTHOR, 0.0)
    for number in range(1, MAX_PRESENTED_VIEWS + 51):
        present(presentation, views({f"k{number}": "0,1"}))
    plots = take(presentation, Viewer())["plots"]
    assert len(plots) == MAX_PRESENTED_VIEWS
    assert "k50" not in plots


def test_the_view_of_a_plot_that_is_gone_is_forgotten() -> None:
    presentation = Presentation()
    presentation.start(AUTHOR, 0.0)
    present(presentation, views({"k1": "0,1", "k2": "0,2"}))
    presentation.prune(["k2"])
    present(presentation, views({}))
    assert [*take(presentation, Viewer())["plots"]] == ["k2"]


def test_each_step_is_told_as_the_whole_view() -> None:
    told: list[bytes] = []
    presentation = Presentation(told.append)
    presentation.start(AUTHOR, 0.0)
    present(presentation, views({"k1": "0,1", "k2": "0,2"}, ("k1",)))
    present(presentation, PresentedView(None, {"k1": (("r0", "0,9"),)}, HERE))
    late = Viewer()
    assert read_header(told[-1]) == take(presentation, late), "as for a late viewer"
    assert read_header(told[-1])["plots"] == {"k2": [["r0", "0,2"]], "k1": [["r0", "0,9"]]}
    presentation.end()
    presentation.publish()
    assert told[-1] == b""
