"""How often somebody may try a password."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock as Mutex

from .. import limits


class Tries:
    """Counts wrong passwords by address, five a minute. Its methods may be called from any thread.

    A network of IPv6 counts as one, since its hosts have as many addresses as they like. Keeps at most
    `limits.TRIERS` addresses, those that tried last.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mutex = Mutex()
        self._tried: OrderedDict[str, list[float]] = OrderedDict()
        self._under_way = 0

    def begin(self, ip: str) -> float:
        """Somebody there tries, and `end` has to follow; or the seconds that they have to wait instead."""
        who, now = network(ip), self._clock()
        with self._mutex:
            if self._under_way >= limits.CHECKS:
                return limits.TRIES_WITHIN / limits.TRIES
            recent = [at for at in self._tried.pop(who, []) if at > now - limits.TRIES_WITHIN]
            self._tried[who] = recent
            while len(self._tried) > limits.TRIERS:
                self._tried.popitem(last=False)
            if len(recent) >= limits.TRIES:
                return recent[0] + limits.TRIES_WITHIN - now
            recent.append(now)
            self._under_way += 1
        return 0.0

    def end(self, ip: str, *, right: bool) -> None:
        """With the password, what was tried before counts no more."""
        with self._mutex:
            self._under_way -= 1
            if right:
                self._tried.pop(network(ip), None)


def network(ip: str) -> str:
    """Whom an address counts as: a network of IPv6 as one, since its hosts have as many as they like."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:  # a socket of another kind
        return ip
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return ip
