"""Publishes a running share to the author's broker, from which relays serve it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from ..broker import BrokerUrl, InvalidBrokerUrl, PublisherStatus, ShareInfo, StreamKeys
from ..plots import LazyPage, PageSink, read_time_ms
from .broker_choice import BrokerChoice
from .errors import MissingBrokerClient
from .relay_snapshot import RelaySnapshot


class SharePublisher(PageSink, Protocol):
    """Publishes to one broker, from a thread of its own. See `broker.Publisher`."""

    status: PublisherStatus

    def start(self) -> None: ...

    def publish(self, page: LazyPage) -> None: ...

    def publish_share(self, info: ShareInfo, read_script: Callable[[str], bytes]) -> None: ...

    def publish_presented(self, message: bytes) -> None: ...

    def publish_pins(self, message: bytes) -> None: ...

    def update_busy(self, since: int | None) -> None: ...

    def stop(self, *, keep_page: bool = False) -> None: ...


class BuildPublisher(Protocol):
    """Builds a publisher."""

    def __call__(
        self, url: BrokerUrl, keys: StreamKeys, *, retention: int, on_change: Callable[[], None]
    ) -> SharePublisher:
        """`retention` is in seconds. `on_change` is called after the status has changed. Raises
        `MissingBrokerClient`."""


class RelayedLink(Protocol):
    """The link of the share. See `PublishedLink`."""

    @property
    def secret(self) -> str: ...

    def build_info(self) -> ShareInfo: ...

    def read_script(self, component: str) -> bytes: ...


class PageSource(Protocol):
    """Passes on the pages that viewers see. See `PublishedPage`."""

    def add_sink(self, sink: PageSink) -> None: ...

    def remove_sink(self, sink: PageSink) -> None: ...


def build_broker_publisher(
    url: BrokerUrl, keys: StreamKeys, *, retention: int, on_change: Callable[[], None]
) -> SharePublisher:
    """Build a publisher to a broker. Raises `MissingBrokerClient` if the package for it is not installed."""
    try:
        from ..broker import PageStream, Publisher
    except ImportError as error:
        raise MissingBrokerClient(error.name or "redis") from None
    return Publisher(lambda: PageStream(url, keys, retention=retention), on_change)


class RelayPublication:
    """Publishes a share to the broker that the author chose, from `start` to `stop`.

    A publisher has a thread for the work, so no method waits for the broker, but for the end of the process.
    Any thread may call them. If a broker cannot be used, the snapshot says why, and the share goes on without
    it.
    """

    def __init__(
        self,
        link: RelayedLink,
        pages: PageSource,
        on_change: Callable[[], None],
        *,
        find_cell_code: Callable[[], str] = lambda: "",
        build_publisher: BuildPublisher = build_broker_publisher,
    ) -> None:
        """`on_change` is called after the snapshot has changed, in any thread. `find_cell_code` returns the
        code of the running cell."""
        self._link, self._pages, self._on_change = link, pages, on_change
        self._find_cell_code, self._build_publisher = find_cell_code, build_publisher
        self.choice = BrokerChoice()
        """The broker that the author chose last."""
        self.has_had_viewers = False
        """True if a relay ever had a viewer of this share."""
        self._is_running = self._is_password_saved = False
        self._url: BrokerUrl | None = None
        self._publisher: SharePublisher | None = None
        self._secret = ""
        """The secret part of the link that is published."""
        self._info: ShareInfo | None = None
        self._problem = ""
        """The reason why there is no publisher."""
        self._presented = self._pins = b""
        self._busy_since: int | None = None
        self._lock = threading.RLock()

    @property
    def snapshot(self) -> RelaySnapshot:
        """The state at this moment."""
        with self._lock:
            if not (self._is_running and self.choice.url):
                return RelaySnapshot()
            return RelaySnapshot(
                is_active=True,
                status=self._read_status(),
                broker="" if self._url is None else str(self._url),
                author="" if self._url is None else self._url.author,
                secret=self._secret,
                choice=self.choice,
                is_password_saved=self._is_password_saved,
            )

    def start(self, choice: BrokerChoice) -> None:
        """Publish the share to the broker of `choice`, if there is one."""
        with self._lock:
            self._is_running = True
            self._change_broker(choice)

    def choose(self, choice: BrokerChoice, *, is_given: bool) -> bool:
        """Publish to the broker of `choice` from now on, and end the page at another one. Return True if that
        changes something.

        A broker that is given again takes the page back from a kernel that has taken it over.
        """
        with self._lock:
            has_failed = is_given and self._read_status().state in ("fenced", "refused")
            if choice == self.choice and not has_failed:
                return False
            self._change_broker(choice)
            return True

    def update(self) -> None:
        """Publish the facts on the share after its link, its addresses or its password changed. A new link
        ends the page at the old one."""
        with self._lock:
            if not self._is_running or self._url is None:
                return
            if self._secret != self._link.secret:
                _stop_in_thread(self._detach_publisher(), keep_page=False)
                self._start_publisher(self._url)
            elif self._publisher is not None:
                self._publish_info(self._publisher)

    def publish_presented(self, message: bytes) -> None:
        """Publish the message with the whole view that the author presents; empty if nobody presents."""
        with self._lock:
            self._presented = message
            if self._publisher is not None:
                self._publisher.publish_presented(message)

    def publish_pins(self, message: bytes) -> None:
        """Publish the message with all pins; empty if there are none."""
        with self._lock:
            self._pins = message
            if self._publisher is not None:
                self._publisher.publish_pins(message)

    def update_busy(self, since: float | None) -> None:
        """Set the time at which the running cell began, by `time.monotonic`; None if none runs."""
        self._busy_since = (
            None if since is None else read_time_ms() - round((time.monotonic() - since) * 1000)
        )
        if (publisher := self._publisher) is not None:
            publisher.update_busy(self._busy_since)

    def stop(self, *, keep_page: bool = False) -> None:
        """Stop publishing; may be called again. The page ends for all viewers at relays. With `keep_page`
        they keep its last state, as at the end of the process: this waits two seconds at most, so that the
        broker gets that state."""
        with self._lock:
            publisher = self._detach_publisher()
            self._is_running = False
        if publisher is not None and keep_page:
            publisher.stop(keep_page=True)
        else:
            _stop_in_thread(publisher, keep_page=False)

    def _read_status(self) -> PublisherStatus:
        if self._publisher is None:
            return PublisherStatus("refused", problem=self._problem)
        return self._publisher.status

    def _change_broker(self, choice: BrokerChoice) -> None:
        """Stop the former publisher, and start one for `choice`. The page stays if the broker is the same."""
        _stop_in_thread(self._detach_publisher(), keep_page=choice.url == self.choice.url)
        self.choice, self._url, self._problem, self._is_password_saved = choice, None, "", False
        if choice.url:
            try:
                self._url = BrokerUrl.parse(choice.url)
            except InvalidBrokerUrl as error:
                self._problem = str(error)
            else:
                self._is_password_saved = self._url.is_password_in(self._find_cell_code())
                self._start_publisher(self._url)
        self._on_change()

    def _start_publisher(self, url: BrokerUrl) -> None:
        self._secret, self._info = self._link.secret, None
        keys = StreamKeys.from_secret(self._secret, url.author)
        retention = self.choice.retention_seconds
        try:
            publisher = self._build_publisher(
                url, keys, retention=retention, on_change=self._on_status_change
            )
        except MissingBrokerClient as error:
            self._problem = str(error)
            return
        self._publisher = publisher
        self._publish_info(publisher)
        publisher.publish_presented(self._presented)
        publisher.publish_pins(self._pins)
        publisher.update_busy(self._busy_since)
        publisher.start()
        self._pages.add_sink(publisher)

    def _publish_info(self, publisher: SharePublisher) -> None:
        info = self._link.build_info()
        if info != self._info:
            self._info = info
            publisher.publish_share(info, self._link.read_script)

    def _detach_publisher(self) -> SharePublisher | None:
        """Pass nothing on to the publisher any more, and return it for its end."""
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            self._pages.remove_sink(publisher)
        return publisher

    def _on_status_change(self) -> None:
        publisher = self._publisher
        if publisher is not None and publisher.status.viewer_count > 0:
            self.has_had_viewers = True
        self._on_change()


def _stop_in_thread(publisher: SharePublisher | None, *, keep_page: bool) -> None:
    """Stop a publisher in a thread that the process waits for, since the author's cell must not wait."""
    if publisher is not None:
        stop = partial(publisher.stop, keep_page=keep_page)
        threading.Thread(target=stop, name="bokeh_share end of publishing").start()
