"""Fetches tools for the page with npm, if npm is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from environments import ENVIRONMENTS

OLDEST_NODE = 18

# Pinned, like those in pyproject.toml.
AXE = "axe-core@4.14.1"
"""Accessibility checks, which browser tests run on pages."""
TYPESCRIPT = "typescript@7.0.2"
"""The type checker for the page's scripts."""


def fetch(package: str) -> Path | None:
    """Return the folder of an npm package, fetched if needed; None without npm, or if npm fails."""
    environment = ENVIRONMENTS / package
    folder = environment / "node_modules" / package.rpartition("@")[0]
    npm = shutil.which("npm")
    if not folder.is_dir() and npm is not None:
        options = ("--silent", "--no-audit", "--no-fund", "--prefix", str(environment))
        if subprocess.run([npm, "install", *options, package], check=False).returncode:
            shutil.rmtree(environment, ignore_errors=True)  # an incomplete folder would count as complete
    return folder if folder.is_dir() else None


def has_node() -> bool:
    """Return true if there is a Node.js with a test runner."""
    node = shutil.which("node")
    if node is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = answer.strip().removeprefix("v").partition(".")[0]
    return major.isdigit() and int(major) >= OLDEST_NODE
