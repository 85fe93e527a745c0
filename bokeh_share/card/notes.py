"""Notes for the author about a share and its visitors."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

import bokeh

from ..plots.diff import PROVEN_VERSIONS, is_proven
from ..server import Certificate
from .note import Note, Section, Severity

MANY_WRONG_PASSWORDS = 10
"""Number of wrong passwords from which on somebody may be guessing. Fewer are typing errors."""
FORMER_PASSWORD_NOTE = (
    "viewers are asked for the password that was set earlier: --password sets another,"
    " --fresh makes a new link without one"
)
NOT_SHARING_NOTE = "kept for the page; %bokeh_share starts sharing"


def describe_untested_bokeh(version: str = bokeh.__version__) -> Note | None:
    """Describe the effect of an untested version of Bokeh on viewers; None for tested versions."""
    if is_proven(version):
        return None
    tested_versions = " and ".join(PROVEN_VERSIONS)
    return Note(
        f"Bokeh {version} was not tested yet, only {tested_versions}:"
        " pages draw each changed plot anew, a little later"
    )


def describe_rejected_viewers(count: int, limit: int, *, is_low_on_descriptors: bool) -> Note | None:
    """Describe the viewers who were rejected; None if there were none."""
    if count == 0:
        return None
    frequency = "once" if count == 1 else f"{count} times"
    reason = (
        "this process may open no more files (ulimit -n for more)"
        if is_low_on_descriptors
        else f"there may be {limit} (%bokeh_share --max-viewers N for more)"
    )
    return Note(f"a viewer was turned away {frequency}: {reason}", severity=Severity.REJECTED)


def describe_simple_prompt(shell: Any) -> Note | None:
    """Describe a terminal where no loop runs beside the prompt; None for others."""
    if not getattr(shell, "simple_prompt", False):
        return None
    text = "with IPython's simple prompt, viewers are served only while a cell awaits"
    return Note(text, severity=Severity.REDUCED)


def list_access_notes(
    *,
    has_password: bool,
    is_new_password: bool = True,
    certificate: Certificate | None,
    wrong_password_count: int,
    wrong_password_address: str,
) -> Iterator[Note]:
    """List the notes on the password and the certificate of a share. `is_new_password` says that the password
    was set for this share."""
    if has_password:
        text = "viewers are asked for a password" if is_new_password else FORMER_PASSWORD_NOTE
        yield Note(text, Section.ACCESS)
    if wrong_password_count:
        attempts = (
            "a wrong password" if wrong_password_count == 1 else f"{wrong_password_count:,} wrong passwords"
        )
        is_attack = wrong_password_count >= MANY_WRONG_PASSWORDS
        yield Note(
            f"{attempts} came, the last from {wrong_password_address}",
            Section.ACCESS,
            Severity.ATTACKED if is_attack else Severity.INFO,
        )
    if certificate is not None:
        origin = " made here, so browsers warn; colleagues compare its" if certificate.is_generated else ""
        yield Note(f"certificate{origin} SHA-256 {certificate.fingerprint}", Section.ACCESS)


def describe_missing_viewers(
    port: int, *, system: str = sys.platform, find_program: Callable[[str], str | None] = shutil.which
) -> Note:
    """Describe what to check when no viewer came to a network address, with the command for this system."""
    if system == "darwin":
        command = "System Settings › Network › Firewall: allow incoming connections for Python"
    elif system == "win32":
        rule = f"name=bokeh_share dir=in action=allow protocol=TCP localport={port}"
        command = f"netsh advfirewall firewall add rule {rule}"
    elif find_program("ufw"):
        command = f"sudo ufw allow {port}/tcp"
    elif find_program("firewall-cmd"):
        command = f"sudo firewall-cmd --add-port={port}/tcp"
    else:
        command = f"sudo iptables -I INPUT -p tcp --dport {port} -j ACCEPT"
    question = f"are they on the same network, and does a firewall let port {port} through?"
    return Note(f"nobody came yet: {question} {command}", severity=Severity.UNVISITED)
