"""Reads page messages, which list the plots that differ from the page before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge_page(former: Mapping[str, Any], header: Mapping[str, Any]) -> dict[str, Any]:
    """Return the page message with all plots. `former` is the one before, with all plots; empty at first."""
    if header["base"] is None:
        return dict(header)
    assert former, "a change came before the page"
    assert former["version"] == header["base"], "a change of a page that this viewer does not have"
    plots = {plot["id"]: plot for plot in (*former["plots"], *header["plots"])}
    order = [plot["id"] for plot in former["plots"]] if header["order"] is None else header["order"]
    return {**header, "base": None, "order": None, "plots": [plots[id] for id in order]}
