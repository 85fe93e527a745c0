"""What each viewer of a relay is sent: keyframe and steps, or only what they lack."""

from __future__ import annotations

import pytest
from support.looks import look_with_bytes
from support.memory_stream import MemoryStream
from support.relay_viewer import RelayViewer

from bokeh_share.broker.publication import Publication
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.relay.page_assembler import PageAssembler
from bokeh_share.relay.relay_hub import MAX_STATES, RelayHub
from bokeh_share.wire.messages import DrawFailure

P, Q = PlotKey("name", "p"), PlotKey("name", "q")


class Desk:
    """An author's kernel, a broker, and two relays."""

    def __init__(self) -> None:
        self.page = Page(title="t")
        self.stream = MemoryStream()
        self.publication = Publication()
        self.publication.resume(None, now=1000)
        self.assemblers = [PageAssembler(), PageAssembler()]
        self.hubs = [RelayHub(ping_interval=20, build_page_version=lambda version: "b1") for _ in range(2)]

    def show(self, text: str, key: PlotKey = P, size: int = 1000) -> None:
        self.page = self.page.put(key, look_with_bytes(text, size), now=1)
        self.update()

    def update(self) -> None:
        update = self.publication.plan_update(self.page)
        if update is not None:
            self.stream.apply(update)
            self.publication.acknowledge(update)
        self.relay()

    def relay(self) -> None:
        for assembler, hub in zip(self.assemblers, self.hubs, strict=True):
            if assembler.take(self.stream.read_after(assembler.last_id)):
                hub.publish(assembler.page)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.show("a")
    desk.show("b", Q)
    return desk


def viewer_of(hub: RelayHub) -> RelayViewer:
    viewer = RelayViewer()
    viewer.connect(hub)
    viewer.receive()
    return viewer


def test_a_viewer_who_comes_gets_the_page_and_one_who_stays_gets_steps(desk: Desk) -> None:
    viewer = viewer_of(desk.hubs[0])
    assert viewer.texts == ["a", "b"]
    assert (viewer.page["title"], viewer.page["build"], viewer.page["heartbeat"]) == ("t", "b1", 20)
    desk.show("c")
    viewer.receive()
    assert (viewer.texts, viewer.kinds) == (["c", "b"], ["whole", "whole", "step"])


def test_a_viewer_who_comes_late_gets_whole_plots_and_the_steps_after_them(desk: Desk) -> None:
    desk.show("c")
    desk.show("d")
    viewer = viewer_of(desk.hubs[0])
    assert (viewer.texts, viewer.kinds) == (["d", "b"], ["whole", "step", "step", "whole"])


def test_a_slow_viewer_gets_the_steps_or_the_whole_plot_if_that_is_shorter(desk: Desk) -> None:
    slow, slower = viewer_of(desk.hubs[0]), viewer_of(desk.hubs[0])
    for text in "cde":
        desk.show(text)
    slow.receive()
    assert (slow.texts, slow.kinds[2:]) == (["e", "b"], ["step"] * 3)
    for number in range(30):
        desk.show(f"state {number}")
    keyframes = desk.publication.plan_keyframes()
    assert keyframes is not None
    desk.stream.apply(keyframes)
    desk.publication.acknowledge(keyframes)
    desk.relay()
    slower.receive()
    assert (slower.texts, slower.kinds[2:]) == (["state 29", "b"], ["whole"])
    assert desk.hubs[0].page.plots.keys() == desk.hubs[1].page.plots.keys()


def test_a_viewer_continues_at_another_relay_with_what_has_changed(desk: Desk) -> None:
    viewer = viewer_of(desk.hubs[0])
    viewer.disconnect()
    desk.show("c")
    viewer.connect(desk.hubs[1])
    viewer.receive()
    assert (viewer.texts, viewer.kinds) == (["c", "b"], ["whole", "whole", "step"])


def test_a_relay_that_starts_later_has_the_page_and_sends_all_of_it(desk: Desk) -> None:
    viewer = viewer_of(desk.hubs[0])
    desk.show("c")
    assembler, hub = PageAssembler(), RelayHub(ping_interval=20, build_page_version=lambda version: "b1")
    assert assembler.take(desk.stream.read_after(None))
    hub.publish(assembler.page)
    viewer.connect(hub)
    viewer.receive()
    assert (viewer.texts, viewer.kinds[2:]) == (["c", "b"], ["whole", "step", "whole"])


