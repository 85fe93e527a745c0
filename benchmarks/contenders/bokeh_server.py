"""Bokeh's own server, used as in its guide: a function that fills a document for each session.

A later plot goes into each session's document by `add_next_tick_callback`, which is the documented way
to change documents from outside of their callbacks. A model belongs to one document, so each has its own.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from bokeh.document import Document
from bokeh.server.server import Server

from benchmarks.contenders.contender import Link
from benchmarks.plots import POINTS, columns, drawn, marker


class Contender:
    def __init__(self) -> None:
        self.now = ("title", 0)
        self.next: list[tuple[Document, Any]] = []

    def start(self) -> Link:
        self.server = Server({"/": self._fill}, port=0, address="127.0.0.1")
        self.server.start()
        return {"host": "127.0.0.1", "port": self.server.port or 0, "path": "/ws", "bokeh": True}

    def prepare(self, kind: str, number: int, size: int) -> None:
        self.now = (kind, number)
        documents = [session.document for session in self.server.get_sessions("/")]
        self.next = list(zip(documents, plots_for(len(documents), kind, number), strict=True))

    def show(self) -> None:
        for document, figure in self.next:
            document.add_next_tick_callback(partial(_replace, document, figure))

    def _fill(self, document: Document) -> None:
        (figure,) = plots_for(1, *self.now)
        document.add_root(figure)


def plots_for(sessions: int, kind: str, number: int) -> list[Any]:
    """One plot for each session, all on the same arrays."""
    x, y = columns(POINTS[kind], number if kind == "column" else 0)
    x, y = x.copy(), y.copy()
    return [drawn(x, y, marker(kind, number)) for _ in range(sessions)]


def _replace(document: Document, figure: Any) -> None:
    document.clear()
    document.add_root(figure)
