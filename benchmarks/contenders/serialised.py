"""The lower bound for a plot: Bokeh serialises it, and Tornado sends as many bytes to each viewer."""

from __future__ import annotations

from typing import Any

from bokeh.core.serialization import Serializer

from benchmarks.contenders import broadcast
from benchmarks.plots import plot


class Contender(broadcast.Contender):
    figure: Any = None

    def prepare(self, kind: str, number: int, size: int) -> None:
        super().prepare(kind, number, size)
        self.figure = plot(kind, number)

    def show(self) -> None:
        Serializer().encode(self.figure)
        super().show()
