"""Writes a static page of plots, which a script in the page changes: the lower bound of the times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bokeh.embed import file_html
from bokeh.resources import INLINE


@contextmanager
def written(plots: Sequence[Any]) -> Iterator[str]:
    """Write a page of plots with the same BokehJS as Bokeh's server has. Yields its URL."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "plots.html")
        path.write_text(file_html(plots, INLINE, title="Plots"), encoding="utf-8")
        yield path.as_uri()
