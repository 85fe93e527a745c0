"""The messages between the share and its pages: one websocket frame is one whole message.

A message is four bytes with the length of its header (big-endian), the header as JSON, and the arrays
one after the other. Headers, by `kind`:

- `page`: the title, the apps, the scripts of the author's own models (null for one that does not compile),
  and the plots in their order, each with its generation and, if it cannot be drawn, the reason as `missing`.
  A page shows `titles` and a space of the size `box` until it draws the plot. Links name the plot by its
  `name` or, if it has none, by its `anchor`, and its card has the `heading` then. `now` is the server's time,
  since a viewer's clock may be wrong.
  `build` names the version of the page's scripts. The first message, sent again after each change: then
  `base` is the version that the page has, `plots` are those that differ from it, and `order` are the ids of
  all plots if plots came, went or moved. The page of an app gets no plots.
  Pages offer the data of plots as files if `download` is true. Viewers can show the author which points they
  mean if `pointing` is true (`wire/pointing`). `relayed` is true if a relay sends the page: then apps run on
  the author's machine only.
- `plot`: a Bokeh document patch that brings one plot from generation `base` to a newer one. `op` is
  `PlotPatch.kind`: patch, redraw or replace. When `base` is null, the patch holds the whole plot.
- `moved`: the share is at other addresses now.
- `busy`: the number of `seconds` for which the author's kernel has run a cell, or null when it runs none.
- `away`: the number of `seconds` since the last sign of life of the author's kernel, or null when it is back.
  Only a relay sends it. While the kernel is away, the page shows the last state, and nobody presents.
- `heartbeat`: nothing new. A page that receives no message for several times `heartbeat`, a field of
  `page` in seconds, knows that the connection is lost.

A page that connects names in its query the state that it has, as `epoch` and `version`, and the id, the name
or the `anchor` of the plot that it wants `first`. It then sends two messages, as JSON text:
`{"resend": plot id}` asks for a plot that it could not patch, and `{"failed_plot": plot id, "generation": n,
"reason": one of DRAW_FAILURE_REASONS}` reports one that it could not draw although it had all of it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

DRAW_FAILURE_REASONS = {
    "loading": "a script that it needs could not be loaded",
    "type": "BokehJS does not know one of its models",
    "drawing": "BokehJS reported an error",
}
"""Reasons why a page could not draw a plot. A page sends only the code; the share has the sentences."""


PlotEntry = Mapping[str, Any]
"""A plot as the `page` message lists it."""


@dataclass(frozen=True)
class PlotEntries:
    """The plots of one version of the page, as the `page` message lists them."""

    version: int
    by_id: Mapping[str, PlotEntry]
    """The entries by plot id, in the page's order."""

    def mark_missing(self, ids: Collection[str], reason: str) -> PlotEntries:
        """Return the entries, those of `ids` with this reason why the plot is not sent."""
        by_id = {id: {**each, "missing": reason} if id in ids else each for id, each in self.by_id.items()}
        return PlotEntries(self.version, by_id)

    def list_changed(self, base: PlotEntries | None) -> list[PlotEntry]:
        """List the entries that a page with those of `base` lacks; all, if it has none."""
        known = {} if base is None else base.by_id
        return [entry for id, entry in self.by_id.items() if known.get(id) != entry]

    def list_order(self, base: PlotEntries | None) -> list[str] | None:
        """List the ids of all plots, if a page with those of `base` cannot know their order."""
        is_known = base is None or [*base.by_id] == [*self.by_id]
        return None if is_known else [*self.by_id]


class DrawFailure(NamedTuple):
    """Reports that a page could not draw this generation of a plot."""

    plot: str
    generation: int
    reason: str
    """One of `DRAW_FAILURE_REASONS`."""


def encode_message(
    header: Mapping[str, Any],
    *,
    json_fields: Mapping[str, str] = MappingProxyType({}),
    arrays: Iterable[bytes] = (),
) -> bytes:
    """Encode one message. `json_fields` are further header fields whose values are already JSON."""
    text = json.dumps(header, separators=(",", ":"))[:-1]
    text += "".join(f',"{name}":{value}' for name, value in json_fields.items())
    header_bytes = f"{text}}}".encode()
    return b"".join([struct.pack("!I", len(header_bytes)), header_bytes, *arrays])


def read_header(message: bytes) -> dict[str, Any]:
    """Return the header of a message that `encode_message` has encoded."""
    (length,) = struct.unpack_from("!I", message)
    header: dict[str, Any] = json.loads(message[4 : 4 + length])
    return header


def encode_heartbeat_message() -> bytes:
    return encode_message({"kind": "heartbeat"})


def encode_busy_message(seconds: float | None) -> bytes:
    """Encode the duration, not the start time, since a viewer's clock may differ."""
    return encode_message({"kind": "busy", "seconds": seconds})


def encode_away_message(seconds: float | None) -> bytes:
    """Encode the duration since the kernel's last sign of life, or None when the kernel is back."""
    return encode_message({"kind": "away", "seconds": seconds})


def encode_moved_message(urls: Sequence[str]) -> bytes:
    return encode_message({"kind": "moved", "urls": list(urls)})


def read_resend_request(text: bytes) -> str | None:
    """Return the plot that a page asks for; None if this is no resend request."""
    request = _parse_object(text).get("resend")
    return request if isinstance(request, str) else None


def read_draw_failure(text: bytes) -> DrawFailure | None:
    """Return the failure that a page reports; None if this is no such message."""
    fields = _parse_object(text)
    plot, generation, reason = (fields.get(name) for name in ("failed_plot", "generation", "reason"))
    if (
        isinstance(plot, str)
        and type(generation) is int
        and isinstance(reason, str)
        and reason in DRAW_FAILURE_REASONS
    ):
        return DrawFailure(plot, generation, reason)
    return None


def _parse_object(text: bytes) -> dict[str, Any]:
    """Return the JSON object that a page sent; empty if it is not one."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
