"""Writes the newest state of a share over one connection to the broker."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable

from ..plots import Bundle, Page, Plot, find_title, read_time_ms
from ..text import format_size, shorten_value
from .errors import EntryTooLarge, PublisherFenced
from .newest_state import NewestState, ReadScript
from .page_stream import LARGE_WRITE, PageStream
from .publication import Publication, Update
from .publisher_status import PublisherStatus
from .relay_presence import count_viewers, list_relay_urls

MIN_WRITE_INTERVAL = 0.05
"""Seconds between two updates of a page that changes all the time, as for viewers."""
BEAT_INTERVAL = 2.0
"""Seconds between two signs of life."""
KEYFRAME_DELAY = 1.0
"""Seconds without a change after which plots are written whole."""
MAX_STEP_RATIO = 4.0
"""Size of a plot's steps, relative to the plot, above which it is written whole while changes go on."""
SCRIPT_RENEWAL_INTERVAL = 3600.0
"""Seconds after which the broker is told again to keep the scripts."""
MIN_KEYFRAME_INTERVAL = 10.0
"""Seconds after which a plot that relays request is written whole again."""


class PublisherSession:
    """One connection of the publisher, in its thread. Raises the errors of `PageStream`."""

    def __init__(self, stream: PageStream, publication: Publication, newest: NewestState) -> None:
        self._stream, self._publication, self._newest = stream, publication, newest
        self._beat_count = 0
        self._written_scripts: dict[str, float] = {}
        """The scripts that the broker has, each with the time at which it was told to keep it."""
        self._refused_size = 0
        """The size of the largest entry of the update that the broker has refused last."""
        self._keyframes: deque[tuple[float, str]] = deque()
        """The plots that were written whole on request lately, each with the time."""

    def resume(self, *, is_ending: bool = False) -> None:
        """Find out what the broker has. Raises `PublisherFenced` if another kernel has taken the share over.
        `is_ending` is true if the author has stopped sharing."""
        last_id = self._stream.read_last_id()
        has_page = self._publication.term > 0 or self._stream.has_page()  # of an earlier kernel
        now = read_time_ms()
        if not self._publication.resume(last_id, now=now, has_page=has_page, is_ending=is_ending):
            raise PublisherFenced
        if self._publication.acknowledged_page is None:
            self._written_scripts.clear()  # perhaps it has lost them too

    def follow(self, is_stopping: threading.Event, on_beat: Callable[[PublisherStatus], None]) -> None:
        """Write each newer state, until the share ends. `on_beat` is called after each sign of life."""
        changed_at = next_beat = time.monotonic()
        while not is_stopping.is_set():
            if self.write_newest():
                self._write(self._publication.plan_keyframes(max_ratio=MAX_STEP_RATIO))
                changed_at = time.monotonic()
                is_stopping.wait(MIN_WRITE_INTERVAL)
            now = time.monotonic()
            if now >= next_beat:
                on_beat(self._beat())
                next_beat = now + BEAT_INTERVAL
            if now - changed_at >= KEYFRAME_DELAY:
                self._write(self._publication.plan_keyframes())
            self._newest.has_news.wait(min(next_beat - now, KEYFRAME_DELAY))

    def write_newest(self) -> bool:
        """Write the newest state, if the broker lacks it. Return True if something was written."""
        self._newest.has_news.clear()  # before the state is read, so that a later one is noticed
        if self._newest.page is None:
            return False
        page, details = self._newest.page.page, self._newest.details
        update = self._publication.plan_update(page, details)
        if update is not None:
            self._write_scripts(page)  # before a page that needs them
        return self._write(update)

    def write_end(self) -> None:
        """End the share for everybody, and the last state of an earlier kernel too."""
        has_page = self._publication.acknowledged_page is not None
        if has_page or self._stream.read_last_id() is not None:
            self._stream.write_end(*self._publication.plan_end())

    def _write(self, update: Update | None) -> bool:
        if update is None:
            return False
        try:
            self._stream.write(update.entries, update.deleted, is_first=update.is_first)
        except EntryTooLarge as error:
            if error.size < LARGE_WRITE:
                raise
            self.resume()
            if self._refused_size == error.size:  # the second time
                self._publication.limit_size(error.size)
            self._refused_size = error.size
            return True
        self._publication.acknowledge(update)
        return True

    def _write_scripts(self, page: Page) -> None:
        for digest, read in self._newest.scripts.items():
            self._write_script(digest, read)
        for bundle in page.bundles:
            self._write_bundle(bundle)

    def _write_bundle(self, bundle: Bundle) -> None:
        if bundle.script:
            self._write_script(bundle.digest, lambda: bundle.compressed_script)

    def _write_script(self, digest: str, read: ReadScript) -> None:
        """Have the broker keep a script; it is told at most once per `SCRIPT_RENEWAL_INTERVAL`."""
        now, written_at = time.monotonic(), self._written_scripts.get(digest)
        if written_at is None or now - written_at > SCRIPT_RENEWAL_INTERVAL:
            self._stream.write_file(digest, read)
            self._written_scripts[digest] = now

    def _beat(self) -> PublisherStatus:
        """Give a sign of life, notice a broker that has lost the page, answer requests, and count viewers."""
        self._beat_count += 1
        busy_since, now = self._newest.busy_since, self._stream.read_time()
        state = {
            "term": self._publication.term,
            "beat": self._beat_count,
            "at": now,
            "busy": None if busy_since is None else (read_time_ms() - busy_since) / 1000,
        }
        self._stream.write_state(json.dumps(state).encode())
        self.resume()
        if (page := self._publication.acknowledged_page) is not None:
            self._write_scripts(page)
        self._answer_requests()
        return PublisherStatus(
            "live",
            viewer_count=count_viewers(self._stream.read_presence(), now=now),
            relay_urls=list_relay_urls(self._stream.read_relays(), now=now),
            too_large=tuple(map(_label, self._publication.too_large)),
        )

    def _answer_requests(self) -> None:
        now = time.monotonic()
        while self._keyframes and now - self._keyframes[0][0] > MIN_KEYFRAME_INTERVAL:
            self._keyframes.popleft()
        requested = self._stream.take_requests() - {plot for _, plot in self._keyframes}
        if requested:
            self._write(self._publication.plan_keyframes(requested))
            self._keyframes.extend((now, plot) for plot in requested)


def _label(plot: Plot) -> str:
    """Name a plot, with its size."""
    name = plot.name or find_title(plot.snapshot) or plot.short_id
    return f"{shorten_value(name)} ({format_size(plot.size)})"
