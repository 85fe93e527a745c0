"""Embeds Bokeh's server behind the access guard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from socket import SHUT_RDWR, socket

from bokeh.server.server import BaseServer
from bokeh.server.tornado import BokehTornado
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop

from ..network import Address
from ..server import Listener
from ..server.auth import AccessGuard


class Server:
    """Listens on one port of one or more addresses, on the kernel's IO loop, from `listen` to `stop`.

    `loop` must be the current loop in each call.
    """

    def __init__(self, loop: IOLoop, guard: AccessGuard, on_descriptors_low: Callable[[], None]) -> None:
        self.guard = guard
        self.port = 0
        self._on_descriptors_low = on_descriptors_low
        self._listeners: dict[Address, tuple[Listener, socket]] = {}
        self._base_server = BaseServer(loop, BokehTornado({}, ico_path="none"), HTTPServer(guard))
        self._base_server.start()

    @property
    def addresses(self) -> tuple[Address, ...]:
        return tuple(self._listeners)

    def list_sockets(self, *, excluded: Sequence[Address] = ()) -> list[socket]:
        """List the listening sockets, without those of the excluded addresses."""
        return [sock for address, (_, sock) in self._listeners.items() if address not in excluded]

    def listen(self, addresses: Sequence[Address], sockets: Sequence[socket]) -> None:
        """Accept connections on `sockets`, which are bound to `addresses`, all on one port."""
        for address, sock in zip(addresses, sockets, strict=True):
            self._listeners[address] = Listener(self.guard, sock, self._on_descriptors_low), sock
            self.port = sock.getsockname()[1]

    def stop_listening(self, addresses: Sequence[Address]) -> None:
        for address in addresses:
            listener, sock = self._listeners.pop(address)
            with suppress(OSError):  # also for forked processes of the notebook, which have the socket too
                sock.shutdown(SHUT_RDWR)
            listener.stop()

    def stop(self) -> None:
        """Free the port. The broadcaster's thread closes the viewers when it is stopped."""
        self.stop_listening(self.addresses)
        self._base_server.stop(wait=False)
