"""Real processes that are killed, stopped, cut off and slowed down: all viewers see the page exactly."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support.kernel_driver import Kernel, until
from support.redis_server import RedisServer
from support.relay_crowd import RelayCrowd
from support.served_relay import RelayProcess
from support.tcp_proxy import TcpProxy

pytestmark = pytest.mark.one_pairing

VIEWERS = 600
SHOW = "from bokeh.models import Div; show(Div(text={text!r}))"


class Desk:
    """A kernel, a broker, two relays behind a proxy, and many viewers.

    The kernel and the relays each reach the broker by a proxy of their own.
    """

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self._environment = folder, environment
        self.server = RedisServer(folder, "--appendonly", "yes", "--appendfsync", "always")
        self.author_way, self.relay_way = TcpProxy(self.server.port), TcpProxy(self.server.port)
        broker = f"redis://127.0.0.1:{self.relay_way.port}/0"
        self.balancer = TcpProxy()
        options = ["--join-rate", "1000", "--public-url", f"http://127.0.0.1:{self.balancer.port}"]
        self.relays = [RelayProcess(broker, *options) for _ in range(2)]
        self.balancer.ports = [relay.port for relay in self.relays]
        self.kernels: list[Kernel] = []
        self.crowd: RelayCrowd | None = None
        self.expected: list[str] = []

    def start_kernel(self, data: str = "data") -> Kernel:
        """Start a kernel of the notebook, which shares it."""
        folder = self.folder / f"kernel {len(self.kernels)}"
        folder.mkdir()
        env = {
            "JPY_SESSION_NAME": str(self.folder / "sales.ipynb"),
            "JUPYTER_DATA_DIR": str(self.folder / data),
            "BOKEH_SHARE_BROKER": f"redis://127.0.0.1:{self.author_way.port}/0",
        }
        self.kernels.append(Kernel(folder, env={**self._environment, **env}))
        return self.kernels[-1]

    def share(self) -> str:
        """Share in the newest kernel. Return the path of the link."""
        return urlsplit(self.kernel.share("-p 0")).path

    @property
    def kernel(self) -> Kernel:
        return self.kernels[-1]

    def open_crowd(self, path: str) -> RelayCrowd:
        self.crowd = RelayCrowd(f"ws://127.0.0.1:{self.balancer.port}{path}ws", VIEWERS)
        return self.crowd

    def show(self, text: str, cell: str = "plot") -> None:
        self.kernel.run(SHOW.format(text=text), cell)

    def until_all_see(self, *texts: str) -> None:
        crowd = self.crowd
        assert crowd is not None
        until(lambda: crowd.have(*texts), what=lambda: f"{texts}: {crowd.describe()}")

    def end(self) -> None:
        if self.crowd is not None:
            self.crowd.stop()
        for kernel in self.kernels:
            kernel.end()
        for relay in self.relays:
            relay.stop()
        for proxy in (self.balancer, self.author_way, self.relay_way):
            proxy.stop()
        self.server.stop()


@pytest.fixture
def desk(tmp_path: Path, environment: dict[str, str]) -> Iterator[Desk]:
    desk = Desk(tmp_path, environment)
    try:
        yield desk
    finally:
        desk.end()


def pid_of(kernel: Kernel) -> int:
    provisioner: Any = kernel.manager.provisioner
    return int(provisioner.pid)


def copy_records(source: Path, target: Path) -> None:
    """Copy the stored links, without the marks that a process of this machine uses them and their ports."""
    shutil.copytree(source, target)
    for file in target.rglob("*.json"):
        record = json.loads(file.read_bytes())
        if "owner" in record:
            file.write_text(json.dumps({**record, "owner": None, "port": None}))


def test_six_hundred_viewers_see_the_page_exactly_after_each_fault(desk: Desk) -> None:
    desk.start_kernel()
    crowd = desk.open_crowd(desk.share())
    desk.show("begin")
    desk.show("other", "another plot")
    desk.until_all_see("begin", "other")

    def after(fault: Callable[[], object], text: str, *, reconnects: int = 0) -> None:
        """Cause a fault, show something, and check that viewers see it, and that each came back at most so
        often."""
        before = crowd.count_connections()
        fault()
        desk.show(text)
        desk.until_all_see(text, "other")
        came_back = [now - then for now, then in zip(crowd.count_connections(), before, strict=True)]
        assert max(came_back) <= reconnects, text

    one, two = desk.relays
    after(lambda: one.stop(signal.SIGKILL), "a relay was killed", reconnects=1)
    after(one.start, "it is back")
    after(two.stop, "the other one was stopped", reconnects=1)
    after(two.start, "it is back too")
    after(lambda: (desk.server.kill(), desk.show("meanwhile"), desk.server.start()), "the broker was killed")
    after(lambda: desk.server.client().flushall(), "the broker was flushed")
    after(lambda: (desk.author_way.cut(), desk.show("cut off"), desk.author_way.restore()), "cut off, author")
    after(lambda: (desk.relay_way.cut(), desk.show("cut"), desk.relay_way.restore()), "cut off, relays")

    def slow_down() -> None:
        desk.author_way.delay = desk.relay_way.delay = 0.3

    after(slow_down, "a slow broker")
    desk.author_way.delay = desk.relay_way.delay = 0.0
    client = desk.server.client()

    def fill() -> None:
        client.config_set("maxmemory", "1mb")
        desk.show("never published")
        desk.kernel.wait(lambda: "is full" in desk.kernel.card, what="the broker is full, on the card")
        client.config_set("maxmemory", "0")

    after(fill, "the broker was full")

    def refuse_writes() -> None:
        client.execute_command("REPLICAOF", "127.0.0.1", "1")
        desk.show("never published")
        desk.kernel.wait(lambda: "is read-only" in desk.kernel.card, what="read-only, on the card")
        client.execute_command("REPLICAOF", "NO", "ONE")

    after(refuse_writes, "the broker was read-only")
    assert crowd.gap_count == 0


def test_a_kernel_that_was_stopped_while_another_one_took_over_writes_no_more(desk: Desk) -> None:
    first = desk.start_kernel()
    path = desk.share()
    crowd = desk.open_crowd(path)
    desk.show("the first kernel")
    desk.until_all_see("the first kernel")
    (desk.folder / "data").rename(
        desk.folder / "elsewhere"
    )  # as on another machine, which has the same files
    copy = desk.folder / "copy"
    copy_records(desk.folder / "elsewhere", copy)
    os.kill(pid_of(first), signal.SIGSTOP)
    try:
        desk.start_kernel("copy")
        assert desk.share() == path
        desk.show("the second kernel")
        desk.until_all_see("the second kernel")
    finally:
        os.kill(pid_of(first), signal.SIGCONT)
    first.run(SHOW.format(text="the first one, awake"), "plot")
    first.wait(lambda: "another kernel shares this notebook now" in first.card, what="fenced, on the card")
    desk.show("the second kernel goes on")
    desk.until_all_see("the second kernel goes on")
    assert crowd.gap_count == 0


def test_after_a_kernels_death_pages_say_so_and_another_kernel_goes_on(desk: Desk) -> None:
    first = desk.start_kernel()
    path = desk.share()
    crowd = desk.open_crowd(path)
    desk.show("one")
    desk.until_all_see("one")
    os.kill(pid_of(first), signal.SIGKILL)
    until(lambda: all(viewer.is_away for viewer in crowd.viewers), what="the notice that the kernel is away")
    assert crowd.have("one")
    desk.start_kernel()
    assert desk.share() == path
    assert crowd.have("one"), "a kernel that has shown nothing wipes nothing"
    desk.show("two")
    desk.until_all_see("two")
    until(lambda: not any(viewer.is_away for viewer in crowd.viewers), what="the end of the notice")
    assert max(crowd.count_connections()) == 1
    assert crowd.gap_count == 0
    desk.kernel.run("%bokeh_share --stop")
    until(lambda: all(4000 in viewer.close_codes for viewer in crowd.viewers), what="the end of the share")
