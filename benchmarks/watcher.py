"""Runs the viewers: websockets that read, and record when the last of them has an update.

Commands come as lines of JSON on the standard input, and each is answered by a line on the standard output.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import sys
import time
from contextlib import suppress
from typing import Any

from benchmarks.frames import CLOSE, PING, Frames, Messages

PATIENCE = 120.0
"""Seconds after which a missing update is a failure."""
SOCKETS = 16_384
"""Number of sockets that this process may have open."""
AT_ONCE = 10
"""Number of viewers that connect at the same time."""
ASK = (b'{"msgid":"1","msgtype":"PULL-DOC-REQ"}', b"{}", b"{}")


class Crowd:
    """The viewers of one contender."""

    def __init__(self, link: dict[str, Any]) -> None:
        self.link = link
        self.viewers: list[Viewer] = []
        self.marker = b""
        self.news = asyncio.Event()
        self.waiting = 0
        self.last = 0.0
        self.arrivals: list[float] = []
        """The times at which the viewers received the expected update."""

    def expect(self, marker: str) -> None:
        """Wait until each viewer receives a message with `marker` in it."""
        self.marker = marker.encode()
        self.waiting = sum(not viewer.stalled for viewer in self.viewers)
        self.arrivals.clear()
        self.news.clear()
        for viewer in self.viewers:
            viewer.bytes = viewer.marked = 0
            viewer.has_it = False

    async def come(self, count: int, marker: str) -> None:
        """Become `count` viewers, each with the plot with `marker`."""
        self.expect(marker)
        for viewer in self.viewers:
            viewer.has_it = True
        self.waiting = 0
        loop = asyncio.get_running_loop()
        while (new := min(AT_ONCE, count - len(self.viewers))) > 0:
            self.waiting += new
            self.news.clear()
            for _ in range(new):
                viewer = Viewer(self)
                ports = self.link.get("ports") or [self.link["port"]]
                viewer.port = ports[len(self.viewers) % len(ports)]
                await loop.create_connection(lambda viewer=viewer: viewer, self.link["host"], viewer.port)
                self.viewers.append(viewer)
            await asyncio.wait_for(self.news.wait(), PATIENCE)

    def got_it(self, viewer: Viewer) -> None:
        viewer.has_it = True
        self.last = time.monotonic()
        if viewer.stalled:
            return
        self.arrivals.append(self.last)
        self.waiting -= 1
        if self.waiting == 0:
            self.news.set()

    async def result(self) -> dict[str, Any]:
        """Return the time at which the last viewer received the update, and the bytes per viewer."""
        await asyncio.wait_for(self.news.wait(), PATIENCE)
        await asyncio.sleep(0.05)  # for messages right after it
        average = sum(each.bytes for each in self.viewers) / len(self.viewers)
        return {"last": self.last, "bytes": average, "arrivals": self.arrivals}

    def stall(self, count: int) -> None:
        """Let this number of viewers read nothing from now on; the others read."""
        for number, viewer in enumerate(self.viewers):
            viewer.stall(number < count)


class Viewer(asyncio.Protocol):
    """One websocket, which stores nothing."""

    def __init__(self, crowd: Crowd) -> None:
        self.port = 0
        self.bytes = self.marked = 0
        """Bytes of payload since the last `expect`, and the number of messages with the marker."""
        self.has_it = self.stalled = False
        self._crowd = crowd
        self._frames = Frames()
        self._messages = Messages(bokeh=crowd.link["bokeh"])
        self._answer: bytes | None = b""
        self._asked = False

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        link = self._crowd.link
        lines = [
            f"GET {link['path']} HTTP/1.1",
            f"Host: {link['host']}:{self.port}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
            "Sec-WebSocket-Version: 13",
        ]
        if link["bokeh"]:
            from bokeh.util.token import generate_jwt_token, generate_session_id

            token = generate_jwt_token(
                generate_session_id(), extra_payload={"headers": {}, "cookies": {}, "arguments": {}}
            )
            lines.append(f"Sec-WebSocket-Protocol: bokeh, {token}")
        transport.write("\r\n".join([*lines, "", ""]).encode())

    def stall(self, stalled: bool) -> None:
        if stalled != self.stalled:
            self.stalled = stalled
            (self._transport.pause_reading if stalled else self._transport.resume_reading)()

    def data_received(self, data: bytes) -> None:
        if self._answer is not None:
            self._answer += data
            head, end, data = self._answer.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise ConnectionError(head.decode(errors="replace"))
            self._answer = None
        for frame in self._frames.feed(data):
            if frame.opcode == PING:
                self._send(0x8A, frame.head)
            elif frame.opcode == CLOSE:
                self._transport.close()
            else:
                self.bytes += frame.size
                if (message := self._messages.take(frame)) is not None:
                    self._take(message.head)

    def _take(self, head: bytes) -> None:
        if self._crowd.link["bokeh"] and not self._asked:
            # The first message says that the session exists.
            self._asked = True
            for part in ASK:
                self._send(0x81, part)
        if self._crowd.marker in head:
            self.marked += 1
            if not self.has_it:
                self._crowd.got_it(self)

    def _send(self, first: int, payload: bytes) -> None:
        """Send a frame with a mask of zeros, which is valid."""
        self._transport.write(bytes((first, 0x80 | len(payload))) + bytes(4) + payload)


async def obey() -> None:
    """Follow commands until the last one."""
    crowds: dict[str, Crowd] = {}
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        command = json.loads(line)
        who, marker = command["who"], command.get("marker", "")
        answer: dict[str, Any] = {}
        try:
            if command["do"] == "come":
                crowd = crowds.setdefault(who, Crowd(command["link"]))
                await crowd.come(command["count"], marker)
            elif command["do"] == "expect":
                crowds[who].expect(marker)
            elif command["do"] == "result":
                answer = await crowds[who].result()
            elif command["do"] == "stall":
                crowds[who].stall(command["count"])
            elif command["do"] == "count":
                answer = {"marked": [viewer.marked for viewer in crowds[who].viewers]}
        except (OSError, TimeoutError, ValueError) as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


def main() -> None:
    # Many systems allow fewer sockets than there are viewers by default.
    with suppress(ImportError, OSError, ValueError):
        import resource

        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, SOCKETS) if most > 0 else SOCKETS, most))
    asyncio.run(obey())
