"""Whose password is checked next, and how many wrong ones somebody may send."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock as Mutex
from threading import Thread
from typing import NamedTuple

from ... import limits


class LoginOutcome(NamedTuple):
    """Of one try."""

    is_right: bool
    wait: float = 0.0
    """Seconds after which they may try again, where it was not checked; else 0."""


@dataclass(eq=False)
class _Attempt:
    check: Callable[[], bool]
    outcome: Future[LoginOutcome] = field(default_factory=Future)

    def refuse(self, wait: float) -> None:
        if self.outcome.set_running_or_notify_cancel():
            self.outcome.set_result(LoginOutcome(is_right=False, wait=wait))


def _start(work: Callable[[], None]) -> None:
    """Not on a loop, which a cell may keep busy; and nothing waits for it when the process ends."""
    Thread(target=work, name="bokeh_share password", daemon=True).start()


class LoginThrottle:
    """Checks passwords one at a time, since each takes 32 MB, and counts the wrong ones by network.

    Networks take turns, those with fewest wrong ones first, so that no crowd of guessers keeps out who knows
    the password. Keeps the wrong ones of at most `limits.TRIERS` networks, those that tried last. Its methods
    may be called from any thread.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = _start,
    ) -> None:
        """`start` runs what checks, beside whoever calls it."""
        self._clock = clock
        self._start = start
        self._mutex = Mutex()
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()
        self._waiting: OrderedDict[str, deque[_Attempt]] = OrderedDict()
        """By network, in the order of their turns; none of them is empty."""
        self._is_checking = False

    def add(self, ip: str, check: Callable[[], bool]) -> Future[LoginOutcome]:
        """Somebody there tries a password; `check` says whether it is right, and is called in its turn."""
        who, attempt = client_network(ip), _Attempt(check)
        refused, starts = None, False
        with self._mutex:
            wait = self._wait(who)
            if not wait:
                self._waiting.setdefault(who, deque()).append(attempt)
                if sum(map(len, self._waiting.values())) > limits.CHECKS:
                    refused = self._crowd_out()
                starts, self._is_checking = not self._is_checking, True
        if wait:
            attempt.refuse(wait)
        if refused is not None:
            refused.refuse(limits.TRIES_WITHIN / limits.TRIES)
        if starts:
            self._start(self._work)
        return attempt.outcome

    def _work(self) -> None:
        """Check what waits, until nothing does."""
        while (turn := self._next()) is not None:
            who, attempt = turn
            with self._mutex:
                wait = self._wait(who)
            if wait:
                attempt.refuse(wait)
            elif attempt.outcome.set_running_or_notify_cancel():
                try:
                    is_right = attempt.check()
                except Exception as error:  # no memory, say: whoever waits for it is told
                    attempt.outcome.set_exception(error)
                else:
                    self._count(who, is_right=is_right)
                    attempt.outcome.set_result(LoginOutcome(is_right))

    def _next(self) -> tuple[str, _Attempt] | None:
        with self._mutex:
            if not self._waiting:
                self._is_checking = False
                return None
            who = min(self._waiting, key=lambda each: len(self._recent(each)))
            self._waiting.move_to_end(who)
            return who, self._take(who, deque.popleft)

    def _crowd_out(self) -> _Attempt:
        """The last one of who has sent most wrong ones, or waits with most, or came last."""
        who = max(
            reversed(self._waiting), key=lambda each: (len(self._recent(each)), len(self._waiting[each]))
        )
        return self._take(who, deque.pop)

    def _take(self, who: str, pop: Callable[[deque[_Attempt]], _Attempt]) -> _Attempt:
        attempt = pop(self._waiting[who])
        if not self._waiting[who]:
            del self._waiting[who]
        return attempt

    def _count(self, who: str, *, is_right: bool) -> None:
        """With the right one, those before count no more."""
        with self._mutex:
            recent = self._recent(who)
            self._wrong.pop(who, None)
            if not is_right:
                self._wrong[who] = [*recent, self._clock()]
            while len(self._wrong) > limits.TRIERS:
                self._wrong.popitem(last=False)

    def _recent(self, who: str) -> list[float]:
        return [at for at in self._wrong.get(who, ()) if at > self._clock() - limits.TRIES_WITHIN]

    def _wait(self, who: str) -> float:
        recent = self._recent(who)
        return recent[0] + limits.TRIES_WITHIN - self._clock() if len(recent) >= limits.TRIES else 0.0


def client_network(ip: str) -> str:
    """Whom an address counts as: a network of IPv6 as one, since its hosts have as many as they like."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:  # a socket of another kind
        return ip
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return ip
