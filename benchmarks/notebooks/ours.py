"""A notebook with `%bokeh_share` on."""

from __future__ import annotations

from typing import Any

from benchmarks.changes import Change


class Notebook:
    def __init__(self) -> None:
        self.plots: list[Any] = []

    def start(self) -> str:
        from IPython import get_ipython

        import bokeh_share

        shell = get_ipython()
        shell.run_line_magic("load_ext", "bokeh_share")
        shell.run_line_magic("bokeh_share", "--address 127.0.0.1 --port 0")
        return bokeh_share.share().url

    def show(self, change: Change, number: int) -> None:
        from bokeh.io import show

        self.plots = change.make_all(number)
        for plot in self.plots:
            show(plot)

    def edit(self, change: Change, number: int) -> None:
        change.edit_all(self.plots, number)
