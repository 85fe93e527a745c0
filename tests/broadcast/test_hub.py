from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from support.looks import look
from support.plot_ids import id_of, shorten_id
from support.small_pictures import build_png

from bokeh_share.broadcast.hub import Hub, Viewer
from bokeh_share.broadcast.page_frames import MAX_PAGE_FRAME_AGE
from bokeh_share.plots.media import Display, MediaSnapshot
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.wire.messages import DRAW_FAILURE_REASONS, DrawFailure

P, Q = PlotKey("name", "p"), PlotKey("name", "q")


def page(**looks: str) -> Page:
    result = Page()
    for name, text in looks.items():
        result = result.put(PlotKey("name", name), look(text), now=1)
    return result


def read_header(frame: bytes) -> dict[str, Any]:
    """Return the header of the message in a frame."""
    header: dict[str, Any] = json.JSONDecoder().raw_decode(frame[frame.index(b'{"') :].decode("latin-1"))[0]
    return header


def taken(hub: Hub, viewer: Viewer) -> list[str]:
    """All that the viewer needs now, as `page version` or `plot generation`."""
    frames = []
    while (frame := hub.take_next_frame(viewer)) is not None:
        header = read_header(frame)
        plot = header["kind"] == "plot"
        frames.append(
            f"{shorten_id(hub.page.plots, header['plot'])} {header['generation']}"
            if plot
            else f"page {header['version']}"
        )
    return frames


def listed(hub: Hub, viewer: Viewer) -> tuple[int | None, list[str]]:
    """The version that the next page message changes, None for none, and the plots that it lists."""
    frame = hub.take_next_frame(viewer)
    assert frame is not None
    header = read_header(frame)
    return header["base"], [shorten_id(hub.page.plots, plot["id"]) for plot in header["plots"]]


def test_a_new_viewer_gets_the_list_and_then_each_plot() -> None:
    hub = Hub(page(p="a", q="b"))
    with hub.add_viewer() as viewer:
        assert taken(hub, viewer) == ["page 2", "k1 1", "k2 1"]
        assert taken(hub, viewer) == []


def test_viewers_get_the_time_of_the_server_and_the_same_bytes_for_some_seconds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1_000_000
    monkeypatch.setattr("bokeh_share.broadcast.page_frames.read_time_ms", lambda: now)
    hub = Hub(page())

    def take_page() -> bytes:
        with hub.add_viewer() as viewer:
            frame = hub.take_next_frame(viewer)
        assert frame is not None
        return frame

    first = take_page()
    assert json.loads(first[first.index(b"{") :])["now"] == now
    now += MAX_PAGE_FRAME_AGE
    assert take_page() is first
    now += 1
    later = take_page()
    assert json.loads(later[later.index(b"{") :])["now"] == now
    now -= 3_600_000  # the author set the clock
    assert take_page() is not later


def test_a_viewer_in_step_gets_only_what_changed() -> None:
    first = page(p="a", q="b")
    hub = Hub(first)
    with hub.add_viewer() as viewer:
        taken(hub, viewer)
        hub.publish(first.put(P, look("c"), now=2))
        assert taken(hub, viewer) == ["page 3", "k1 2"]


def test_a_page_in_step_is_sent_the_list_of_plots_that_changed() -> None:
    first = page(p="a", q="b")
    hub = Hub(first)
    with hub.add_viewer() as viewer, hub.add_viewer() as slow:
        taken(hub, viewer)
        hub.take_next_frame(slow)
        for number in (2, 3):
            hub.publish(hub.page.put(P if number == 2 else Q, look(f"look {number}"), now=number))
            if number == 2:
                assert listed(hub, viewer) == (2, ["k1"])
        assert listed(hub, viewer) == (3, ["k2"])
        assert listed(hub, slow) == (2, ["k1", "k2"])
        with hub.add_viewer(hub.epoch, 4) as late:
            assert listed(hub, late) == (None, ["k1", "k2"])


def test_the_page_of_an_app_is_sent_no_list_of_plots() -> None:
    hub = Hub(page(p="a", q="b"))
    with hub.add_viewer(has_plots=False) as viewer:
        assert listed(hub, viewer) == (None, [])
        hub.publish(hub.page.put(P, look("c"), now=2))
        assert listed(hub, viewer) == (None, [])
        assert taken(hub, viewer) == []


def test_a_slow_viewer_skips_outdated_states() -> None:
    now = page(p="a")
    hub = Hub(now)
    with hub.add_viewer() as viewer:
        taken(hub, viewer)
        for text in "bcde":
            now = now.put(P, look(text), now=2)
            hub.publish(now)
        assert taken(hub, viewer) == ["page 5", "k1 5"]


