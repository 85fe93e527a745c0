"""Opens a listening socket for each address, all on one port."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from itertools import islice

from .. import limits
from ..errors import BadOption, CannotListen, PortInUse
from ..network import BLOCKED_PORTS, Address

PORT_HELP = "give a number from 1 to 65535, or 0 for any free port"
BLOCKED_PORT_HELP = "browsers open no pages at this port; give another, such as 5006"
# WSAEACCES by number, as `errno` knows it on Windows only.
TAKEN_ERRNOS = {errno.EADDRINUSE, errno.EACCES, 10013}


def bind_sockets(
    addresses: Sequence[Address], *, port: int | None, first_port: int = 5006, max_attempts: int = 100
) -> tuple[int, list[socket.socket]]:
    """Open a listening socket per address on one port: `port`, or the lowest free one from `first_port` on.

    Port 0 means any free port. The caller has to close the sockets; after an error none is open. Raises
    `PortInUse`, `CannotListen` for an address that is not this machine's, and `BadOption` for an invalid port
    or one of `BLOCKED_PORTS`.
    """
    ports: Sequence[int]
    if port is None:
        ports = [
            *islice((each for each in range(first_port, 65536) if each not in BLOCKED_PORTS), max_attempts)
        ]
    elif port == 0:
        # The system chooses a port for the first address, which may be in use at another: try again.
        ports = [0] * max_attempts
    elif port in BLOCKED_PORTS:
        raise BadOption("port", port, BLOCKED_PORT_HELP)
    elif 0 < port <= 65535:
        ports = [port]
    else:
        raise BadOption("port", port, PORT_HELP)
    failures: list[PortInUse] = []
    for candidate in ports:
        try:
            return _bind_all(addresses, candidate)
        except PortInUse as error:
            failures.append(error)
    if port is None:
        raise PortInUse(ports[0], failures[-1].address, failures[-1].reason, last_port=ports[-1])
    raise failures[-1]


def _bind_all(addresses: Sequence[Address], port: int) -> tuple[int, list[socket.socket]]:
    """Listen on all addresses at this port, or on none of them."""
    with ExitStack() as opened:
        sockets: list[socket.socket] = []
        for address in addresses:
            try:
                sockets.append(opened.enter_context(_listen(address, port)))
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                if error.errno in TAKEN_ERRNOS:
                    raise PortInUse(port, address.ip, reason) from error
                raise CannotListen(address.ip, reason) from error
            port = sockets[0].getsockname()[1]
            if port in BLOCKED_PORTS:  # the system's choice
                raise PortInUse(port, address.ip, "browsers open no pages at this port")
        opened.pop_all()
    return port, sockets


def _listen(address: Address, port: int) -> socket.socket:
    """Open a socket as Tornado expects it: non-blocking, for one IP version, not inherited by children."""
    with ExitStack() as cleanup:
        sock = cleanup.enter_context(socket.socket(address.family, socket.SOCK_STREAM))
        if sys.platform == "win32":
            # On Windows, SO_REUSEADDR would let two programs share a port; this option prevents it.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # A port that was just closed can be used again while its last connections end.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if address.family is socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.setblocking(False)
        sock.bind((address.ip, port))
        sock.listen(limits.LISTEN_BACKLOG)
        cleanup.pop_all()
    return sock
