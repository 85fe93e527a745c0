"""Runs several processes of a relay, which share their listening sockets."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from ..text import format_quantity, sanitize_for_log

log = logging.getLogger(__name__)

MAX_RESTARTS = 3
"""Maximum number of restarts within `RESTART_INTERVAL`."""
RESTART_INTERVAL = 60.0
WORKER_END_TIMEOUT = 12.0
"""Seconds after which a process that does not end is killed."""


class RestartBudget:
    """Decides if a process that died may be restarted."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._restarts: deque[float] = deque()

    def take(self) -> bool:
        """Return True if a restart is allowed now; if so, count it."""
        now = self._clock()
        while self._restarts and now - self._restarts[0] >= RESTART_INTERVAL:
            self._restarts.popleft()
        if len(self._restarts) >= MAX_RESTARTS:
            return False
        self._restarts.append(now)
        return True


class WorkerProcesses:
    """Forked processes, each with a number from 0. Exists while `run` waits for them."""

    def __init__(self, count: int, serve: Callable[[int, int], None]) -> None:
        """`serve` is called in each process, with its number and the descriptor of a pipe whose other end is
        closed when this process ends, however it ends."""
        self._count, self._serve = count, serve
        self._budget = RestartBudget()
        self._numbers: dict[int, int] = {}
        """The number of each process, by its process id."""
        self._is_stopping = False
        self._pipe = os.pipe()

    def run(self) -> int:
        """Start the processes and wait until all have ended, after a signal to this one. Return the exit
        code."""
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._stop)
        for number in range(self._count):
            self._start(number)
        exit_code = 0
        while self._numbers:
            pid, status = os.wait()
            number = self._numbers.pop(pid)
            if self._is_stopping:
                continue
            code = os.waitstatus_to_exitcode(status)
            if self._budget.take():
                log.error("process %d ended with code %d; it is started again", number, code)
                self._start(number)
            else:
                log.error(
                    "process %d ended with code %d, as %s did within a minute; the relay ends",
                    number,
                    code,
                    format_quantity(MAX_RESTARTS, "other"),
                )
                exit_code = 1
                self._stop(signal.SIGTERM, None)
        return exit_code

    def _start(self, number: int) -> None:
        pid = os.fork()
        if pid:
            self._numbers[pid] = number
            if self._is_stopping:  # a signal came meanwhile
                os.kill(pid, signal.SIGTERM)
            return
        code = 1
        try:
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, signal.SIG_DFL)
            os.close(self._pipe[1])
            self._serve(number, self._pipe[0])
            code = 0
        except KeyboardInterrupt:
            code = 0
        except Exception as error:
            log.error("process %d failed", number, exc_info=sanitize_for_log(error))
        finally:
            os._exit(code)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        """End all processes; kill those that do not end."""
        if self._is_stopping:
            return
        self._is_stopping = True
        signal.signal(signal.SIGALRM, self._kill)
        signal.alarm(int(WORKER_END_TIMEOUT))
        self._send(signal.SIGTERM)

    def _kill(self, number: int, frame: FrameType | None) -> None:
        self._send(signal.SIGKILL)

    def _send(self, number: signal.Signals) -> None:
        for pid in [*self._numbers]:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
