"""Panel's `pane.object = figure`, served by `pn.serve`.

A pane that is given to `pn.serve` itself would not do: it would put one figure into the documents of all
sessions, and a figure can be in one only. So a function makes a pane for each session, as Panel's guide has
it for what is not to be shared.
"""

from __future__ import annotations

from typing import Any

from benchmarks.contenders.bokeh_server import plots_for
from benchmarks.contenders.contender import Link


class Contender:
    def __init__(self) -> None:
        self.now = ("title", 0)
        self.panes: list[Any] = []
        self.next: list[tuple[Any, Any]] = []

    def start(self) -> Link:
        import panel

        panel.extension()
        server = panel.serve(self._pane, port=0, address="127.0.0.1", show=False, start=False, verbose=False)
        server.start()
        self.server = server
        return {"host": "127.0.0.1", "port": server.port, "path": "/ws", "bokeh": True}

    def prepare(self, kind: str, number: int, size: int) -> None:
        self.now = (kind, number)
        self.next = list(zip(self.panes, plots_for(len(self.panes), kind, number), strict=True))

    def show(self) -> None:
        for pane, figure in self.next:
            pane.object = figure

    def _pane(self) -> Any:
        import panel

        pane = panel.pane.Bokeh(*plots_for(1, *self.now))
        self.panes.append(pane)
        return pane
