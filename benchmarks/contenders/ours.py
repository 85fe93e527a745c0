"""A cell of a notebook that runs again, with `%bokeh_share` on."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from benchmarks.contenders.contender import Link
from benchmarks.plots import plot


def find_link() -> Link:
    """Return the link of the running share."""
    import bokeh_share

    link = urlsplit(bokeh_share.share().url)
    return {"host": "127.0.0.1", "port": link.port or 80, "path": f"{link.path}ws", "bokeh": False}


class Contender:
    def __init__(self) -> None:
        self.next: Any = None

    def start(self) -> Link:
        from IPython import get_ipython

        shell = get_ipython()
        shell.run_line_magic("load_ext", "bokeh_share")
        shell.run_line_magic("bokeh_share", "--address 127.0.0.1 --port 0")
        return find_link()

    def prepare(self, kind: str, number: int, size: int) -> None:
        self.next = plot(kind, number)

    def show(self) -> None:
        from bokeh.io import show

        show(self.next)
