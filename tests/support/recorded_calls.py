"""Cells that record the calls of a function of the package, and wait for one."""

from __future__ import annotations

_RECORD = """
import asyncio, importlib
def _record_calls(owner, name):
    function, calls = getattr(owner, name), []
    def recorded(*args):
        try:
            return function(*args)
        finally:
            calls.append(args)
    setattr(owner, name, recorded)
    return calls
_calls = _record_calls({owner}, {name!r})
"""
UNTIL_CALLED = "while not _calls: await asyncio.sleep(0.01)"


def record_calls(module: str, function: str) -> str:
    """Return a cell that records calls of a function of `module`, or of a method, as in `Class.method`.

    `UNTIL_CALLED` then waits for the first one.
    """
    owner, _, name = function.rpartition(".")
    found = f"importlib.import_module({module!r})"
    return _RECORD.format(owner=f"{found}.{owner}" if owner else found, name=name)
