"""Controls the process of the viewers."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# At the end of the path, so that the installed package comes before the checkout.
REACH = f"import sys; sys.path.append({str(ROOT)!r})"


@dataclass(frozen=True)
class Result:
    """The arrival of one update at the viewers of one contender."""

    last: float
    """The time at which the last viewer received the last byte, in seconds of the monotonic clock."""
    bytes: float
    """Payload per viewer."""
    arrivals: tuple[float, ...] = ()
    """The times at which the viewers who read received it."""


class Audience:
    """Viewers of all contenders, in their own process. Exists within `gathered`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def come(self, who: str, link: dict[str, Any], count: int, marker: str) -> None:
        """Open `count` viewers at `link`, and wait until each has the plot with `marker`."""
        self._tell(do="come", who=who, link=link, count=count, marker=marker)

    def expect(self, who: str, marker: str) -> None:
        self._tell(do="expect", who=who, marker=marker)

    def result(self, who: str) -> Result:
        """Wait until all viewers have the expected update."""
        return Result(**self._tell(do="result", who=who))

    def stall(self, who: str, count: int) -> None:
        """Let this number of viewers stop reading; 0: all read again."""
        self._tell(do="stall", who=who, count=count)

    def counted(self, who: str) -> list[int]:
        """Count the messages with the marker that each viewer received since the last `expect`."""
        return list(self._tell(do="count", who=who)["marked"])

    def _tell(self, **command: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError("the viewers' process ended")
        told: dict[str, Any] = json.loads(answer)
        if "error" in told:
            raise RuntimeError(f"viewers of {command['who']}: {told['error']}")
        return told


@contextmanager
def gathered() -> Iterator[Audience]:
    code = f"{REACH}\nfrom benchmarks.watcher import main\nmain()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Audience(process)
        finally:
            process.terminate()
