"""Generated faults: whatever is lost, repeated, flushed or taken over, all viewers end up with the page."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.looks import look_with_bytes
from support.memory_stream import MemoryStream
from support.relay_viewer import RelayViewer

from bokeh_share.broker.errors import PublisherFenced, StreamGap, StreamLost
from bokeh_share.broker.publication import Publication
from bokeh_share.broker.share_info import ShareInfo
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.relay.page_assembler import PageAssembler
from bokeh_share.relay.relay_hub import RelayHub
from bokeh_share.server.auth.password import PasswordHash
from bokeh_share.wire.author_messages import encode_pins
from bokeh_share.wire.messages import read_header

KEYS = [PlotKey("name", name) for name in "pqr"]
RELAYS = st.integers(0, 1)
VIEWERS = st.integers(0, 3)


class Kernel:
    """An author's kernel, which may be frozen while another one takes its share over."""

    def __init__(self) -> None:
        self.page, self.publication, self.count = Page(), Publication(), 0
        self.pins = b""
        self.is_connected = self.is_fenced = False


class Relay:
    def __init__(self) -> None:
        self.assembler, self.hub = (
            PageAssembler(),
            RelayHub(ping_interval=20, build_page_version=lambda version: "b"),
        )


class Share(RuleBasedStateMachine):
    """Two kernels of one notebook, a broker, two relays, four viewers."""

    @initialize()
    def begin(self) -> None:
        self.stream = MemoryStream()
        self.kernels = [Kernel()]
        self.relays = [Relay(), Relay()]
        self.viewers = [RelayViewer() for _ in range(4)]
        self.clock = 1000

    @property
    def kernel(self) -> Kernel:
        return self.kernels[-1]

    @rule(key=st.sampled_from(KEYS), size=st.sampled_from([0, 10, 500]))
    def show(self, key: PlotKey, size: int) -> None:
        self.kernel.count += 1
        text = f"{len(self.kernels)} {key.identifier} {self.kernel.count}"
        self.kernel.page = self.kernel.page.put(key, look_with_bytes(text, size), now=1)

    @rule(count=st.integers(0, 2))
    def pin(self, count: int) -> None:
        self.kernel.pins = encode_pins([{"pin": number} for number in range(count)])

    @rule(key=st.sampled_from(KEYS))
    def drop(self, key: PlotKey) -> None:
        self.kernel.page = self.kernel.page.remove(lambda each: each == key)

    @rule(index=st.integers(0, 5), loss=st.sampled_from(["nothing", "nothing", "update", "answer"]))
    def publish(self, index: int, loss: str) -> None:
        """A kernel publishes, perhaps one that was frozen; the update or its answer may be lost."""
        kernel = self.kernels[-1 - index % len(self.kernels)]
        if kernel.is_fenced:
            return
        if not kernel.is_connected:
            kernel.is_fenced = not kernel.publication.resume(self.stream.last_id, now=self.clock)
            kernel.is_connected = not kernel.is_fenced
            if kernel.is_fenced:
                return
        newest = kernel.publication.plan_update(kernel.page, {"pins": kernel.pins})
        update = newest or kernel.publication.plan_keyframes()
        if update is None:
            return
        if loss != "nothing":
            kernel.is_connected = False
        if loss == "update":
            return
        try:
            self.stream.apply(update)
        except PublisherFenced:
            kernel.is_fenced = True
        except StreamLost:
            kernel.is_connected = False
        else:
            if loss == "nothing":
                kernel.publication.acknowledge(update)

    @rule()
    def flush_the_broker(self) -> None:
        self.stream.flush()
        for kernel in self.kernels:  # each notices it with its next beat
            kernel.is_connected = False

    @precondition(lambda self: len(self.kernels) < 3)
    @rule()
    def start_another_kernel(self) -> None:
        self.clock += 1
        self.kernels.append(Kernel())

    @rule(number=RELAYS)
    def relay(self, number: int) -> None:
        assembler, hub = self.relays[number].assembler, self.relays[number].hub
        if self.stream.last_id is None or (assembler.last_id or (0, 0)) > self.stream.last_id:
            assembler.restart()  # as a relay does when the stream is another one
        try:
            is_complete = assembler.take(self.stream.read_after(assembler.last_id))
        except StreamGap:
            assembler.restart()
            is_complete = assembler.take(self.stream.read_after(None))
        if is_complete:
            hub.publish(assembler.page)

    @rule(number=RELAYS)
    def restart_a_relay(self, number: int) -> None:
        for viewer in self.viewers:
            if viewer._hub is self.relays[number].hub:
                viewer.disconnect()
        self.relays[number] = Relay()

    @rule(viewer=VIEWERS, relay=RELAYS)
    def connect(self, viewer: int, relay: int) -> None:
        self.viewers[viewer].connect(self.relays[relay].hub)

    @rule(viewer=VIEWERS, count=st.integers(1, 3))
    def receive(self, viewer: int, count: int) -> None:
        self.viewers[viewer].receive(count)

    @invariant()
    def the_stream_is_whole(self) -> None:
        if self.stream.entries:
            self.stream.read()

    def teardown(self) -> None:
        if not hasattr(self, "stream"):
            return
        self.show(KEYS[0], 10)
        self.publish(0, "nothing")
        if self.kernel.is_fenced:  # another kernel, which was frozen before, has connected later
            return
        if not self.kernel.is_connected:
            self.publish(0, "nothing")
        expected = [
            plot.snapshot.nodes[0].attributes["text"].text.strip('"') for plot in self.kernel.page.plots
        ]
        for number in range(2):
            self.relay(number)
        for number, viewer in enumerate(self.viewers):
            viewer.connect(self.relays[number % 2].hub)
            viewer.receive()
            assert viewer.texts == expected
            assert viewer.pins == (read_header(self.kernel.pins)["pins"] if self.kernel.pins else [])