def test_a_page_that_changes_while_it_is_sent_ends_up_as_the_newest() -> None:
    now = page(p="a", q="b")
    hub = Hub(now)
    with hub.add_viewer() as viewer:
        hub.take_next_frame(viewer)
        now = now.remove(lambda key: key == P).put(Q, look("c"), now=2)
        hub.publish(now)
        assert taken(hub, viewer) == ["page 4", "k2 2"]


FIVE = {name: name for name in "abcde"}


@pytest.mark.parametrize(
    ("first", "order"),
    [
        ("a", "12345"),
        ("c", "32415"),
        (id_of("c"), "32415"),
        ("e", "54321"),
        ("nobody", "12345"),
        ("", "12345"),
    ],
)
def test_the_plot_that_a_viewer_wants_first_comes_first_and_then_those_near(first: str, order: str) -> None:
    hub = Hub(page(**FIVE))
    with hub.add_viewer(first=first) as viewer:
        assert taken(hub, viewer) == ["page 5", *(f"k{place} 1" for place in order)]


def test_a_plot_whose_id_is_wanted_comes_before_one_of_this_name() -> None:
    hub = Hub(page(**{id_of("c"): "a", "b": "b", "c": "c"}))
    with hub.add_viewer(first=id_of("c")) as viewer:
        assert taken(hub, viewer) == ["page 3", "k3 1", "k2 1", "k1 1"]


def test_a_plot_without_a_name_is_wanted_by_its_anchor() -> None:
    keys = [PlotKey("cell", "c1", place) for place in range(3)]
    now = Page()
    for key in keys:
        now = now.put(key, look("a"), now=1)
    with (hub := Hub(now)).add_viewer(first=keys[2].anchor) as viewer:
        assert taken(hub, viewer) == ["page 3", "k3 1", "k2 1", "k1 1"]


def test_a_viewer_in_step_gets_changes_in_the_order_of_the_page_again() -> None:
    now = page(**FIVE)
    hub = Hub(now)
    with hub.add_viewer(first="e") as viewer:
        taken(hub, viewer)
        for name in "ae":
            now = now.put(PlotKey("name", name), look("new"), now=2)
        hub.publish(now)
        assert taken(hub, viewer) == ["page 7", "k1 2", "k5 2"]


def test_one_who_comes_back_gets_the_changes_of_the_wanted_plot_first() -> None:
    now = page(**FIVE)
    hub = Hub(now)
    for name in "abde":
        now = now.put(PlotKey("name", name), look("new"), now=2)
    hub.publish(now)
    with hub.add_viewer(hub.epoch, 5, first=id_of("d")) as viewer:
        assert taken(hub, viewer) == ["page 9", "k4 2", "k5 2", "k2 2", "k1 2"]


def test_whoever_wants_a_plot_first_is_sent_the_same_bytes_as_others() -> None:
    hub = Hub(page(**FIVE))
    with hub.add_viewer(first="e") as one, hub.add_viewer() as two:
        wanted = [iter(lambda: hub.take_next_frame(one), None), iter(lambda: hub.take_next_frame(two), None)]
        frames = [sorted(map(id, each)) for each in wanted]
        assert frames[0] == frames[1]


def test_a_list_of_many_plots_is_compressed_for_those_who_can_decompress() -> None:
    hub = Hub(page(**{f"plot {number}": "x" for number in range(100)}))
    with hub.add_viewer(can_decompress=True) as one, hub.add_viewer() as two:
        small, large = hub.take_next_frame(one), hub.take_next_frame(two)
        assert small is not None
        assert large is not None
        assert len(small) < len(large) / 4


def test_everybody_gets_the_very_same_bytes() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer() as one, hub.add_viewer() as two:
        for _ in range(2):
            assert hub.take_next_frame(one) is hub.take_next_frame(two)


def test_one_who_comes_back_in_step_learns_so_by_the_page_alone() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer(hub.epoch, 1) as viewer:
        assert taken(hub, viewer) == ["page 1"]


@pytest.mark.parametrize(("epoch", "version"), [("another", 1), (None, 1), (None, None)])
def test_one_who_comes_back_to_another_share_gets_all(epoch: str | None, version: int | None) -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer(epoch, version) as viewer:
        assert taken(hub, viewer) == ["page 1", "k1 1"]


def test_one_who_comes_back_with_an_old_version_gets_all() -> None:
    hub = Hub(page(p="a", q="b"))
    with hub.add_viewer(hub.epoch, 1) as viewer:
        assert taken(hub, viewer) == ["page 2", "k1 1", "k2 1"]


