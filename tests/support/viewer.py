"""A viewer without a browser: the state of its page after each frame of the websocket."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from bokeh.model import Model
from support.looks import Screen, opened
from support.page_messages import merge_page
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

DEADLINE = 60.0


class Media(NamedTuple):
    """A picture, a table or a text, as a page receives it."""

    kind: str
    type: str
    width: float | None
    height: float
    data: bytes
    parts: list[str]

    @property
    def json(self) -> Any:
        """The table, or the nodes of the text."""
        return json.loads(self.data)


class Viewer:
    """Applies each frame as the page does, but with Bokeh's own Python documents."""

    def __init__(self, connection: ClientConnection) -> None:
        self.frames: list[dict[str, Any]] = []
        """The headers of all frames so far."""
        self.page: dict[str, Any] = {}
        self.closed: tuple[int, str] | None = None
        self._connection = connection
        self._screens: dict[str, tuple[int, Screen]] = {}
        self._media: dict[str, tuple[int, Media]] = {}

    @property
    def title(self) -> str:
        return str(self.page["title"])

    @property
    def plots(self) -> list[dict[str, Any]]:
        """The id, generation, name and time of change of each plot, in the page's order."""
        return list(self.page.get("plots", ()))

    @property
    def names(self) -> list[str | None]:
        return [plot["name"] for plot in self.plots]

    @property
    def in_step(self) -> bool:
        """True if all plots that the page lists have arrived, in the listed generations."""
        return bool(self.page) and all(
            (self._screens if plot["kind"] == "bokeh" else self._media).get(plot["id"], (0,))[0]
            == plot["generation"]
            for plot in self.plots
        )

    @property
    def media(self) -> list[Media]:
        """The pictures, tables and texts on the page, in order; only once `in_step`."""
        assert self.in_step
        return [self._media[plot["id"]][1] for plot in self.plots if plot["kind"] != "bokeh"]

    @property
    def kinds(self) -> list[str] | None:
        """The kinds of all plots, in order; None while the page is not in step."""
        return [plot["kind"] for plot in self.plots] if self.in_step else None

    @property
    def roots(self) -> list[Model]:
        """The models on the page, in order; only once `in_step`."""
        assert self.in_step
        plots = [plot["id"] for plot in self.plots if plot["kind"] == "bokeh"]
        return [self._screens[plot][1].document.roots[0] for plot in plots]

    @property
    def titles(self) -> list[str] | None:
        """The figures' titles; None while the page is not in step."""
        return [getattr(root, "title", root).text for root in self.roots] if self.in_step else None

    def column(self, name: str, plot: int = 0) -> list[Any]:
        """Return a column of the only data source of a plot."""
        from bokeh.models import ColumnDataSource

        (source,) = self.roots[plot].select({"type": ColumnDataSource})
        return list(source.data[name])

    def until(self, condition: Callable[[], object], *, timeout: float = DEADLINE) -> None:
        deadline = time.monotonic() + timeout
        while not condition():
            left = deadline - time.monotonic()
            assert left > 0, f"never came; there is {self!r}"
            assert self.closed is None, f"closed with {self.closed}; there is {self!r}"
            try:
                self._take(self._connection.recv(timeout=left))
            except TimeoutError:
                continue
            except ConnectionClosed as end:
                self.closed = (end.rcvd.code, end.rcvd.reason) if end.rcvd else (1006, "the connection broke")

    def shows(self, titles: Sequence[str], *, names: Sequence[str | None] | None = None) -> None:
        """Wait until exactly these figures are on the page, with these names above them if given."""
        self.until(lambda: self.titles == list(titles) and names in (None, self.names))

    def until_closed(self) -> tuple[int, str]:
        self.until(lambda: self.closed is not None)
        assert self.closed is not None
        return self.closed

    def _take(self, frame: str | bytes) -> None:
        assert isinstance(frame, bytes), "the page takes binary frames only"
        header, rest = opened(frame)
        self.frames.append(header)
        if header["kind"] == "page":
            self.page = merge_page(self.page, header)
        elif header["kind"] == "plot" and "media" in header:
            (buffer,) = rest
            self._take_media(header, bytes(buffer.data))
        elif header["kind"] == "plot":
            generation, screen = self._screens.get(header["plot"], (None, Screen()))
            assert header["base"] in (None, generation), "a patch for what this viewer does not have"
            screen.take(frame)
            self._screens[header["plot"]] = header["generation"], screen

    def _take_media(self, header: dict[str, Any], data: bytes) -> None:
        media = header["media"]
        self._media[header["plot"]] = (
            header["generation"],
            Media(media["kind"], media["type"], media["width"], media["height"], data, header["parts"]),
        )

    def __repr__(self) -> str:
        kinds = [(frame["kind"], frame.get("plot"), frame.get("generation")) for frame in self.frames[-6:]]
        return f"<Viewer in_step={self.in_step} titles={self.titles} last={kinds} plots={self.plots}>"


@contextmanager
def watching(url: str, **options: Any) -> Iterator[Viewer]:
    """Open a viewer of the page at `url`, until the block ends."""
    address = url.replace("http", "ws", 1) + "ws"
    options.setdefault("origin", "{0.scheme}://{0.netloc}".format(urlsplit(url)))
    # While a test reads nothing, the client receives no pongs either, and would assume that the share is
    # dead.
    options.setdefault("ping_interval", None)
    with connect(address, max_size=None, proxy=None, close_timeout=1, **options) as connection:
        viewer = Viewer(connection)
        viewer.until(lambda: viewer.in_step)
        yield viewer
