"""Encodes the page and its plots as messages for viewers, as described in `wire/messages`."""

from __future__ import annotations

from math import isfinite
from typing import Any, NamedTuple

from ..wire import PlotEntries, PlotEntry, encode_message
from .diff import LOCAL_ID_PREFIX, PlotPatch, diff_snapshots
from .media import MediaSnapshot
from .page import Page, Plot
from .placeholder import Box

MEDIA_BUFFER = "media"
"""The id of the array that has the bytes of a picture, a table or a text."""


def list_plot_entries(page: Page, former: PlotEntries | None = None) -> PlotEntries:
    """List the plots of `page`. Entries that are as in `former` are the same objects, which saves memory."""
    known = {} if former is None else former.by_id
    entries = {plot.id: _build_entry(page, plot) for plot in page.plots}
    return PlotEntries(
        page.version,
        {id: known[id] if known.get(id) == entry else entry for id, entry in entries.items()},
    )


def _build_entry(page: Page, plot: Plot) -> PlotEntry:
    section = {"section": plot.section} if plot.section else {}
    return section | {
        "id": plot.id,
        "kind": "bokeh" if plot.media is None else plot.media.kind,
        "generation": plot.generation,
        "name": plot.name,
        "anchor": plot.key.anchor,
        "caption": plot.caption,
        "changed": plot.changed_at,
        "missing": page.find_missing_reason(plot),
        "heading": None if plot.name else plot.placeholder.heading,
        "titles": plot.placeholder.titles,
        "box": _encode_box(plot.placeholder.box),
    }


def encode_page_message(
    epoch: str,
    page: Page,
    entries: PlotEntries,
    *,
    base: PlotEntries | None = None,
    ping_interval: float | None = None,
    page_build: str | None = None,
    now: int | None = None,
) -> bytes:
    """Encode the `page` message, which is sent first and after each change of the page.

    `entries` are the plots that the receiver shows. If it has those of `base`, only the others are sent. A
    heartbeat follows after `ping_interval` seconds without a message. `page_build` names the version of the
    page's scripts that understands these messages. `now` is the time in milliseconds since 1970, UTC, since
    a viewer's clock may be wrong; None for a page without a server.
    """
    bundles = {
        each.model_type: None if each.problem else {"digest": each.digest, "integrity": each.integrity}
        for each in page.bundles
        if each.missing_reason != "compiling"
    }
    apps = [{"name": app.name, "about": app.about, "changed": app.changed_at} for app in page.apps]
    header = {
        "kind": "page",
        "epoch": epoch,
        "version": page.version,
        "base": None if base is None else base.version,
        "title": page.title,
        "paused": page.paused_since,
        "download": page.can_download,
        "pointing": page.can_point,
        "heartbeat": ping_interval,
        "build": page_build,
        "now": now,
        "bundles": bundles,
        "apps": apps,
        "plots": entries.list_changed(base),
        "order": entries.list_order(base),
    }
    return encode_message(header)


def _encode_box(box: Box) -> list[float | None]:
    """Return width (null for the card's), height, slope, 1 if it fills the height, and the least width if it
    is as wide as the card.

    Zeros at the end are left out, since the message is sent for each change of a plot. So is a size that is
    not finite, since browsers cannot read it.
    """
    if not all(map(isfinite, (box.width or 0.0, box.height, box.slope, box.least_width))):
        return [None]
    width = None if box.width is None else round(box.width, 2)
    least = round(box.least_width) if box.width is None else 0
    values = [width, round(box.height, 2), round(box.slope, 5), int(box.fills_height), least]
    while not values[-1] and len(values) > 1:
        values.pop()
    return values


def encode_plot_message(epoch: str, version: int, plot: Plot, patch: PlotPatch, base: int | None) -> bytes:
    """Encode the `plot` message with `patch`, which changes generation `base`, or replaces the plot.

    The ids of models are made unique to the plot, those of arrays to the generation.

    The text `"id":"` cannot occur inside a JSON string, where its quotes would be escaped.
    """
    arrays = f"{plot.id}.{plot.generation}.a"
    header = {
        **_build_plot_fields(epoch, version, plot),
        "base": None if patch.kind == "replace" else base,
        "op": patch.kind,
        "parts": sorted(patch.parts),
        "buffers": [[f"{arrays}{index}", len(array)] for index, array in enumerate(patch.arrays)],
    }
    events = patch.events.replace(f'"id":"{LOCAL_ID_PREFIX}a', f'"id":"{arrays}')
    events = events.replace(f'"id":"{LOCAL_ID_PREFIX}', f'"id":"{plot.id}.')
    json_fields = {"defs": patch.defs, "patch": f'{{"events":{events}}}'}
    return encode_message(header, json_fields=json_fields, arrays=patch.arrays)


def _build_plot_fields(epoch: str, version: int, plot: Plot) -> dict[str, Any]:
    """Build the fields that all messages of a plot begin with."""
    return {
        "kind": "plot",
        "epoch": epoch,
        "version": version,
        "plot": plot.id,
        "generation": plot.generation,
    }


class PlotChange(NamedTuple):
    """A `plot` message."""

    message: bytes
    base: int | None
    """The generation that it changes; None if it has the whole plot."""


def encode_plot_change(epoch: str, version: int, plot: Plot, former: Plot | None) -> PlotChange:
    """Encode the `plot` message that brings a page from a former state, or from none, to that of `plot`.

    A picture, a table or a text is always sent whole.
    """
    snapshot, former_snapshot = plot.snapshot, None if former is None else former.snapshot
    if isinstance(snapshot, MediaSnapshot):
        return PlotChange(_encode_media_message(epoch, version, plot, snapshot), None)
    before = None if isinstance(former_snapshot, MediaSnapshot) else former_snapshot
    patch = diff_snapshots(before, snapshot)
    base = None if former is None or patch.kind == "replace" else former.generation
    return PlotChange(encode_plot_message(epoch, version, plot, patch, base), base)


def _encode_media_message(epoch: str, version: int, plot: Plot, media: MediaSnapshot) -> bytes:
    header = {
        **_build_plot_fields(epoch, version, plot),
        "base": None,
        "op": "replace",
        "parts": sorted(media.parts),
        "buffers": [[MEDIA_BUFFER, media.size]],
        "media": {
            "kind": media.kind,
            "type": media.media_type,
            "width": media.width,
            "height": media.height,
            "title": media.title,
        },
    }
    return encode_message(header, arrays=[media.data])
