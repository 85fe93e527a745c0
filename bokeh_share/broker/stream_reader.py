"""Reads a share's stream from an event loop, for relays."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable
from typing import Any, TypeAlias

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from .broker_url import BrokerUrl
from .entries import Entry, EntryId, decode_entry
from .page_stream import build_client_options
from .relay_presence import encode_announcement, encode_presence, to_milliseconds
from .stream_keys import RELAYS_KEY, StreamKeys

MAX_SCRIPT_BYTES = 64_000_000
"""Maximum size of a script, unpacked; the largest of BokehJS has 3 MB."""
PRESENCE_RETENTION = 60
"""Seconds for which the broker keeps the reports of relays after the last one."""

RELAY_NAME = "bokeh_share-relay"
"""The name of relays in the broker's list of clients."""

AsyncClient: TypeAlias = "redis.asyncio.Redis"


def connect_async_client(url: BrokerUrl) -> AsyncClient:
    """Build a client without retries, since its user tries again."""
    retry = Retry(NoBackoff(), 0)
    return redis.asyncio.Redis.from_url(url.secret_url, retry=retry, **build_client_options(RELAY_NAME))


class StreamReader:
    """The stream of one share, as a relay reads it. Raises the errors of `redis` besides those named."""

    def __init__(
        self,
        url: BrokerUrl,
        keys: StreamKeys,
        connect: Callable[[BrokerUrl], AsyncClient] = connect_async_client,
    ) -> None:
        self._keys = keys
        self._client = connect(url)

    async def close(self) -> None:
        await self._client.aclose()

    async def read_after(self, id: EntryId | None, *, timeout: float) -> list[tuple[EntryId, Entry]]:
        """Read the entries after `id`, None for all, the oldest first; wait for one for `timeout` seconds.
        Raises `UnknownStreamVersion` or `InvalidEntry`."""
        start = "0" if id is None else str(id)
        found: Any = await self._client.xread({self._keys.stream: start}, block=max(1, round(timeout * 1000)))
        return [each for _, rows in found or () for each in self._decode(rows)]

    async def read_last_id(self) -> EntryId | None:
        """Return the id of the last entry that is there; None if there is no stream."""
        rows: Any = await self._client.xrevrange(self._keys.stream, count=1)
        return EntryId.parse(rows[0][0]) if rows else None

    async def read_state(self) -> bytes | None:
        """Return what the author's kernel has last written as its sign of life; None if there is none."""
        state: Any = await self._client.get(self._keys.state)
        return None if state is None else bytes(state)

    async def read_time(self) -> int:
        """Return the broker's time in milliseconds since 1970, which signs of life contain."""
        return to_milliseconds(*await self._client.time())

    async def is_publisher_connected(self) -> bool:
        """Return True if the author's kernel is connected to the broker, even if it gives no sign of life;
        False if the broker does not tell."""
        try:
            clients: Any = await self._client.client_list(_type="normal")
        except ResponseError:  # such as a rented broker's, which does not list clients
            return False
        return any(each.get("name") == self._keys.publisher_name for each in clients)

    async def read_file(self, digest: str) -> bytes | None:
        """Read the compressed script with this digest; None if the broker has none, or another content."""
        content: bytes | None = await self._client.get(self._keys.file_base + digest)
        return content if content is not None and _has_digest(content, digest) else None

    async def request_keyframe(self, plot: str) -> None:
        """Ask the author's kernel to write this plot whole."""
        await self._client.sadd(self._keys.requests, plot)
        await self._client.expire(self._keys.requests, PRESENCE_RETENTION)

    async def announce(self, relay: str, url: str, *, now: int) -> None:
        """Tell all authors the public URL of this relay."""
        await self._client.hset(RELAYS_KEY, relay, encode_announcement(url, now=now))
        await self._client.expire(RELAYS_KEY, PRESENCE_RETENTION)

    async def report_viewers(self, relay: str, viewer_count: int, *, now: int) -> None:
        """Tell the author's kernel how many viewers this relay has."""
        async with self._client.pipeline(transaction=False) as pipeline:
            pipeline.hset(self._keys.presence, relay, encode_presence(viewer_count, now=now))
            pipeline.expire(self._keys.presence, PRESENCE_RETENTION)
            await pipeline.execute()

    def _decode(self, rows: Any) -> list[tuple[EntryId, Entry]]:
        found = []
        for raw_id, fields in rows:
            id = EntryId.parse(raw_id)
            found.append((id, decode_entry(fields, id, self._keys)))
        return found


def _has_digest(content: bytes, digest: str) -> bool:
    """Return True if this is a compressed script with this SHA-256 digest, and nothing after it: browsers may
    unpack that too. Small compressed data can be very large ones, so no more than `MAX_SCRIPT_BYTES` are
    unpacked."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        script = unpacker.decompress(content, MAX_SCRIPT_BYTES)
    except zlib.error:
        return False
    is_whole = unpacker.eof and not unpacker.unused_data
    return is_whole and hashlib.sha256(script).hexdigest() == digest
