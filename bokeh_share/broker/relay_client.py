"""The client of a relay process for the broker, which all of its shares use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, NoPermissionError, RedisError

from .broker_url import BrokerUrl
from .errors import BrokerRefused, InvalidBrokerUrl
from .page_stream import build_client_options
from .relay_presence import to_milliseconds
from .stream_keys import StreamKeys
from .stream_reader import RELAY_NAME, AsyncClient, StreamReader

MAX_BROKER_CONNECTIONS = 10_000
"""Maximum number of connections of a relay process; each share that has viewers needs one."""

ResultT = TypeVar("ResultT")


class BrokerUnreachable(Exception):
    """The broker cannot be reached, or refuses. The text is for a log, and has no password."""


class RelayClient:
    """The broker as a relay process uses it. Exists as long as the process."""

    def __init__(self, url: BrokerUrl) -> None:
        """Raise `InvalidBrokerUrl` for options in the URL that there are not."""
        self.url = url
        options = {**build_client_options(RELAY_NAME), "max_connections": MAX_BROKER_CONNECTIONS}
        try:
            self._client: AsyncClient = redis.asyncio.Redis.from_url(
                url.secret_url, retry=Retry(NoBackoff(), 0), **options
            )
        except ValueError:
            raise InvalidBrokerUrl("has unknown options") from None

    def open_reader(self, keys: StreamKeys) -> StreamReader:
        """Open the stream of a share. All streams share their connections."""
        pool = self._client.connection_pool
        return StreamReader(self.url, keys, lambda url: redis.asyncio.Redis(connection_pool=pool))

    async def run(self, command: Callable[[], Awaitable[ResultT]]) -> ResultT:
        """Run a command of a reader. Raises `BrokerUnreachable`, for all that can be wrong."""
        try:
            return await command()
        except (AuthenticationError, AuthorizationError, NoPermissionError) as error:
            raise BrokerUnreachable(str(BrokerRefused(str(self.url), str(error)))) from None
        except (RedisError, OSError) as error:
            raise BrokerUnreachable(f"the broker {str(self.url)!r} cannot be used ({error})") from None

    async def read_time(self) -> int:
        """Return the broker's time in milliseconds since 1970. Raises `BrokerUnreachable`."""
        return to_milliseconds(*await self.run(lambda: cast(Awaitable[Any], self._client.time())))

    async def close(self) -> None:
        await self._client.aclose()
