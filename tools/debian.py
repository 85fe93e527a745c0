"""Installs system packages, where this is Debian and we are root."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def can_apt() -> bool:
    """Return true on Debian as root; Ubuntu's `chromium` package is a snap."""
    about = Path("/etc/os-release")
    return is_root() and about.exists() and "ID=debian" in about.read_text().splitlines()


def apt(*packages: str) -> None:
    """Install them; raises `CalledProcessError` if that fails."""
    install = ("install", "-q", "-y", "--no-install-recommends", *packages)
    for arguments in (("update", "-q"), install):
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", *arguments], env=environ, stdout=subprocess.DEVNULL, check=True)
