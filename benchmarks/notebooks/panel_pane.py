"""Panel in a notebook: `pane.object = figure` for the pane of the newest session, served by `pn.serve`."""

from __future__ import annotations

from typing import Any

from benchmarks.changes import Change


class Notebook:
    def __init__(self) -> None:
        self.shown: tuple[Change, int] | None = None
        self.pane: Any = None

    def start(self) -> str:
        import panel

        panel.extension()
        self.server = panel.serve(
            self._make_pane, port=0, address="127.0.0.1", show=False, start=False, verbose=False
        )
        self.server.start()
        return f"http://127.0.0.1:{self.server.port}/"

    def show(self, change: Change, number: int) -> None:
        self.shown = (change, number)
        if self.pane is not None:
            self.pane.object = change.make(number, 0)

    def edit(self, change: Change, number: int) -> None:
        raise NotImplementedError("a pane gets a new figure")

    def _make_pane(self) -> Any:
        import panel

        assert self.shown is not None, "nothing is shown"
        change, number = self.shown
        self.pane = panel.pane.Bokeh(change.make(number, 0))
        return self.pane
