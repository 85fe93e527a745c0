"""Builds arguments for pytest: tests, and the workers that run them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence

from environments import ROOT

# The loopback is separate too, so that no two tests use the same port.
ISOLATED = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def locate(arguments: Sequence[str]) -> list[str]:
    """Return the arguments with absolute paths, and with the path of all tests if they contain none."""
    are_paths = [(ROOT / argument.partition("::")[0]).exists() for argument in arguments]
    pairs = zip(arguments, are_paths, strict=True)
    located = [str(ROOT / argument) if is_path else argument for argument, is_path in pairs]
    return located if any(are_paths) else [*located, str(ROOT / "tests")]


def can_isolate() -> bool:
    """Return True if a process can have a separate network: as root, on Linux, with iproute2."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*ISOLATED, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def count_workers() -> int:
    """Return `BOKEH_SHARE_WORKERS`, or one more than the processors, since tests wait half of their time."""
    return int(os.environ.get("BOKEH_SHARE_WORKERS") or (os.cpu_count() or 1) + 1)


def distribute(python: str, count: int) -> list[str]:
    """Build arguments that distribute files, in order, to workers with this Python and separate networks."""
    workers = f"{count}*popen//python={shlex.join([*ISOLATED, python])}"
    return ["--dist", "loadfile", "--no-loadscope-reorder", "--tx", workers]
