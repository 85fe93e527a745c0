"""Keeps scripts of authors' kernels, which the relay has read from the broker."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

MAX_CACHED_BYTES = 32_000_000
"""Maximum size of all scripts that are kept; those of one version of BokehJS have 1.2 MB."""


class ScriptCache:
    """Compressed scripts by the digest of their content. Exists as long as the relay's process."""

    def __init__(self, max_bytes: int = MAX_CACHED_BYTES) -> None:
        self._max_bytes = max_bytes
        self._scripts: OrderedDict[str, bytes] = OrderedDict()
        """The scripts, the least recently used first."""
        self._size = 0
        self._reads: dict[tuple[str, str], asyncio.Task[bytes | None]] = {}
        """The scripts that are being read, by source and digest."""

    async def read(
        self, source: str, digest: str, read: Callable[[str], Awaitable[bytes | None]]
    ) -> bytes | None:
        """Return a script; None if the source lacks it. `read` reads it from the source, once for all who
        ask at the same time; its errors are raised for all of them."""
        if digest in self._scripts:
            self._scripts.move_to_end(digest)
            return self._scripts[digest]
        key = source, digest
        if key not in self._reads:
            task = asyncio.ensure_future(_await(read(digest)))
            self._reads[key] = task
            task.add_done_callback(lambda _: self._reads.pop(key, None))
        content = await asyncio.shield(self._reads[key])
        if content is not None:
            self._keep(digest, content)
        return content

    def _keep(self, digest: str, content: bytes) -> None:
        if digest in self._scripts or len(content) > self._max_bytes:
            return
        self._scripts[digest] = content
        self._size += len(content)
        while self._size > self._max_bytes:
            self._size -= len(self._scripts.popitem(last=False)[1])


async def _await(awaitable: Awaitable[bytes | None]) -> bytes | None:
    return await awaitable
