from __future__ import annotations

import json

import pytest
from looks import look

from bokeh_share.hub import Hub, Viewer
from bokeh_share.page import Key, Page

P, Q = Key("name", "p"), Key("name", "q")


def page(**looks: str) -> Page:
    result = Page()
    for name, text in looks.items():
        result = result.put(Key("name", name), look(text), now=1)
    return result


def taken(hub: Hub, viewer: Viewer) -> list[str]:
    """All that the viewer needs now, as `page version` or `plot generation`."""
    frames = []
    while (frame := hub.next_frame(viewer)) is not None:
        header = json.loads(frame[frame.index(b"{") :])
        plot = header["kind"] == "plot"
        frames.append(f"{header['plot']} {header['generation']}" if plot else f"page {header['version']}")
    return frames


def test_a_new_viewer_gets_the_list_and_then_each_plot() -> None:
    hub = Hub(page(p="a", q="b"))
    with hub.watching() as viewer:
        assert taken(hub, viewer) == ["page 2", "k1 1", "k2 1"]
        assert taken(hub, viewer) == []


def test_a_viewer_in_step_gets_only_what_changed() -> None:
    first = page(p="a", q="b")
    hub = Hub(first)
    with hub.watching() as viewer:
        taken(hub, viewer)
        hub.publish(first.put(P, look("c"), now=2))
        assert taken(hub, viewer) == ["page 3", "k1 2"]


def test_a_slow_viewer_skips_what_was_overtaken() -> None:
    now = page(p="a")
    hub = Hub(now)
    with hub.watching() as viewer:
        taken(hub, viewer)
        for text in "bcde":
            now = now.put(P, look(text), now=2)
            hub.publish(now)
        assert taken(hub, viewer) == ["page 5", "k1 5"]


def test_a_page_that_changes_while_it_is_sent_ends_up_as_the_newest() -> None:
    now = page(p="a", q="b")
    hub = Hub(now)
    with hub.watching() as viewer:
        hub.next_frame(viewer)
        now = now.without(lambda key: key == P).put(Q, look("c"), now=2)
        hub.publish(now)
        assert taken(hub, viewer) == ["page 4", "k2 2"]


def test_everybody_gets_the_very_same_bytes() -> None:
    hub = Hub(page(p="a"))
    with hub.watching() as one, hub.watching() as two:
        for _ in range(2):
            assert hub.next_frame(one) is hub.next_frame(two)


def test_one_who_comes_back_in_step_needs_nothing() -> None:
    hub = Hub(page(p="a"))
    with hub.watching(hub.epoch, 1) as viewer:
        assert taken(hub, viewer) == []


@pytest.mark.parametrize(("epoch", "version"), [("another", 1), (None, 1), (None, None)])
def test_one_who_comes_back_to_another_share_gets_all(epoch: str | None, version: int | None) -> None:
    hub = Hub(page(p="a"))
    with hub.watching(epoch, version) as viewer:
        assert taken(hub, viewer) == ["page 1", "k1 1"]


def test_one_who_comes_back_with_an_old_version_gets_all() -> None:
    hub = Hub(page(p="a", q="b"))
    with hub.watching(hub.epoch, 1) as viewer:
        assert taken(hub, viewer) == ["page 2", "k1 1", "k2 1"]


def test_a_plot_that_could_not_be_shown_comes_again_when_asked_for() -> None:
    hub = Hub(page(p="a", q="b"))
    with hub.watching() as viewer:
        taken(hub, viewer)
        hub.forget(viewer, "k2")
        hub.forget(viewer, "no such plot")
        assert taken(hub, viewer) == ["k2 1"]


def test_one_who_leaves_is_not_counted() -> None:
    hub = Hub(Page())
    with hub.watching():
        assert len(hub.viewers) == 1
    assert not hub.viewers


def test_frames_of_plots_that_are_gone_are_not_kept() -> None:
    hub = Hub(page(p="a"))
    with hub.watching() as viewer:
        taken(hub, viewer)
        hub.publish(Page())
    assert not hub._frames