def test_another_kernel_takes_the_page_over_under_the_eyes_of_its_viewers(desk: Desk) -> None:
    viewer = viewer_of(desk.hubs[0])
    former = viewer.page["plots"][0]["id"]
    desk.publication = Publication()
    desk.publication.resume(desk.stream.last_id, now=1)
    desk.page = Page(title="t")
    desk.update()
    viewer.receive()
    assert viewer.texts == ["a", "b"], "a kernel that has shown nothing wipes nothing"
    desk.show("anew")
    viewer.receive()
    assert viewer.texts == ["anew"]
    assert viewer.page["plots"][0]["id"] == former, "the same plot, at its place"
    desk.show("b", Q)
    viewer.receive()
    assert viewer.texts == ["anew", "b"]


def test_a_plot_that_a_page_asks_for_comes_whole(desk: Desk) -> None:
    hub = desk.hubs[0]
    desk.show("c")
    with hub.add_viewer() as viewer:
        while hub.take_next_frame(viewer) is not None:
            pass
        plot_id = desk.page.plots[0].id
        hub.request_whole_plot(viewer, plot_id)
        assert hub.is_whole_plot_next(viewer)
        whole = hub.take_next_frame(viewer)
        assert whole is not None
        assert not hub.is_outdated(whole)
        assert not hub.is_whole_plot_next(viewer), "a step follows"
        assert hub.take_next_frame(viewer) is not None
        assert hub.take_next_frame(viewer) is None
        assert not hub.add_failure(viewer, DrawFailure(plot_id, 1, "drawing"))
        assert not hub.handle_pointing(viewer, b"{}")
        desk.show("another", size=10)
        assert hub.is_outdated(whole)


def test_all_viewers_get_the_same_bytes_and_the_wanted_plot_first(desk: Desk) -> None:
    hub = desk.hubs[0]
    with hub.add_viewer(first="q") as one, hub.add_viewer(can_decompress=True) as two:
        first = [hub.take_next_frame(one), hub.take_next_frame(one)]
        assert f'"plot":"{desk.page.plots[1].id}"'.encode() in (first[1] or b"")
        hub.take_next_frame(two)
        frames = {id(hub.take_next_frame(two)), id(hub.take_next_frame(two))}
        assert len(frames) == 2
    with hub.add_viewer() as one, hub.add_viewer() as two:
        assert [hub.take_next_frame(one) for _ in range(3)] == [hub.take_next_frame(two) for _ in range(3)]


def test_the_page_of_an_app_gets_the_page_and_no_plots(desk: Desk) -> None:
    hub = desk.hubs[0]
    with hub.add_viewer(has_plots=False) as viewer:
        frame = hub.take_next_frame(viewer)
        assert frame is not None
        assert b'"plots":[]' in frame
        assert hub.take_next_frame(viewer) is None
        assert not hub.is_whole_plot_next(viewer)


def test_a_hub_without_a_page_sends_nothing_yet_and_remembers_so_many_states(desk: Desk) -> None:
    hub = RelayHub(ping_interval=20, build_page_version=lambda version: "b1")
    with hub.add_viewer() as viewer:
        assert hub.take_next_frame(viewer) is None
    for number in range(MAX_STATES + 5):
        desk.show(f"{number}")
    assert len(desk.hubs[0]._known_states) == MAX_STATES


def test_who_requests_a_plot_is_reported_with_the_generation_that_they_have() -> None:
    resent: list[tuple[str, int]] = []
    hub = RelayHub(
        ping_interval=20,
        build_page_version=lambda version: f"build of {version}",
        on_resend=lambda viewer, plot, generation: resent.append((plot, generation)),
    )
    with hub.add_viewer() as viewer:
        hub.request_whole_plot(viewer, "k1")
        assert resent == [], "they do not have it"
        viewer.generations["k1"] = 4
        hub.request_whole_plot(viewer, "k1")
    assert resent == [("k1", 4)]
