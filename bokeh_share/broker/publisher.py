"""Publishes a share's page to the broker, from a thread of its own."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from redis.exceptions import RedisError

from ..plots import LazyPage, read_time_ms
from ..text import sanitize_for_log
from .errors import BrokerRefused, InvalidBrokerUrl, PublisherFenced, StreamLost, UnsuitableBroker
from .page_stream import PageStream
from .publication import Publication, Update
from .relay_presence import count_viewers
from .retry_delay import RetryDelay

log = logging.getLogger(__name__)

MIN_WRITE_INTERVAL = 0.05
"""Seconds between two updates of a page that changes all the time, as for viewers."""
BEAT_INTERVAL = 2.0
"""Seconds between two signs of life."""
KEYFRAME_DELAY = 1.0
"""Seconds without a change after which plots are written whole."""
STOP_TIMEOUT = 2.0
"""Seconds that stopping waits at most for the broker to know that the share has ended."""

PublisherState: TypeAlias = Literal["starting", "live", "offline", "fenced", "refused"]


@dataclass(frozen=True)
class PublisherStatus:
    """The publisher's state, for the author's card."""

    state: PublisherState = "starting"
    offline_since: int | None = None
    """The time at which the broker was lost, in milliseconds since 1970, UTC."""
    viewer_count: int = 0
    """The number of viewers of all relays."""
    problem: str = ""
    """The sentence for the author if the broker refuses or is unsuitable."""


class Publisher:
    """Writes each newer page to the broker, from `start` to `stop`.

    `publish` only stores the page, so the author's cell never waits for the broker. Without the broker, the
    newest page waits, and no other one. After it was fenced, it writes nothing any more.
    """

    def __init__(
        self, open_stream: Callable[[], PageStream], on_change: Callable[[], None] = lambda: None
    ) -> None:
        """`open_stream` is called for each connection, in the publisher thread, as is `on_change`, after the
        status has changed."""
        self._open_stream = open_stream
        self._on_change = on_change
        self.status = PublisherStatus()
        self._publication = Publication()
        self._newest_page: LazyPage | None = None
        self._busy_since: int | None = None
        self._beat_count = 0
        self._has_news = threading.Event()
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bokeh_share publisher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def publish(self, page: LazyPage) -> None:
        """Publish a newer page. Returns at once; any thread may call it."""
        self._newest_page = page
        self._has_news.set()

    def update_busy(self, since: int | None) -> None:
        """Set the time at which the running cell began, in milliseconds since 1970; None if none runs."""
        self._busy_since = since

    def stop(self) -> None:
        """End the share for everybody, if the broker can be reached; waits two seconds at most."""
        self._is_stopping.set()
        self._has_news.set()
        if self._thread.is_alive():
            self._thread.join(STOP_TIMEOUT)

    def _run(self) -> None:
        delay = RetryDelay()
        while not self._is_stopping.is_set():
            began = time.monotonic()
            try:
                stream = self._open_stream()
                try:
                    self._follow(stream)
                finally:
                    stream.close()
            except PublisherFenced as error:
                self._update_status(PublisherStatus("fenced", problem=str(error)))
                return
            except (BrokerRefused, InvalidBrokerUrl, UnsuitableBroker) as error:
                self._set_offline("refused", str(error))
            except (RedisError, OSError, StreamLost) as error:
                log.debug("the broker cannot be used", exc_info=sanitize_for_log(error))
                self._set_offline("offline")
            except Exception as error:  # the share goes on without the broker
                log.error("publishing to the broker failed", exc_info=sanitize_for_log(error))
                self._set_offline("offline")
            self._is_stopping.wait(delay.choose(time.monotonic() - began))

    def _follow(self, stream: PageStream) -> None:
        """Write each newer page, until the share ends. Raises the errors of `PageStream`."""
        stream.check_server()
        self._resume(stream)
        changed_at = next_beat = time.monotonic()
        while not self._is_stopping.is_set():
            if self._write_newest(stream):
                changed_at = time.monotonic()
                self._is_stopping.wait(MIN_WRITE_INTERVAL)
            now = time.monotonic()
            if now >= next_beat:
                self._beat(stream)
                next_beat = now + BEAT_INTERVAL
            if now - changed_at >= KEYFRAME_DELAY:
                self._write(stream, self._publication.plan_keyframes())
            self._has_news.wait(min(next_beat - now, KEYFRAME_DELAY))
        self._write_newest(stream)
        if self._publication.acknowledged_page is not None:
            stream.write_end(*self._publication.plan_end())

    def _resume(self, stream: PageStream) -> None:
        if not self._publication.resume(stream.read_last_id(), now=read_time_ms()):
            raise PublisherFenced

    def _write_newest(self, stream: PageStream) -> bool:
        """Write the newest page, if the broker lacks it. Return True if something was written."""
        self._has_news.clear()  # before the page is read, so that a later one is noticed
        if self._newest_page is None:
            return False
        return self._write(stream, self._publication.plan_update(self._newest_page.page))

    def _write(self, stream: PageStream, update: Update | None) -> bool:
        if update is None:
            return False
        stream.write(update.entries, update.deleted, is_first=update.is_first)
        self._publication.acknowledge(update)
        return True

    def _beat(self, stream: PageStream) -> None:
        """Give a sign of life, notice a broker that has lost the page, and count the relays' viewers."""
        self._beat_count += 1
        state = {"term": self._publication.term, "beat": self._beat_count, "busy_since": self._busy_since}
        stream.write_state(json.dumps(state).encode())
        self._resume(stream)
        viewer_count = count_viewers(stream.read_presence(), now=read_time_ms())
        self._update_status(PublisherStatus("live", viewer_count=viewer_count))

    def _set_offline(self, state: PublisherState, problem: str = "") -> None:
        since = self.status.offline_since or read_time_ms()
        self._update_status(PublisherStatus(state, offline_since=since, problem=problem))

    def _update_status(self, status: PublisherStatus) -> None:
        if status != self.status:
            self.status = status
            self._on_change()
