"""Bokeh's own server in a notebook: a function that fills a document for each session.

The document of the newest session is changed by `add_next_tick_callback`, which is the documented way to
change it from outside of its callbacks.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from bokeh.document import Document
from bokeh.server.server import Server

from benchmarks.changes import Change


class Notebook:
    def __init__(self) -> None:
        self.shown: tuple[Change, int] | None = None
        self.document: Document | None = None

    def start(self) -> str:
        self.server = Server({"/": self._fill}, port=0, address="127.0.0.1")
        self.server.start()
        return f"http://127.0.0.1:{self.server.port}/"

    def show(self, change: Change, number: int) -> None:
        self.shown = (change, number)
        if self.document is not None:
            plots = change.make_all(number)
            self.document.add_next_tick_callback(partial(_replace, self.document, plots))

    def edit(self, change: Change, number: int) -> None:
        assert self.document is not None, "there is no session"
        self.document.add_next_tick_callback(partial(_edit, self.document, change, number))

    def _fill(self, document: Document) -> None:
        assert self.shown is not None, "nothing is shown"
        change, number = self.shown
        _replace(document, change.make_all(number))
        self.document = document


def _replace(document: Document, plots: list[Any]) -> None:
    document.clear()
    for plot in plots:
        document.add_root(plot)


def _edit(document: Document, change: Change, number: int) -> None:
    change.edit_all(document.roots, number)
