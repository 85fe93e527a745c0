"""A proxy on loopback that tests slow down and cut, or that spreads connections over several servers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress

CHUNK = 65_536


class TcpProxy:
    """Passes connections on to the first of its servers that answers, beginning with another one each time.

    Exists until `stop`. It runs in a thread of its own; its methods may be called from any thread.
    """

    def __init__(self, *ports: int, backlog: int = 1024) -> None:
        self.ports: Sequence[int] = ports
        self.delay = 0.0
        """Seconds by which it delays each piece of what the server and the client send."""
        self.accepted_count = 0
        self._is_cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=backlog))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def cut(self) -> None:
        """Close all connections, and each new one, until `restore`."""
        self._is_cut = True
        self._call(self._close_all())

    def restore(self) -> None:
        self._is_cut = False

    def stop(self) -> None:
        self.cut()
        self._call(self._close_server())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, coroutine):  # type: ignore[no-untyped-def]
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    async def _close_server(self) -> None:
        self._server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _close_all(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted_count += 1
        self._writers.add(writer)
        try:
            upstream = None if self._is_cut else await self._connect()
            if upstream is not None:
                self._writers.add(upstream[1])
                await asyncio.gather(self._pass(reader, upstream[1]), self._pass(upstream[0], writer))
                self._writers.discard(upstream[1])
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        ports = [*self.ports]
        begin = self.accepted_count % len(ports)
        for port in [*ports[begin:], *ports[:begin]]:
            with suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        return None

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        writer.transport.abort()
