"""The shares that follow a tracker: they receive its pages, and refresh its plots at suitable times."""

from __future__ import annotations

from typing import Protocol

from .page_publisher import PagePublisher, PageSink


class PageSubscriber(PageSink, Protocol):
    """Receives the pages, as a share does, and is notified of plots that are not on them."""

    def on_problem(self) -> None:
        """Handle that a plot, or its current state, could not be put on the page."""

    def flush(self) -> None:
        """Send the newest page now, and return when it is sent, or after some milliseconds."""


class Refresher(Protocol):
    """Calls `refresh` at a suitable time, as `RefreshThrottle` does."""

    def request_refresh(self) -> None:
        """Request a refresh after an event marked a plot as dirty, in the thread that made the change."""


class Subscriptions:
    """The subscribers of a tracker, each with its refresher. Exists as long as the tracker."""

    def __init__(self, publisher: PagePublisher) -> None:
        self._publisher = publisher
        self._refreshers: dict[PageSubscriber, Refresher] = {}
        """Replaced and never changed, since events in other threads read it."""

    def add(self, subscriber: PageSubscriber, refresher: Refresher) -> None:
        """Pass the newest page to `subscriber` now, and each newer one until `discard`."""
        self._refreshers = {**self._refreshers, subscriber: refresher}
        self._publisher.subscribe(subscriber)

    def discard(self, subscriber: PageSubscriber) -> None:
        self._publisher.unsubscribe(subscriber)
        self._refreshers = {
            each: refresher for each, refresher in self._refreshers.items() if each is not subscriber
        }

    def request_refresh(self) -> None:
        for refresher in self._refreshers.values():
            refresher.request_refresh()

    def notify_problem(self) -> None:
        for subscriber in self._refreshers:
            subscriber.on_problem()

    def flush(self) -> None:
        for subscriber in self._refreshers:
            subscriber.flush()