def test_a_plot_that_could_not_be_shown_comes_again_when_asked_for() -> None:
    hub = Hub(page(p="a", q="b"))
    with hub.add_viewer() as viewer:
        taken(hub, viewer)
        hub.request_whole_plot(viewer, id_of("q"))
        hub.request_whole_plot(viewer, "no such plot")
        assert taken(hub, viewer) == ["k2 1"]


def steps(hub: Hub, viewer: Viewer) -> list[tuple[int | None, int]]:
    """The plots that the viewer needs now: from which generation, None for whole, to which."""
    found = []
    while (frame := hub.take_next_frame(viewer)) is not None:
        header = read_header(frame)
        if header["kind"] == "plot":
            assert (header["base"] is None) == (header["op"] == "replace")
            found.append((header["base"], header["generation"]))
    return found


def published(hub: Hub, *texts: str) -> None:
    """New states of the only plot, one after the other."""
    for text in texts:
        hub.publish(hub.page.put(P, look(text), now=2))


def test_a_patch_names_the_state_that_it_is_for() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer() as viewer:
        assert steps(hub, viewer) == [(None, 1)]
        for generation, text in enumerate("bcd", 2):
            published(hub, text)
            assert steps(hub, viewer) == [(generation - 1, generation)]


def test_one_who_fell_behind_gets_one_patch_from_their_state_to_the_newest() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer() as slow, hub.add_viewer() as fast:
        assert steps(hub, slow) == steps(hub, fast) == [(None, 1)]
        for generation, text in enumerate("bcdef", 2):
            published(hub, text)
            assert steps(hub, fast) == [(generation - 1, generation)]
        assert steps(hub, slow) == [(1, 6)]


def test_one_who_is_further_behind_than_what_is_kept_gets_the_plot_whole() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer() as first, hub.add_viewer() as second, hub.add_viewer() as third:
        steps(hub, first)
        published(hub, "b")
        steps(hub, second)
        published(hub, "c")
        steps(hub, third)
        published(hub, "d")
        assert steps(hub, first) == [(None, 4)]
        assert steps(hub, second) == [(2, 4)]
        assert steps(hub, third) == [(3, 4)]


def test_at_most_two_old_states_are_kept_and_of_these_only_what_somebody_has() -> None:
    def kept() -> list[int]:
        return [plot.generation for plots in hub._former_states.values() for plot in plots]

    hub = Hub(page(p="a"))
    with hub.add_viewer() as viewer:
        steps(hub, viewer)
        published(hub, *"bcdef")
        assert kept() == [1, 5]
        steps(hub, viewer)
        published(hub, *"gh")
        assert kept() == [6, 7]
        hub.publish(Page())
        assert kept() == []


def test_nobody_who_watches_leaves_one_old_state_at_most() -> None:
    hub = Hub(page(p="a"))
    published(hub, *"bcdef")
    assert [plot.generation for plot in hub._former_states[id_of("p")]] == [5]


def test_one_who_comes_back_gets_one_patch_from_the_state_they_name() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer() as viewer:
        steps(hub, viewer)
        version = viewer.version
    published(hub, *"bcd")
    with hub.add_viewer(hub.epoch, version) as viewer:
        assert steps(hub, viewer) == [(1, 4)]


def test_one_who_comes_back_to_a_page_where_nothing_changed_gets_the_page_alone() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer() as viewer:
        steps(hub, viewer)
        version = viewer.version
    hub.publish(hub.page.put(P, look("a"), now=9))
    with hub.add_viewer(hub.epoch, version) as viewer:
        assert taken(hub, viewer) == [f"page {version}"]


def test_all_who_are_in_the_same_state_get_the_very_same_bytes() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer() as one, hub.add_viewer() as two, hub.add_viewer() as late:
        steps(hub, one)
        steps(hub, two)
        published(hub, "b", "c")
        for viewer in (one, two, late):
            hub.take_next_frame(viewer)  # the page
        patch = hub.take_next_frame(one)
        assert hub.take_next_frame(two) is patch
        assert hub.take_next_frame(late) is not patch


def test_a_plot_that_comes_again_is_patched_from_then_on() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer() as viewer:
        steps(hub, viewer)
        published(hub, "b")
        hub.request_whole_plot(viewer, id_of("p"))
        assert steps(hub, viewer) == [(None, 2)]
        published(hub, "c")
        assert steps(hub, viewer) == [(2, 3)]


