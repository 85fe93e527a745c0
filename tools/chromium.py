"""Finds Chromium or Chrome, or installs Chromium."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from debian import apt, can_apt, is_root

HEADLESS_SHELL = "chromium-headless-shell"
"""A build without windows opens a page in half of the time."""
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MAC_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# Prints the path of Playwright's Chromium.
LOCATE = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


def find_chromium() -> str | None:
    """Return the path of Chromium or Chrome: from BOKEH_SHARE_CHROMIUM, else on PATH; None if there is
    none."""
    candidates = (os.environ.get("BOKEH_SHARE_CHROMIUM", ""), *NAMES, *MAC_PATHS)
    return next(filter(None, map(shutil.which, candidates)), None)


def install_headless_shell() -> None:
    """Install Debian's build of Chromium without windows beside Debian's Chromium, if it is missing."""
    if find_chromium() == "/usr/bin/chromium" and can_apt() and not shutil.which(HEADLESS_SHELL):
        apt(HEADLESS_SHELL)


def install_chromium(python: Path) -> str:
    """Install Debian's as root, else the one of this Python's Playwright, which needs no root."""
    if can_apt():
        apt("chromium", HEADLESS_SHELL, "fonts-dejavu-core")
        if path := find_chromium():
            return path
    # On other systems Chromium also needs system libraries, which Playwright installs as root.
    with_libraries = ["--with-deps"] if is_root() else []
    install = [str(python), "-m", "playwright", "install", "--no-shell", *with_libraries, "chromium"]
    subprocess.run(install, check=True)
    return subprocess.check_output([python, "-c", LOCATE], text=True).strip()
