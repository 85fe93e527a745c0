"""Which attempt at the password is checked next, and how many wrong ones a client may send."""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock as Mutex

from .. import limits


class _Attempt:
    """A password that waits for its turn. The result is 0, or the seconds that its client has to wait."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.result: asyncio.Future[float] = self._loop.create_future()

    def settle(self, wait: float, unless: Callable[[], None]) -> bool:
        """Set the result from any thread; False where the client's loop is gone.

        Calls `unless` where the client has stopped waiting meanwhile.
        """

        def settle() -> None:
            if self.result.done():
                unless()
            else:
                self.result.set_result(wait)

        try:
            self._loop.call_soon_threadsafe(settle)
        except RuntimeError:
            return False
        return True


class Tries:
    """Lets passwords be checked one after the other, and counts the wrong ones by network.

    Networks take turns; those without wrong passwords go first, so that no crowd of guessers keeps out the
    people who know the password. A network of IPv6 counts as one, since its hosts have as many addresses as
    they like. Keeps wrong passwords of at most `limits.TRIERS` networks, the last ones. Serves several loops
    at a time.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._mutex = Mutex()
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()
        self._waiting: OrderedDict[str, deque[_Attempt]] = OrderedDict()
        """By network, in the order of their turns."""
        self._is_checking = False

    async def begin(self, ip: str) -> float:
        """Wait for a turn: 0 when it has come, and `end` has to follow; or the seconds to wait instead."""
        who = network(ip)
        with self._mutex:
            wait = self._wait_of(who)
            if wait:
                return wait
            if not self._is_checking:
                self._is_checking = True
                return 0.0
            attempt = _Attempt()
            self._waiting.setdefault(who, deque()).append(attempt)
            if sum(map(len, self._waiting.values())) > limits.CHECKS:
                self._turn_away()
        return await attempt.result

    def end(self, ip: str, *, right: bool) -> None:
        """The password was checked; with the right one, wrong ones before count no more."""
        who = network(ip)
        with self._mutex:
            wrong = self._wrong.pop(who, [])
            if not right:
                self._wrong[who] = [*self._recent(wrong), self._clock()]
            while len(self._wrong) > limits.TRIERS:
                self._wrong.popitem(last=False)
            self._go_on()

    def drop(self) -> None:
        """The attempt was not checked after all; the next one has its turn."""
        with self._mutex:
            self._go_on()

    def _go_on(self) -> None:
        """Give the turn to the next attempt that may be checked."""
        self._is_checking = False
        while self._waiting and not self._is_checking:
            who = min(self._waiting, key=lambda each: bool(self._wrong_of(each)))
            attempt = self._waiting[who].popleft()
            self._waiting.move_to_end(who)
            if not self._waiting[who]:
                del self._waiting[who]
            wait = self._wait_of(who)
            self._is_checking = attempt.settle(wait, self.drop if not wait else _nothing) and not wait

    def _turn_away(self) -> None:
        """Refuse the last attempt of the network that has sent most wrong passwords, or waits with most."""
        who = max(self._waiting, key=lambda each: (len(self._wrong_of(each)), len(self._waiting[each])))
        attempt = self._waiting[who].pop()
        if not self._waiting[who]:
            del self._waiting[who]
        attempt.settle(limits.TRIES_WITHIN / limits.TRIES, _nothing)

    def _wait_of(self, who: str) -> float:
        """Seconds until this network may send a password again."""
        wrong = self._wrong_of(who)
        if len(wrong) < limits.TRIES:
            return 0.0
        return wrong[-limits.TRIES] + limits.TRIES_WITHIN - self._clock()

    def _wrong_of(self, who: str) -> list[float]:
        return self._recent(self._wrong.get(who, []))

    def _recent(self, wrong: list[float]) -> list[float]:
        return [at for at in wrong if at > self._clock() - limits.TRIES_WITHIN]


def _nothing() -> None:
    """A client that was refused has left already."""


def network(ip: str) -> str:
    """Whom an address counts as: a network of IPv6 as one, since its hosts have as many as they like."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:  # a socket of another kind
        return ip
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return ip
