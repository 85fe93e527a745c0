"""Finds the code of the running cell, as the notebook saves it."""

from __future__ import annotations

from IPython import get_ipython


def find_cell_code() -> str:
    """Return the code of the cell that runs in a notebook; empty if there is none."""
    shell = get_ipython()
    request = shell.get_parent() if shell is not None and hasattr(shell, "get_parent") else None
    return str(((request or {}).get("content") or {}).get("code", ""))
