"""Follows the stream of one share, and passes what comes to the share's viewers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import NoReturn, Protocol

from redis.exceptions import RedisError

from ..broker import Entry, EntryId, InvalidEntry, RetryDelay, StreamGap, UnknownStreamVersion
from ..text import sanitize_for_log
from .kernel_watch import KernelState, KernelWatch
from .page_assembler import PageAssembler
from .relayed_page import RelayedPage

log = logging.getLogger(__name__)

POLL_INTERVAL = 2.0
"""Seconds between two looks at the sign of life of the author's kernel."""


class PageReader(Protocol):
    """The stream of a share. See `StreamReader`."""

    async def close(self) -> None: ...

    async def read_after(self, id: EntryId | None, *, timeout: float) -> list[tuple[EntryId, Entry]]: ...

    async def read_last_id(self) -> EntryId | None: ...

    async def read_state(self) -> bytes | None: ...

    async def read_time(self) -> int: ...

    async def is_publisher_connected(self) -> bool: ...


class ShareViewers(Protocol):
    """The viewers of the share on this relay."""

    def publish(self, page: RelayedPage) -> None:
        """Send them a newer page."""

    def update_kernel(self, state: KernelState) -> None:
        """Tell them about the author's kernel."""

    def end(self) -> None:
        """Tell them that the author stopped sharing."""


class ShareFollower:
    """Keeps the viewers of one share up to date, until its task is cancelled.

    While the broker is away, viewers keep the page that they have, and those who come get it too; they read
    that the author's kernel is away, since nothing comes from it. A stream that is gone, as after a flush,
    wipes nothing: the author's kernel writes it anew.
    """

    def __init__(
        self,
        open_reader: Callable[[], PageReader],
        viewers: ShareViewers,
        *,
        poll_interval: float = POLL_INTERVAL,
    ) -> None:
        self._open_reader, self._viewers, self._poll_interval = open_reader, viewers, poll_interval
        self._assembler = PageAssembler()
        self._watch = KernelWatch(time.monotonic())

    async def run(self) -> NoReturn:
        """Follow the stream; after an error, try again after a while."""
        delay = RetryDelay()
        while True:
            began = time.monotonic()
            reader = self._open_reader()
            try:
                await self._follow(reader)
            except (InvalidEntry, UnknownStreamVersion) as error:
                log.warning("%s", error)
            except (RedisError, OSError) as error:
                log.debug("the broker cannot be read", exc_info=sanitize_for_log(error))
            finally:
                await reader.close()
            self._update_kernel(None)
            await asyncio.sleep(delay.choose(time.monotonic() - began))

    async def _follow(self, reader: PageReader) -> NoReturn:
        next_poll = 0.0
        while True:
            now = time.monotonic()
            if now >= next_poll:
                next_poll = now + self._poll_interval
                await self._check_stream(reader)
                await self._check_kernel(reader)
            timeout = max(0.001, next_poll - time.monotonic())
            entries = await reader.read_after(self._assembler.last_id, timeout=timeout)
            if entries and not self._take(entries):
                await asyncio.sleep(self._poll_interval)  # the kernel will have written the rest

    async def _check_stream(self, reader: PageReader) -> None:
        """Read the stream from its beginning if it is another one than before."""
        last_id, known_id = await reader.read_last_id(), self._assembler.last_id
        if known_id is not None and (last_id is None or last_id < known_id):
            self._assembler.restart()

    async def _check_kernel(self, reader: PageReader) -> None:
        """Tell the viewers if the author's kernel has become busy, idle, or away."""
        sign = await reader.read_state()
        if sign is not None and not self._watch.has_sign:
            self._watch.add_first_sign(sign, time.monotonic(), broker_time=await reader.read_time())
        needs_connection = self._watch.needs_connection(time.monotonic())
        self._update_kernel(sign, is_connected=needs_connection and await reader.is_publisher_connected())

    def _update_kernel(self, sign: bytes | None, *, is_connected: bool = False) -> None:
        if self._watch.update(sign, time.monotonic(), is_connected=is_connected):
            self._viewers.update_kernel(self._watch.state)

    def _take(self, entries: list[tuple[EntryId, Entry]]) -> bool:
        """Take entries, and publish the page that they complete. Return False if some are missing."""
        try:
            is_complete = self._assembler.take(entries)
        except StreamGap:
            is_restarted = self._assembler.is_at_start
            self._assembler.restart()
            return not is_restarted
        if is_complete:
            self._viewers.publish(self._assembler.page)
        if self._assembler.has_ended:
            self._viewers.end()
        return True
