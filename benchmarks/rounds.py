"""Runs the contenders in turns: each shows updates to the same number of viewers."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.audience import Audience, gathered
from benchmarks.kernel import Kernel, running
from benchmarks.plots import marker

CONTENDERS = ("ours", "bokeh_server", "panel_pane", "broadcast")
SENDERS = ("ours", "broadcast", "serialised")
"""The contenders that send only the new values."""
START = """
from benchmarks.contenders.contender import Stopwatch
from benchmarks.contenders.{name} import Contender
stopwatch, contender = Stopwatch(), Contender()
link = contender.start()
"""
UPDATE = "stopwatch.start(); contender.show()"
REST = 0.3
"""Seconds between two turns, so that no contender pays for leftover work of the one before."""


@dataclass(frozen=True)
class Measurement:
    """One update, shown by one contender."""

    seconds: float
    """Seconds from just before the update was shown until the last viewer received the last byte."""
    processor: float
    """Seconds of the kernel's processor time."""
    bytes: float
    """Payload per viewer."""


class Rounds:
    """All contenders, each in its kernel, and their viewers."""

    def __init__(self, audience: Audience, kernels: dict[str, Kernel], *, sized_by: str = "ours") -> None:
        """The broadcast sends as many bytes as the contender `sized_by` did."""
        self.audience = audience
        self.kernels = kernels
        self._sized_by = sized_by
        self._links: dict[str, Any] = {name: kernel.ask("link") for name, kernel in kernels.items()}
        self._shown: dict[str, str] = {}
        self._number = 0
        self._size = 0
        self._viewers = 0

    def set_viewer_count(self, viewers: int) -> None:
        """Open this number of viewers for each contender."""
        for name, link in self._links.items():
            if name not in self._shown:
                self.measure(name, "title")
            self.audience.come(name, link, viewers, self._shown[name])
        self._viewers = viewers

    def measure(self, name: str, kind: str) -> Measurement:
        kernel = self.kernels[name]
        self._number += 1
        self._shown[name] = marker(kind, self._number)
        kernel.run(f"contender.prepare({kind!r}, {self._number}, {self._size})", "preparing")
        time.sleep(REST)
        watched = self._viewers > 0
        if watched:
            self.audience.expect(name, self._shown[name])
        kernel.run(UPDATE, "showing")
        if not watched:
            return Measurement(0.0, 0.0, 0.0)
        result = self.audience.result(name)
        processor = kernel.ask("stopwatch.cost()")
        if name == self._sized_by:
            self._size = round(result.bytes)
        return Measurement(result.last - kernel.ask("stopwatch.began"), processor, result.bytes)

    def run(self, kind: str, times: int, names: Sequence[str] = CONTENDERS) -> dict[str, list[Measurement]]:
        """Run `times` rounds, each with a turn of all `names`, after a first round that does not count."""
        measurements: dict[str, list[Measurement]] = {name: [] for name in names}
        for again in range(times + 1):
            for name in names:
                measurement = self.measure(name, kind)
                if again:
                    measurements[name].append(measurement)
        return measurements


@contextmanager
def opened(names: Collection[str] = {*CONTENDERS, *SENDERS}) -> Iterator[Rounds]:
    """Start each contender in a new kernel, without viewers."""
    with ExitStack() as stack:
        audience = stack.enter_context(gathered())
        kernels = {name: stack.enter_context(running()) for name in sorted(names)}
        for name, kernel in kernels.items():
            kernel.run(START.format(name=name), "starting")
        yield Rounds(audience, kernels)