def test_a_page_that_changed_in_order_and_title_only_sends_no_plot() -> None:
    hub = Hub(page(p="a", q="b"))
    with hub.add_viewer() as viewer:
        steps(hub, viewer)
        hub.publish(hub.page.update_title("t").sort(lambda key: (key == P,)))
        assert taken(hub, viewer) == ["page 4"]


def test_one_who_leaves_is_not_counted() -> None:
    hub = Hub(Page())
    with hub.add_viewer():
        assert len(hub.viewers) == 1
    assert not hub.viewers


def test_frames_of_plots_that_are_gone_are_not_kept() -> None:
    hub = Hub(page(p="a"))
    with hub.add_viewer() as viewer:
        taken(hub, viewer)
        hub.publish(Page())
    assert not hub._messages


def test_a_plot_that_a_page_could_not_draw_is_known_until_it_changes(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="bokeh_share.broadcast.hub")
    now = page(p="a", q="b")
    hub = Hub(now)
    failure = DrawFailure(id_of("p"), 1, "drawing")
    with hub.add_viewer() as one, hub.add_viewer() as two:
        assert not hub.add_failure(one, failure), "it has not been given that plot yet"
        taken(hub, one), taken(hub, two)
        assert hub.add_failure(one, failure)
        assert not hub.add_failure(two, DrawFailure(id_of("p"), 1, "type")), "the first report counts"
        assert hub.failures == {id_of("p"): failure}
        hub.publish(now := now.put(Q, look("c"), now=2))
        assert hub.failures == {id_of("p"): failure}
        hub.publish(now := now.put(P, look("d"), now=3))
        assert hub.failures == {}
        assert not hub.add_failure(two, failure), "that is what it was before"
        taken(hub, two)
        assert hub.add_failure(two, DrawFailure(id_of("p"), 2, "drawing"))
        hub.publish(now.remove(lambda key: key == P))
        assert hub.failures == {}
    assert caplog.messages == [f"a viewer's page could not draw plot k1: {DRAW_FAILURE_REASONS['drawing']}"]


def picture(color: int, kind: str = "png") -> MediaSnapshot:
    display = (
        Display(f"image/{kind}", build_png(color=color))
        if kind == "png"
        else Display("text/markdown", "a" * 2000)
    )
    return display.build_snapshot()


def test_a_picture_is_sent_whole_once_per_change_and_its_former_states_are_not_kept() -> None:
    first = Page().put(P, picture(1), now=1)
    hub = Hub(first)
    with hub.add_viewer() as viewer, hub.add_viewer() as slow, hub.add_viewer(can_decompress=True) as other:
        assert hub.take_next_frame(viewer) is not None
        assert hub.is_whole_plot_next(viewer), "the first picture takes a turn, as plots do"
        sent = hub.take_next_frame(viewer)
        taken(hub, slow)
        assert taken(hub, other) == ["page 1", "k1 1"]
        hub.publish(first.put(P, picture(1), now=2))
        assert taken(hub, viewer) == [], "an equal picture sends nothing"
        newer = first.put(P, picture(2), now=2)
        hub.publish(newer)
        hub.publish(newer.put(P, picture(3), now=3))
        assert hub.take_next_frame(viewer) is not None
        assert not hub.is_whole_plot_next(viewer), "a change waits for nobody"
        frames = [hub.take_next_frame(viewer)]
        for each in (slow, other):
            hub.take_next_frame(each)
            frames.append(hub.take_next_frame(each))
        assert sent not in frames
        assert frames[0] is frames[1] is not None
        assert frames[0] == frames[2], "a picture is not compressed again"
        assert not hub._former_states


def test_a_text_is_compressed_for_those_who_can_decompress() -> None:
    hub = Hub(Page().put(P, picture(0, "text"), now=1))
    with hub.add_viewer() as viewer, hub.add_viewer(can_decompress=True) as other:
        for each in (viewer, other):
            hub.take_next_frame(each)
        whole, compressed = hub.take_next_frame(viewer), hub.take_next_frame(other)
        assert whole is not None
        assert compressed is not None
        assert len(compressed) < len(whole) / 2


def test_a_plot_that_becomes_a_picture_and_a_plot_again_is_sent_whole() -> None:
    first = page(p="a")
    hub = Hub(first)
    with hub.add_viewer() as viewer:
        taken(hub, viewer)
        second = first.put(P, picture(1), now=2)
        hub.publish(second)
        assert taken(hub, viewer) == ["page 2", "k1 2"]
        hub.publish(second.put(P, look("b"), now=3))
        assert steps(hub, viewer) == [(None, 3)]
