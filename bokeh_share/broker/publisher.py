"""Publishes a share to the broker, from a thread of its own."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from redis.exceptions import RedisError

from ..plots import LazyPage, read_time_ms
from ..text import sanitize_for_log
from .errors import (
    BrokerRefused,
    EntryTooLarge,
    InvalidBrokerUrl,
    PublisherFenced,
    StreamLost,
    UnsuitableBroker,
)
from .newest_state import NewestState
from .page_stream import PageStream
from .publication import Publication
from .publisher_session import PublisherSession
from .publisher_status import PublisherState, PublisherStatus
from .retry_delay import RetryDelay
from .share_info import ShareInfo

log = logging.getLogger(__name__)

STOP_TIMEOUT = 2.0
"""Seconds that stopping waits at most for the broker to know that the share has ended."""
END_RETRY_TIMEOUT = 24 * 3600.0
"""Seconds for which the thread tries to end the share at a broker that cannot be used, while the process
lives."""


class Publisher:
    """Writes each newer state of a share to the broker, from `start` to `stop`.

    The methods that publish only store the state, so the author's cell never waits for the broker. Without
    the broker, the newest state waits, and no other one. After it was fenced, it writes nothing any more.
    """

    def __init__(
        self, open_stream: Callable[[], PageStream], on_change: Callable[[], None] = lambda: None
    ) -> None:
        """`open_stream` is called for each connection, in the publisher's thread, as is `on_change`, after
        the status has changed."""
        self._open_stream = open_stream
        self._on_change = on_change
        self.status = PublisherStatus()
        self._publication = Publication(began_at=read_time_ms())
        self._newest = NewestState()
        self._keeps_page = False
        """True if the page stays in the broker after `stop`."""
        self._has_ended = False
        """True if the broker has all that this publisher has to write."""
        self._end_deadline = float("inf")
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bokeh_share publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def publish(self, page: LazyPage) -> None:
        """Publish a newer page. Returns at once; any thread may call it, as all methods that publish."""
        self._newest.update_page(page)

    def publish_share(self, info: ShareInfo, read_script: Callable[[str], bytes]) -> None:
        """Publish facts about the share. `read_script` returns one of BokehJS's scripts by its component,
        compressed with gzip; it is called in the publisher's thread if the broker lacks the script."""
        scripts = {digest: partial(read_script, component) for component, digest in info.scripts.items()}
        self._newest.update_scripts(scripts)
        self._newest.update_detail("share", info.encode())

    def publish_presented(self, message: bytes) -> None:
        """Publish the message with the whole view that the author presents; empty if nobody presents."""
        self._newest.update_detail("presented", message)

    def publish_pins(self, message: bytes) -> None:
        """Publish the message with all pins."""
        self._newest.update_detail("pins", message)

    def update_busy(self, since: int | None) -> None:
        """Set the time at which the running cell began, in milliseconds since 1970; None if none runs."""
        self._newest.update_busy(since)

    def stop(self, *, keep_page: bool = False) -> None:
        """Stop publishing; waits two seconds at most. The share ends for everybody, or the last page stays in
        the broker for the retention if `keep_page`. A broker that cannot be used is told of the end later, if
        it can be used within a day and the process still lives."""
        self._keeps_page, self._end_deadline = keep_page, time.monotonic() + END_RETRY_TIMEOUT
        self._is_stopping.set()
        self._newest.has_news.set()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT)

    def _run(self) -> None:
        delay = RetryDelay()
        while not self._is_done:
            began = time.monotonic()
            try:
                stream = self._open_stream()
                try:
                    self._follow(stream)
                finally:
                    stream.close()
            except PublisherFenced as error:
                self._set_problem("fenced", str(error))
                return
            except (BrokerRefused, InvalidBrokerUrl) as error:
                self._set_problem("refused", str(error))
                if self._is_stopping.is_set():  # it would refuse the end too
                    return
            except (EntryTooLarge, UnsuitableBroker) as error:
                self._set_problem("refused", str(error))
            except (RedisError, OSError, StreamLost) as error:
                log.debug("the broker cannot be used", exc_info=sanitize_for_log(error))
                self._set_problem("offline")
            except Exception as error:  # the share goes on without the broker
                log.error("publishing to the broker failed", exc_info=sanitize_for_log(error))
                self._set_problem("offline")
            pause = delay.choose(time.monotonic() - began)
            if self._is_stopping.is_set() and not self._is_done:
                time.sleep(pause)
            else:
                self._is_stopping.wait(pause)

    @property
    def _is_done(self) -> bool:
        """True if the thread has nothing to write any more, or gives up."""
        is_late = time.monotonic() > self._end_deadline
        return self._is_stopping.is_set() and (self._keeps_page or self._has_ended or is_late)

    def _follow(self, stream: PageStream) -> None:
        """Write each newer state, until the share ends. Raises the errors of `PageStream`."""
        stream.check_server()
        session = PublisherSession(stream, self._publication, self._newest)
        session.resume(is_ending=self._is_stopping.is_set())
        session.follow(self._is_stopping, self._update_status)
        session.write_newest()
        if not self._keeps_page:
            session.write_end()
        self._has_ended = True

    def _set_problem(self, state: PublisherState, problem: str = "") -> None:
        since = self.status.offline_since or read_time_ms()
        self._update_status(
            replace(self.status, state=state, offline_since=since, viewer_count=0, problem=problem)
        )

    def _update_status(self, status: PublisherStatus) -> None:
        if status != self.status:
            self.status = status
            try:
                self._on_change()
            except Exception as error:  # publishing goes on
                log.error("showing the state of the relay failed", exc_info=sanitize_for_log(error))
