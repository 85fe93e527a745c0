"""Finds browsers of other engines than Chromium's, or installs them: Firefox, and WebKit with its driver."""

from __future__ import annotations

import os
import shutil

from debian import apt, can_apt

FIREFOX_NAMES = ("firefox-esr", "firefox")
FIREFOX_PATHS = ("/Applications/Firefox.app/Contents/MacOS/firefox",)
WEBKIT_DRIVER = "WebKitWebDriver"
SCREEN = "Xvfb"
"""A screen in memory, which WebKit needs for its window. Firefox needs none."""
PACKAGES = {"firefox": "firefox-esr", WEBKIT_DRIVER: "webkit2gtk-driver", SCREEN: "xvfb"}
"""Debian's package of each program."""


def find_firefox() -> str | None:
    """Return the path of Firefox: from BOKEH_SHARE_FIREFOX, else an installed one; None if there is none."""
    candidates = (os.environ.get("BOKEH_SHARE_FIREFOX", ""), *FIREFOX_NAMES, *FIREFOX_PATHS)
    return next(filter(None, map(shutil.which, candidates)), None)


def list_missing_engines() -> list[str]:
    """List the programs that are not installed."""
    found = {"firefox": find_firefox()} | {name: shutil.which(name) for name in (WEBKIT_DRIVER, SCREEN)}
    return [program for program in PACKAGES if not found[program]]


def install_engines() -> None:
    """Install the programs that are missing, where that is possible."""
    if (missing := list_missing_engines()) and can_apt():
        apt(*(PACKAGES[program] for program in missing))
