"""Exports figures in a thread, so that no cell waits for a picture."""

from __future__ import annotations

import importlib.util
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from ...text import sanitize_for_log, shorten
from .display import Display, build_image_snapshot
from .export_process import EXPORT_SCALE, ExportProcess
from .media_snapshot import MediaSnapshot

log = logging.getLogger(__name__)

REQUIRED_PACKAGES = {"plotly": ("plotly", "kaleido"), "altair": ("vl_convert",)}
"""The packages that export figures, by library."""
PACKAGE_NAMES = {"vl_convert": "vl-convert-python"}
IDLE_TIME = 120.0
"""Seconds without an export after which the process is ended."""
MAX_FIGURE_TITLE_LENGTH = 200


def find_missing_package(exporter: str) -> str | None:
    """Return the name of the package that is missing for exports of a library; None if all are there."""
    missing = (each for each in REQUIRED_PACKAGES[exporter] if importlib.util.find_spec(each) is None)
    name = next(missing, None)
    return None if name is None else PACKAGE_NAMES.get(name, name)


class FigureExporter:
    """Exports the figures that it is given, in the order in which they came.

    Exists as long as its tracker. Has a thread and a process while there are figures, and some time after.
    """

    def __init__(self, process: ExportProcess | None = None, *, idle_time: float = IDLE_TIME) -> None:
        self._process = process or ExportProcess()
        self._idle_time = idle_time
        self._waiting: OrderedDict[Display, Callable[[Display, str], None]] = OrderedDict()
        """The figures that wait, with the function to call at the end."""
        self._condition = threading.Condition()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    def export(self, display: Display, on_done: Callable[[Display, str], None]) -> None:
        """Export a figure later. `on_done` is called in another thread, with the display, and with the reason
        if it failed, else an empty text."""
        with self._condition:
            self._waiting[display] = on_done
            self._is_closed = False
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="bokeh_share exports", daemon=True)
                self._thread.start()
            self._condition.notify()

    def cancel(self, display: Display) -> None:
        """Do not export this figure, if it still waits."""
        with self._condition:
            self._waiting.pop(display, None)

    def close(self) -> None:
        """End the process, and forget what waits."""
        with self._condition:
            self._waiting.clear()
            self._is_closed = True
            self._condition.notify()
        self._process.close()

    def _run(self) -> None:
        while (task := self._take()) is not None:
            display, on_done = task
            problem = ""
            try:
                png = self._process.export(display.exporter, display.content)
                display.finish_export(build_figure_snapshot(display, png))
            except ValueError as error:
                problem = str(error)
            except Exception as error:
                log.error("exporting a figure failed", exc_info=sanitize_for_log(error))
                problem = shorten(f"its export failed ({type(error).__name__}: {error})")
            try:
                on_done(display, problem)
            except Exception as error:
                log.error("showing an exported figure failed", exc_info=sanitize_for_log(error))

    def _take(self) -> tuple[Display, Callable[[Display, str], None]] | None:
        """Wait for the next figure; None after a while without one, when the thread and the process end."""
        until = time.monotonic() + self._idle_time
        with self._condition:
            while not self._waiting and not self._is_closed and (rest := until - time.monotonic()) > 0:
                self._condition.wait(rest)
            if self._waiting:
                return self._waiting.popitem(last=False)
            self._thread = None
            self._process.close()
            return None


def build_figure_snapshot(display: Display, png: bytes) -> MediaSnapshot:
    """Build the snapshot of an exported figure. Raises `ValueError` if it is no picture, or too large."""
    title = find_figure_title(display.content)
    return build_image_snapshot("image/png", png, {}, noun=display.noun, title=title, scale=EXPORT_SCALE)


def find_figure_title(figure: Mapping[str, Any]) -> str:
    """Return the title in the JSON of a figure of Plotly or Altair; the empty text if it has none."""
    layout = figure.get("layout")
    title = layout.get("title") if isinstance(layout, Mapping) else figure.get("title")
    if isinstance(title, Mapping):
        title = title.get("text")
    lines = title if isinstance(title, list) else [title]
    text = " ".join(each for each in lines if isinstance(each, str))
    return " ".join(text.split())[:MAX_FIGURE_TITLE_LENGTH]