Share.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True)
TestShare = pytest.mark.one_pairing(Share.TestCase)


def test_the_empty_page_of_another_kernel_wipes_nothing() -> None:
    stream, assembler = MemoryStream(), PageAssembler()

    def publish(publication: Publication, page: Page) -> None:
        update = publication.plan_update(page)
        assert update is not None
        stream.apply(update)
        publication.acknowledge(update)
        assembler.take(stream.read_after(assembler.last_id))

    first, second = Publication(), Publication()
    first.resume(None, now=1000, has_page=False)
    publish(first, Page(title="empty"))
    assert assembler.page.header["title"] == "empty", "there was none"
    publish(first, page := Page(title="a").put(KEYS[0], look_with_bytes("a", 10), now=1))
    stream.flush()  # so the next kernel finds no page
    second.resume(None, now=2000, has_page=False)
    publish(second, Page(title="b"))
    assert (assembler.page.header["title"], len(assembler.page.plots)) == ("a", 1)
    publish(second, page)
    assert assembler.page.epoch == second.epoch
    publish(second, page.remove(lambda key: True))
    assert not assembler.page.plots, "what was shown can be taken away"


def test_a_password_of_a_kernel_that_has_shown_nothing_holds_for_the_page_of_the_one_before() -> None:
    stream, is_open = MemoryStream(), ShareInfo("3.9.2")
    is_locked = ShareInfo("3.9.3", password=PasswordHash(b"salt", b"digest"))
    former, later = Publication(), Publication()
    former.resume(stream.last_id, now=1000)
    stream.apply(former.plan_update(shown := put_text("a"), {"share": is_open.encode()}))
    assembler = PageAssembler()
    assert assembler.take([*stream.entries.items()])
    page = assembler.page
    later.resume(stream.last_id, now=1000)
    stream.apply(later.plan_update(Page(), {"share": is_locked.encode()}))
    late = PageAssembler()
    assert late.take([*stream.entries.items()])
    assert assembler.take([*stream.entries.items()][-1:])
    for each in (assembler, late):
        assert each.page.share == ShareInfo("3.9.2", password=is_locked.password)
        assert each.page.entries.by_id == page.entries.by_id
        assert [*each.page.plots] == [shown.plots[0].id]


def put_text(text: str) -> Page:
    return Page().put(KEYS[0], look_with_bytes(text, 10), now=1)
