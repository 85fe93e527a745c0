"""Builds arguments for pytest: tests, and the workers that run them."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Sequence

from environments import ROOT

# Its loopback is its own too, so that no two tests want the same port.
ISOLATED = ["unshare", "-n", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]


def locate(arguments: Sequence[str]) -> list[str]:
    """The same, with paths that hold in any folder; with that of all tests, if there is none among them."""
    are_paths = [(ROOT / argument.partition("::")[0]).exists() for argument in arguments]
    pairs = zip(arguments, are_paths, strict=True)
    located = [str(ROOT / argument) if is_path else argument for argument, is_path in pairs]
    return located if any(are_paths) else [*located, str(ROOT / "tests")]


def can_isolate() -> bool:
    """Whether a process can have a network of its own: as root, on Linux, with iproute2."""
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*ISOLATED, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def count_workers() -> int:
    """`BOKEH_SHARE_WORKERS`, or one more than there are processors, as tests wait for half of their time."""
    return int(os.environ.get("BOKEH_SHARE_WORKERS") or (os.cpu_count() or 1) + 1)


def distribute(python: str, count: int) -> list[str]:
    """Share files out, in their order, to workers that run this Python, each with a network of its own."""
    workers = f"{count}*popen//python={shlex.join([*ISOLATED, python])}"
    return ["--dist", "loadfile", "--no-loadscope-reorder", "--tx", workers]
