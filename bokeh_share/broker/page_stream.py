"""Reads and writes a share's stream in the broker."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias, cast

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    MovedError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from ..text import shorten
from .broker_url import BrokerUrl
from .entries import Entry, EntryId, encode_entry
from .errors import (
    BrokerRefused,
    EntryTooLarge,
    InvalidBrokerUrl,
    PublisherFenced,
    StreamLost,
    UnsuitableBroker,
)
from .relay_presence import to_milliseconds
from .stream_keys import RELAYS_KEY, StreamKeys

RETENTION = 7 * 24 * 3600
"""Seconds for which the last state stays in the broker after the kernel vanished."""
ENDED_RETENTION = 3600
"""Seconds for which relays can read that a share has ended."""
FILE_RETENTION_MARGIN = 2 * 3600
"""Seconds for which scripts stay after the last state, since kernels renew them less often."""
SOCKET_TIMEOUT = 10.0
"""Seconds that a command may take."""
LARGE_WRITE = 500_000
"""Bytes of an update from which it gets more time, on a connection of its own; and the smallest size that a
broker may refuse for its size."""
MIN_UPLOAD_RATE = 50_000
"""Bytes per second that a slow network takes at least."""
MAX_ENTRY_BYTES = 512 * 1024 * 1024
"""Maximum size of a plot, unless a server is configured otherwise (`proto-max-bulk-len`)."""
SIZE_LIMIT = re.compile(r"too (large|big|long)|size|bulk", re.IGNORECASE)
"""Matches the errors of servers with a limit for the size of a request."""
CONNECT_TIMEOUT = 5.0
"""Seconds that a connection may take."""
MAX_REQUESTS = 100
"""Maximum number of requests of relays that are answered at a time."""
MIN_VERSION = (6, 2)
"""The oldest Redis that can add to a stream without creating it (`NOMKSTREAM`)."""

Client: TypeAlias = "redis.Redis"


def build_client_options(name: str, timeout: float = SOCKET_TIMEOUT) -> dict[str, Any]:
    """Build the options of a client without retries: its user tries again, and knows how long it has been
    offline. `name` is its name in the broker's list of clients, `timeout` the time in seconds that sending a
    command may take, and its answer too."""
    return {
        "socket_timeout": timeout,
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "protocol": 2,  # answers have one form in all versions of the client
        "client_name": name,
    }


def connect_client(url: BrokerUrl, name: str, timeout: float = SOCKET_TIMEOUT) -> Client:
    """Build a client. Raises `InvalidBrokerUrl` for options in the URL that there are not."""
    options = build_client_options(name, timeout)
    try:
        return redis.Redis.from_url(url.secret_url, retry=Retry(NoBackoff(), 0), **options)
    except ValueError:
        raise InvalidBrokerUrl("has unknown options") from None


class PageStream:
    """The stream of one share, over one client. Raises the errors of `redis` besides those named."""

    def __init__(
        self,
        url: BrokerUrl,
        keys: StreamKeys,
        *,
        retention: int = RETENTION,
        connect: Callable[[BrokerUrl, str, float], Client] = connect_client,
    ) -> None:
        self._url, self._keys, self._retention = url, keys, retention
        self._connect = partial(connect, url, keys.publisher_name)
        self._client = self._connect(SOCKET_TIMEOUT)

    def close(self) -> None:
        self._client.close()

    def check_server(self) -> None:
        """Raise `UnsuitableBroker` or `BrokerRefused` if the server cannot keep a page."""
        info = cast(dict[str, Any], self._execute(self._client.info))
        version = str(info.get("redis_version", "0"))
        if tuple(int(part) for part in version.split(".")[:2] if part.isdecimal()) < MIN_VERSION:
            raise UnsuitableBroker(str(self._url), f"is Redis {version}", "use Redis 6.2 or later, or Valkey")
        policy = str(info.get("maxmemory_policy", "noeviction"))
        if int(info.get("maxmemory", 0)) > 0 and policy != "noeviction":
            raise UnsuitableBroker(
                str(self._url), f"drops keys when it is full ({policy})", "set maxmemory-policy noeviction"
            )

    def read_last_id(self) -> EntryId | None:
        """Return the id of the newest entry, also of a deleted one; None if there is no stream."""
        info = _read_stream_info(self._client, self._keys.stream, self._url)
        return None if info is None else EntryId.parse(_to_bytes(info["last-generated-id"]))

    def has_page(self) -> bool:
        """Return True if the broker has a page, which has more entries than the mark of an ended share."""
        info = _read_stream_info(self._client, self._keys.stream, self._url)
        return info is not None and int(info["length"]) > 1

    def write(
        self,
        entries: Sequence[tuple[EntryId, Entry]],
        deleted: Sequence[EntryId] = (),
        *,
        is_first: bool = False,
    ) -> None:
        """Write entries in one transaction, and delete those that they replace.

        If `is_first`, they replace all that the stream has, and create it if there is none. Raises
        `PublisherFenced` if a later kernel has written, `StreamLost` if there is no stream any more, and
        `EntryTooLarge`.
        """
        size, largest = sum(entry.size for _, entry in entries), max(entry.size for _, entry in entries)
        if largest > MAX_ENTRY_BYTES:
            raise EntryTooLarge(largest)
        if size < LARGE_WRITE:
            self._write(self._client, entries, deleted, is_first)
            return
        client = self._connect(max(SOCKET_TIMEOUT, size / MIN_UPLOAD_RATE))
        try:
            self._write(client, entries, deleted, is_first)
        except RedisConnectionError as error:
            self._execute(self._client.ping)  # raises if the broker is away
            raise EntryTooLarge(largest) from error
        finally:
            client.close()

    def _write(
        self,
        client: Client,
        entries: Sequence[tuple[EntryId, Entry]],
        deleted: Sequence[EntryId],
        is_first: bool,
    ) -> None:
        stream = self._keys.stream
        with client.pipeline(transaction=True) as pipeline:
            for number, (id, entry) in enumerate(entries):
                fields = encode_entry(entry, id, self._keys)
                can_create = is_first and number == 0
                pipeline.xadd(stream, cast(Any, fields), id=str(id), nomkstream=not can_create)
            if is_first:
                pipeline.xtrim(stream, minid=str(entries[0][0]), approximate=False)
            elif deleted:
                pipeline.xdel(stream, *map(str, deleted))
            pipeline.expire(stream, self._retention)
            results = self._execute(lambda: pipeline.execute(raise_on_error=False))
        for result in results:
            if isinstance(result, ResponseError) and "equal or smaller" in str(result):
                raise PublisherFenced
            if isinstance(result, ResponseError) and SIZE_LIMIT.search(str(result)):
                raise EntryTooLarge(max(entry.size for _, entry in entries))
            if isinstance(result, RedisError):
                raise _explain(result, self._url)
        if any(result is None for result in results[: len(entries)]):
            raise StreamLost

    def write_end(self, id: EntryId, entry: Entry) -> None:
        """Replace all that the stream has by its end, which stays for a while."""
        self.write([(id, entry)], is_first=True)
        self._client.expire(self._keys.stream, ENDED_RETENTION)
        self._client.delete(self._keys.state)

    def write_state(self, state: bytes) -> None:
        """Write the state of the author's kernel, which relays compare with the one before. The stream stays
        for the retention from now on."""
        with self._client.pipeline(transaction=False) as pipeline:
            pipeline.set(self._keys.state, state, ex=self._retention)
            pipeline.expire(self._keys.stream, self._retention)
            self._execute(pipeline.execute)

    def write_file(self, digest: str, read: Callable[[], bytes]) -> None:
        """Keep a compressed script for longer than the retention from now on; `read` is called if it is not
        there."""
        key, seconds = self._keys.file_base + digest, self._retention + FILE_RETENTION_MARGIN
        if not self._execute(lambda: self._client.expire(key, seconds)):
            self._execute(lambda: self._client.set(key, read(), ex=seconds))

    def read_time(self) -> int:
        """Return the broker's time in milliseconds since 1970, which relays write into their reports."""
        return to_milliseconds(*self._execute(self._client.time))

    def take_requests(self) -> set[str]:
        """Return the ids of plots that relays need whole, once."""
        found: list[bytes] = self._execute(lambda: self._client.spop(self._keys.requests, MAX_REQUESTS))
        return {id.decode(errors="replace") for id in found}

    def read_relays(self) -> dict[bytes, bytes]:
        """Read what each relay has last announced, by its name; nothing if the ACL does not allow it."""
        try:
            return cast(dict[bytes, bytes], self._client.hgetall(RELAYS_KEY))
        except NoPermissionError:
            return {}

    def read_presence(self) -> dict[bytes, bytes]:
        """Read what each relay has last reported, by its name."""
        return cast(dict[bytes, bytes], self._client.hgetall(self._keys.presence))

    def _execute(self, run: Callable[[], Any]) -> Any:
        try:
            return run()
        except RedisError as error:
            raise _explain(error, self._url) from None


def _read_stream_info(client: Client, stream: str, url: BrokerUrl) -> dict[str, Any] | None:
    """Return the broker's facts about a stream; None if there is none."""
    try:
        return cast(dict[str, Any], client.xinfo_stream(stream))
    except ResponseError as error:
        if "no such key" in str(error).lower():
            return None
        raise _explain(error, url) from None


def _explain(error: Exception, url: BrokerUrl) -> Exception:
    """Return an error that says what to do, or `error` itself, such as for a lost connection."""
    broker = str(url)
    if isinstance(error, AuthenticationError | NoPermissionError):
        return BrokerRefused(broker, str(error))
    if isinstance(error, OutOfMemoryError):
        return UnsuitableBroker(broker, "is full", "raise its maxmemory, or share less data")
    if isinstance(error, ReadOnlyError):
        return UnsuitableBroker(broker, "is read-only", "give the URL of the primary server")
    if isinstance(error, MovedError):
        return UnsuitableBroker(broker, "is a cluster of several servers", "use a single server")
    if isinstance(error, ResponseError):  # without what it repeats of the command
        reason = shorten(str(error).partition(", with args")[0])
        return UnsuitableBroker(broker, f"refuses the page ({reason})", "see its log and its limits")
    return error


def _to_bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
