"""Builds arguments for pytest: tests, and the workers that run them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence

from environments import ROOT

# With its own loopback, so that no two tests use the same port.
ISOLATED = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def locate(arguments: Sequence[str]) -> list[str]:
    """Make the paths absolute; add the path of all tests if there is none."""
    are_paths = [(ROOT / argument.partition("::")[0]).exists() for argument in arguments]
    pairs = zip(arguments, are_paths, strict=True)
    located = [str(ROOT / argument) if is_path else argument for argument, is_path in pairs]
    return located if any(are_paths) else [*located, str(ROOT / "tests")]


def can_isolate() -> bool:
    """Return true if a process can have its own network: as root, on Linux, with iproute2."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*ISOLATED, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def count_workers() -> int:
    """`BOKEH_SHARE_WORKERS`, or one more than the processors, as tests wait for half of their time."""
    return int(os.environ.get("BOKEH_SHARE_WORKERS") or (os.cpu_count() or 1) + 1)


def distribute(python: str, count: int) -> list[str]:
    """Distribute files, in their order, to workers that run this Python, each with its own network."""
    workers = f"{count}*popen//python={shlex.join([*ISOLATED, python])}"
    return ["--dist", "loadfile", "--no-loadscope-reorder", "--tx", workers]
