"""Finds the reverse proxies of docs/networks.md, or installs them."""

from __future__ import annotations

import os
import shutil

from debian import apt, can_apt

PACKAGES = {"nginx": "nginx-light", "caddy": "caddy", "apache2": "apache2-bin", "haproxy": "haproxy"}
"""Debian's package of each program."""


def list_missing() -> list[str]:
    """List the programs that are not installed; Debian has them where only root looks."""
    path = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin"
    return [program for program in PACKAGES if shutil.which(program, path=path) is None]


def install_proxies() -> bool:
    """Install those that are missing, where that is possible; True if all are there."""
    if (missing := list_missing()) and can_apt():
        apt(*(PACKAGES[program] for program in missing))
    return not list_missing()
