"""Limits wrong passwords per client network, and checks passwords one by one."""

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
    """Result of one password check."""

    is_correct: bool
    retry_after: float = 0.0
    """Seconds until the client may send a password again, if this one was not checked; else 0."""


@dataclass(eq=False)
class _Attempt:
    check: Callable[[], bool]
    outcome: Future[LoginOutcome] = field(default_factory=Future)

    def refuse(self, retry_after: float) -> None:
        if self.outcome.set_running_or_notify_cancel():
            self.outcome.set_result(LoginOutcome(is_correct=False, retry_after=retry_after))


def _start_daemon_thread(target: Callable[[], None]) -> None:
    """Start a daemon thread, since the event loop may be busy, and the process must not wait at its end."""
    Thread(target=target, name="bokeh_share password", daemon=True).start()


class LoginThrottle:
    """Checks passwords one by one, since each check takes 32 MB, and counts the wrong ones by network.

    Networks are served in turn, those with the fewest wrong passwords first, so that many guessers cannot
    lock out a viewer who knows the password. Stores the wrong passwords of the latest
    `limits.MAX_TRACKED_CLIENTS` networks. Its methods may be called from any thread.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        start_thread: Callable[[Callable[[], None]], None] = _start_daemon_thread,
    ) -> None:
        """`start_thread` runs the checks in another thread."""
        self._clock = clock
        self._start_thread = start_thread
        self._mutex = Mutex()
        self._failures: OrderedDict[str, list[float]] = OrderedDict()
        self._queues: OrderedDict[str, deque[_Attempt]] = OrderedDict()
        """Waiting checks by network, in the order of service; no queue is empty."""
        self._is_checking = False

    def submit(self, ip: str, check: Callable[[], bool]) -> Future[LoginOutcome]:
        """Queue a check of a password from this IP address. `check` is called later, and returns the
        result."""
        network, attempt = find_client_network(ip), _Attempt(check)
        dropped, must_start = None, False
        with self._mutex:
            retry_after = self._find_retry_after(network)
            if not retry_after:
                self._queues.setdefault(network, deque()).append(attempt)
                if sum(map(len, self._queues.values())) > limits.MAX_PENDING_PASSWORD_CHECKS:
                    dropped = self._drop_attempt()
                must_start, self._is_checking = not self._is_checking, True
        if retry_after:
            attempt.refuse(retry_after)
        if dropped is not None:
            dropped.refuse(limits.WRONG_PASSWORD_TIMEOUT / limits.MAX_WRONG_PASSWORDS)
        if must_start:
            self._start_thread(self._check_attempts)
        return attempt.outcome

    def _check_attempts(self) -> None:
        """Check the queued passwords until the queue is empty."""
        while (queued := self._take_next()) is not None:
            network, attempt = queued
            with self._mutex:
                retry_after = self._find_retry_after(network)
            if retry_after:
                attempt.refuse(retry_after)
            elif attempt.outcome.set_running_or_notify_cancel():
                try:
                    is_correct = attempt.check()
                except Exception as error:  # for example out of memory: passed on through the future
                    attempt.outcome.set_exception(error)
                else:
                    self._record_result(network, is_correct=is_correct)
                    attempt.outcome.set_result(LoginOutcome(is_correct))

    def _take_next(self) -> tuple[str, _Attempt] | None:
        with self._mutex:
            if not self._queues:
                self._is_checking = False
                return None
            network = min(self._queues, key=lambda each: len(self._list_recent_failures(each)))
            self._queues.move_to_end(network)
            return network, self._take_from_queue(network, deque.popleft)

    def _drop_attempt(self) -> _Attempt:
        """Remove and return the last check of the network with the most wrong passwords; among equals, of the
        one with the most waiting checks; otherwise of the latest one."""
        network = max(
            reversed(self._queues),
            key=lambda each: (len(self._list_recent_failures(each)), len(self._queues[each])),
        )
        return self._take_from_queue(network, deque.pop)

    def _take_from_queue(self, network: str, pop: Callable[[deque[_Attempt]], _Attempt]) -> _Attempt:
        attempt = pop(self._queues[network])
        if not self._queues[network]:
            del self._queues[network]
        return attempt

    def _record_result(self, network: str, *, is_correct: bool) -> None:
        """Count a wrong password; a correct one resets the count."""
        with self._mutex:
            recent = self._list_recent_failures(network)
            self._failures.pop(network, None)
            if not is_correct:
                self._failures[network] = [*recent, self._clock()]
            while len(self._failures) > limits.MAX_TRACKED_CLIENTS:
                self._failures.popitem(last=False)

    def _list_recent_failures(self, network: str) -> list[float]:
        return [
            at for at in self._failures.get(network, ()) if at > self._clock() - limits.WRONG_PASSWORD_TIMEOUT
        ]

    def _find_retry_after(self, network: str) -> float:
        recent = self._list_recent_failures(network)
        return (
            recent[0] + limits.WRONG_PASSWORD_TIMEOUT - self._clock()
            if len(recent) >= limits.MAX_WRONG_PASSWORDS
            else 0.0
        )


def find_client_network(ip: str) -> str:
    """Return the network to which an IP address counts. An IPv6 network counts as one client, since its hosts
    can use any number of addresses."""
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:  # another kind of socket
        return ip
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(address), 64), strict=False))
    return ip
