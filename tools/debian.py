"""Installs system packages on Debian, as root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

POLICY = Path("/usr/sbin/policy-rc.d")
"""The program that Debian's packages ask before they start a service; 101 forbids it."""


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def can_apt() -> bool:
    """Return true on Debian as root; Ubuntu's `chromium` package is a snap."""
    about = Path("/etc/os-release")
    return is_root() and about.exists() and "ID=debian" in about.read_text().splitlines()


def apt(*packages: str) -> None:
    """Install them, and start no service of theirs; raises `CalledProcessError` if that fails."""
    install = ("install", "-q", "-y", "--no-install-recommends", *packages)
    with forbid_services():
        for arguments in (("update", "-q"), install):
            environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(["apt-get", *arguments], env=environ, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def forbid_services() -> Iterator[None]:
    """While the block runs, packages start no services. A policy of the machine's own stays as it is."""
    try:
        with POLICY.open("x") as file:
            file.write("#!/bin/sh\nexit 101\n")
    except FileExistsError:
        yield
        return
    try:
        POLICY.chmod(0o755)
        yield
    finally:
        POLICY.unlink()
