"""What the author should know about what they share, each in a line of the card."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any

from .snapshot import Snapshot

LARGE = 2_000_000
"""Characters of a plot's JSON from which on reading it would keep the author waiting."""


def columns(snapshot: Snapshot) -> tuple[int, int]:
    """How many columns a plot sends, and how many of them it draws, lists or mentions in a tooltip.

    A source that a script in the plot works with counts as drawn, since who knows what it takes.
    """
    rep = json.loads(snapshot.models)
    sources = {each["id"]: _columns(each) for each in _objects(rep) if each["name"] == "ColumnDataSource"}
    scripted = {
        ref["id"]
        for each in _objects(rep)
        if each["name"] == "CustomJS"
        for ref in _refs(each)
        if ref["id"] in sources
    }
    used = {each["field"] for each in _dicts(rep) if isinstance(each.get("field"), str)}
    used |= {column for text in _texts(rep) for column in _mentioned(text)}
    sent = sum(len(names) for names in sources.values())
    drawn = sum(len(names if id in scripted else names & used) for id, names in sources.items())
    return sent, drawn


def title(snapshot: Snapshot) -> str | None:
    """The first title in a plot, for plots that the author gave no name."""
    found = re.search(
        r'"name":"Title","id":"[^"]*","attributes":{"text":("(?:[^"\\]|\\.)*")', snapshot.models
    )
    return json.loads(found[1]) or None if found else None


def undrawn(snapshot: Snapshot) -> str:
    """The remark on a plot that sends more than it draws; empty for others, and for very large ones."""
    if len(snapshot.models) > LARGE:
        return ""
    sent, drawn = columns(snapshot)
    return f"sends {sent} columns and draws {drawn}" if drawn < sent else ""


CALLS_BACK = "its Python callbacks do nothing for viewers; CustomJS works, or an app of bokeh serve"


def nobody_came(
    port: int, *, system: str = sys.platform, which: Callable[[str], str | None] = shutil.which
) -> str:
    """What to check when nobody came to a network address, with the command for this system."""
    if system == "darwin":
        command = "System Settings › Network › Firewall: allow incoming connections for Python"
    elif system == "win32":
        rule = f"name=bokeh_share dir=in action=allow protocol=TCP localport={port}"
        command = f"netsh advfirewall firewall add rule {rule}"
    elif which("ufw"):
        command = f"sudo ufw allow {port}/tcp"
    elif which("firewall-cmd"):
        command = f"sudo firewall-cmd --add-port={port}/tcp"
    else:
        command = f"sudo iptables -I INPUT -p tcp --dport {port} -j ACCEPT"
    question = f"are they on the same network, and does a firewall let port {port} through?"
    return f"nobody came yet: {question} {command}"


def _dicts(rep: Any) -> Iterator[dict[str, Any]]:
    if isinstance(rep, dict):
        yield rep
        for value in rep.values():
            yield from _dicts(value)
    elif isinstance(rep, list):
        for value in rep:
            if isinstance(value, dict | list):
                yield from _dicts(value)


def _objects(rep: Any) -> Iterator[dict[str, Any]]:
    return (each for each in _dicts(rep) if each.get("type") == "object" and "id" in each)


def _refs(rep: Any) -> Iterator[dict[str, Any]]:
    return (each for each in _dicts(rep) if "id" in each)


def _columns(source: dict[str, Any]) -> set[str]:
    data = source.get("attributes", {}).get("data", {})
    return {name for name, _ in data.get("entries", ()) if isinstance(name, str)}


def _texts(rep: Any) -> Iterator[str]:
    for each in _dicts(rep):
        for value in each.values():
            yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "@" in value:
            yield value
    elif isinstance(value, list) and len(value) < 100:
        for item in value:
            yield from _strings(item)


def _mentioned(text: str) -> set[str]:
    """The columns in a tooltip such as `@sales{0.0} in @{the year}`."""
    return {braced or bare for braced, bare in re.findall(r"@\{([^}]*)\}|@(\w+)", text)}
