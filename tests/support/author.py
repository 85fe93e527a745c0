"""An author at a notebook whose cells show, clear and share, without a kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bokeh.models import Div

from bokeh_share.notebook.cell import Area, CellRun, Outcome
from bokeh_share.notebook.notebook_plots import NotebookPlots
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.tracker import PlotTracker

from .looks import as_json


class Author:
    """An author at a notebook: runs cells, and reads the page."""

    def __init__(self, file: Path | None = None) -> None:
        self.names: dict[str, Any] = {}
        self.capture = PlotTracker()
        self.plots = NotebookPlots.build(self.capture, self.names, file)
        self.cells, self.named, self.order = self.plots.cells, self.plots.named, self.plots.order

    def begin(self, id: str | None = "c", *, code: str = "", request_id: str = "", **options: Any) -> CellRun:
        cell = CellRun.from_code(id, code, request_id=request_id)
        cell.set_options(**options)
        return cell

    def show(self, *texts: str, cell: CellRun | None = None, area: Area | None = None) -> list[Outcome]:
        return [self.cells.show(Div(text=text), cell, area=area) for text in texts]

    def end(self, cell: CellRun, *, fails: bool = False) -> None:
        self.plots.finish_run(cell, success=not fails)

    def run(self, id: str | None, *shown: Any, fails: bool = False, **options: Any) -> list[Outcome]:
        """Run a cell that shows these objects, from start to end."""
        cell = self.begin(id, **options)
        outcomes = [self.cells.show(each, cell) for each in shown]
        self.end(cell, fails=fails)
        return outcomes

    @property
    def keys(self) -> list[PlotKey]:
        return [plot.key for plot in self.capture.page.plots]

    @property
    def texts(self) -> list[str]:
        models = [as_json(plot.snapshot) for plot in self.capture.page.plots]
        return [model["attributes"]["text"] for model in models]

    @property
    def captions(self) -> list[str | None]:
        return [plot.caption for plot in self.capture.page.plots]

    @property
    def positions(self) -> list[int]:
        return [key.position for key in self.keys]
