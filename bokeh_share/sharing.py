"""The share: one address, one server, one page, from start to stop."""

from __future__ import annotations

import atexit
import difflib
import logging
import os
import secrets
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from IPython import get_ipython
from IPython.display import display
from tornado.ioloop import IOLoop

from .address import Address, bind, loopbacks, reachable
from .capture import Capture
from .card import Card
from .errors import NoNetwork, PortTaken, UnknownName
from .loop import Loop
from .message import MOVED
from .page import Page, Plot
from .server import Server
from .viewers import Viewers

log = logging.getLogger(__name__)

KEPT = "kept for the page; %bokeh_share starts sharing"
SOON = 0.05
"""Seconds after which changes that events told of are pictured: many events, one picture."""


@dataclass(frozen=True)
class Options:
    """What the author asked for; None keeps what a running share has, or takes the default."""

    external: bool | None = None
    port: int | None = None
    title: str | None = None
    token: bool | None = None


@dataclass
class Link:
    """What a share's address is made of besides the host; the next share of this process has it again."""

    port: int | None = None
    prefix: str = field(default_factory=lambda: "/" + secrets.token_urlsafe(16), repr=False)


class Share:
    """What the author started: its link, and what is on the page.

    Made by `share()` or `%bokeh_share`, at most one per process; lives until `stop`, the end of the
    kernel, or `%unload_ext`. Without a loop that runs, viewers are served while `run_until_interrupted`
    blocks. Costs a listening port, a thread, and one copy of the plots' data.
    """

    def __init__(
        self, capture: Capture, link: Link, options: Options, *, on_drop: Callable[[str], None] | None = None
    ) -> None:
        self._capture = capture
        self._link = link
        self._on_drop = on_drop
        self._loop = Loop()
        self._viewers: Viewers | None = None
        self._server: Server | None = None
        self._external = False
        self._token = True
        self._note = ""
        self._displays: list[Any] = []
        self._pending, self._changes = threading.Event(), threading.Event()
        self._start(options)

    @property
    def url(self) -> str:
        """The link for colleagues; the empty text when the share has stopped."""
        return self.urls[0] if self.urls else ""

    @property
    def urls(self) -> tuple[str, ...]:
        """All links that work, the best first."""
        server = self._server
        if server is None:
            return ()
        ordered = sorted(server.addresses, key=lambda address: address.is_loopback)
        hosts = [address.host for address in ordered if not address.is_loopback]
        return tuple(f"http://{host}:{server.port}{server.door.prefix}/" for host in [*hosts, "localhost"])

    @property
    def running(self) -> bool:
        return self._server is not None

    @property
    def plots(self) -> tuple[Plot, ...]:
        """What is on the page, in its order."""
        return self._capture.page.plots

    @property
    def viewers(self) -> int:
        """How many browser pages are open on it."""
        return self._viewers.count if self._viewers is not None else 0

    def drop(self, name: str) -> None:
        """Take the plot that was shared under `name` off the page. Raises `UnknownName`."""
        names = [plot.key.of for plot in self.plots if plot.key.kind == "name"]
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            raise UnknownName(name, near[0] if near else None)
        if self._on_drop is not None:
            self._on_drop(name)
        self._capture.remove(lambda key: key.kind == "name" and key.of == name)

    def stop(self) -> None:
        """Close each viewer with a reason and free the port; may be called again.

        `share()` starts anew at the same link, and pages that are still open come back by themselves.
        """
        if self._server is None:
            return
        self._loop.call(self._server.stop)
        self._server = None
        viewers, self._viewers = self._viewers, None
        if viewers is not None:
            viewers.stop()
        self._capture.on_page = lambda page: None
        self._capture.on_dirty = lambda: None
        atexit.unregister(self.stop)
        self._note = ""
        self._loop.leave()
        self._refresh()

    def run_until_interrupted(self) -> None:
        """Serve viewers and block until Ctrl-C, where no loop runs by itself; then stop."""
        try:
            self._loop.run()
        except KeyboardInterrupt:
            pass
        finally:
            self.stop()

    def _start(self, options: Options) -> None:
        self._external, self._token = bool(options.external), options.token is not False
        addresses = _addresses(self._external)
        try:
            wanted = options.port if options.port is not None else self._link.port
            port, sockets = bind(addresses, port=wanted)
        except PortTaken:
            if options.port is not None:
                raise
            port, sockets = bind(addresses, port=None)
        self._link.port = port
        self._set_title(options.title)
        self._viewers = Viewers(self._capture.page, on_count=self._refresh)
        self._server = self._loop.call(lambda: self._make_server(addresses, sockets))
        self._viewers.start()
        self._capture.on_page = self._publish
        self._capture.on_dirty = self._take_up_soon
        atexit.register(self.stop)

    def change(self, options: Options) -> None:
        """Take over the options that differ; whoever is on a page at an address that ends is told."""
        self._note = "already sharing"
        external = self._external if options.external is None else options.external
        token = self._token if options.token is None else options.token
        assert self._server is not None
        port = self._server.port if options.port in (None, 0) else options.port
        if (external, token, port) != (self._external, self._token, self._server.port):
            former = self.url
            self._loop.call(lambda: self._move(external, token, port, keep_port=options.port is None))
            self._note = f"moved here from {former} · open pages were told"
        if options.title is not None:
            self._set_title(options.title)

    def _move(self, external: bool, token: bool, port: int | None, *, keep_port: bool) -> None:
        server, viewers = self._server, self._viewers
        assert server is not None
        assert viewers is not None
        old, new = server.addresses, _addresses(external)
        fresh = [address for address in new if address not in old]
        gone = [address for address in old if address not in new]
        if port == server.port:
            try:
                _, sockets = bind(fresh, port=port) if fresh else (port, [])
            except PortTaken:
                if not keep_port:
                    raise
                port = None
        if port != server.port:
            port, sockets = bind(new, port=port)
        self._external, self._token = external, token
        if port == server.port:
            server.listen(fresh, sockets)
            relinked = server.door.prefix != self._prefix
            server.door.prefix = self._prefix
            if relinked or gone:
                seen_from = None if relinked else {address.ip for address in gone}
                server.unlisten(gone)
                viewers.move(self.urls, code=MOVED, reason="the share moved", seen_from=seen_from)
        else:
            self._server = self._make_server(new, sockets)
            self._link.port = port
            viewers.move(self.urls, code=MOVED, reason="the share moved")
            server.stop()

    def _make_server(self, addresses: Sequence[Address], sockets: Any) -> Server:
        assert self._viewers is not None
        server = Server(IOLoop.current(), self._viewers, self._prefix, lambda: self._capture.page.title)
        server.listen(addresses, sockets)
        return server

    @property
    def _prefix(self) -> str:
        return self._link.prefix if self._token else ""

    def _set_title(self, title: str | None) -> None:
        if title is not None or not self._capture.page.title:
            self._capture.title(title or _default_title())

    def _publish(self, page: Page) -> None:
        if self._viewers is not None:
            self._viewers.publish(page)
        self._refresh()

    def announce(self) -> str:
        """What a cell says where it can't draw."""
        return f"on the page · {self.url}" if self.running else KEPT

    def _take_up_soon(self) -> None:
        if not self._changes.is_set():
            self._changes.set()
            self._loop.soon(SOON, self._take_up)

    def _take_up(self) -> None:
        self._changes.clear()
        try:
            self._capture.look_again(dirty_only=True)
        except Exception:
            log.exception("taking up changes failed")

    def _card(self) -> Card:
        problems = tuple(self._capture.problems.values())
        return Card(
            self.urls, len(self.plots), self.viewers, not self._token, self._external, self._note, problems
        )

    def _refresh(self) -> None:
        """Bring the cards up to date, soon, on the loop: twice a second at most."""
        if self._displays and not self._pending.is_set():
            self._pending.set()
            self._loop.soon(0.2, self._refresh_now)

    def _refresh_now(self) -> None:
        self._pending.clear()
        bundle = self._bundle()
        for handle in self._displays:
            handle.update(bundle, raw=True)

    def _bundle(self) -> dict[str, str]:
        card = self._card()
        return {"text/html": card.html(), "text/plain": card.text()}

    def _ipython_display_(self) -> None:
        handle = display(self._bundle(), raw=True, display_id=True)
        # A terminal can't change what it has printed.
        if handle is not None and self._server is not None and hasattr(get_ipython(), "kernel"):
            self._displays.append(handle)

    def __repr__(self) -> str:
        return self._card().text().replace(self._link.prefix, "/***")


def _addresses(external: bool) -> list[Address]:
    here = list(loopbacks())
    if not external:
        return here
    there = reachable()
    if there is None:
        raise NoNetwork()
    return [there, *here]


def _default_title() -> str:
    """The notebook's or the script's name."""
    shell = get_ipython()
    path = shell.user_ns.get("__vsc_ipynb_file__") if shell is not None else sys.argv[0]
    if not path and hasattr(shell, "kernel"):
        path = os.environ.get("JPY_SESSION_NAME")
    return Path(path).stem if path and not Path(path).stem.startswith("-") else "Plots"
