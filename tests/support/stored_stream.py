"""Reads what the broker has of a share, without the relay's event loop."""

from __future__ import annotations

from typing import Any, cast

import redis

from bokeh_share.broker.broker_url import BrokerUrl
from bokeh_share.broker.entries import Entry, EntryId, decode_entry
from bokeh_share.broker.stream_keys import StreamKeys


class StoredStream:
    """The stream of one share, over one client."""

    def __init__(self, keys: StreamKeys, client: redis.Redis) -> None:
        self._keys, self._client = keys, client

    @classmethod
    def connect(cls, url: str, keys: StreamKeys) -> StoredStream:
        return cls(keys, redis.Redis.from_url(BrokerUrl.parse(url).secret_url, protocol=2))

    def read_all(self) -> list[tuple[EntryId, Entry]]:
        """Read all entries, the oldest first. Raises `UnknownStreamVersion` or `InvalidEntry`."""
        rows = cast(list[Any], self._client.xrange(self._keys.stream))
        ids = [EntryId.parse(id) for id, _ in rows]
        return [(id, decode_entry(fields, id, self._keys)) for id, (_, fields) in zip(ids, rows, strict=True)]

    def read_state(self) -> bytes | None:
        return cast("bytes | None", self._client.get(self._keys.state))
