"""Notes for the author about a share and its viewers."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

import bokeh

from ..plots.diff import PROVEN_VERSIONS, is_proven
from ..server import Certificate
from ..text import format_quantity
from .note import Note, Section, Severity

MANY_WRONG_PASSWORDS = 10
"""Minimum number of wrong passwords that suggests guessing. Fewer are typing errors."""
FORMER_PASSWORD_NOTE = (
    "viewers need the password that was set earlier: --password sets another,"
    " --fresh makes a new link without a password"
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


def describe_withheld(text: str) -> Note | None:
    """Build the note on outputs of cells that are not shared; None for an empty text."""
    return Note(text, severity=Severity.REDUCED) if text else None


def describe_rejected_viewers(count: int, limit: int, *, is_low_on_descriptors: bool) -> Note | None:
    """Describe the viewers who were rejected; None if there were none."""
    if count == 0:
        return None
    reason = (
        "this process may open no more files (ulimit -n raises the limit)"
        if is_low_on_descriptors
        else f"at most {format_quantity(limit, 'viewer')} at the same time (%bokeh_share --max-viewers N)"
    )
    return Note(f"rejected {format_quantity(count, 'visitor')}: {reason}", severity=Severity.REJECTED)


def describe_blocked_websockets(address: str | None) -> Note | None:
    """Describe that a page got no websocket, since its request came from `address` without the upgrade; None
    if there is no such page."""
    if address is None:
        return None
    return Note(
        "a page gets no plots: something between it and this machine lets no websocket through. If"
        f" {address} is a proxy, it must pass on websockets: HTTP/1.1, and the headers Upgrade and"
        " Connection",
        severity=Severity.REJECTED,
    )


def describe_simple_prompt(shell: Any) -> Note | None:
    """Describe a terminal where no loop runs beside the prompt; None for others."""
    if not getattr(shell, "simple_prompt", False):
        return None
    text = "with IPython's simple prompt, viewers are served only while a cell awaits"
    return Note(text, severity=Severity.REDUCED)


def describe_missing_token(*, is_local: bool, is_public: bool) -> str:
    """Describe the people who can open the page of a share without a token, which has no password either."""
    if is_local:
        return "no token, no password: anyone on this machine can open the page"
    action = "finds" if is_public else "reaches"
    return f"no token, no password: anyone who {action} the address can open the page"


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
        text = "viewers need a password" if is_new_password else FORMER_PASSWORD_NOTE
        yield Note(text, Section.ACCESS)
    if wrong_password_count:
        verb = "was" if wrong_password_count == 1 else "were"
        attempts = f"{wrong_password_count:,} wrong password{'s' * (wrong_password_count > 1)} {verb}"
        is_attack = wrong_password_count >= MANY_WRONG_PASSWORDS
        yield Note(
            f"{attempts} entered, the last from {wrong_password_address}",
            Section.ACCESS,
            Severity.ATTACKED if is_attack else Severity.INFO,
        )
    if certificate is not None:
        origin = " made here, so browsers warn: send colleagues its" if certificate.is_generated else ""
        yield Note(f"certificate{origin} fingerprint, SHA-256 {certificate.fingerprint}", Section.ACCESS)


def describe_missing_viewers(
    port: int, *, system: str = sys.platform, find_program: Callable[[str], str | None] = shutil.which
) -> Note:
    """Describe the checks when no viewer has come from another machine, with this system's command."""
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
    question = f"are colleagues on the same network, and does the firewall allow port {port}?"
    return Note(f"no viewer from another machine yet: {question} {command}", severity=Severity.UNVISITED)
