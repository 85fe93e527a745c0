"""What goes over the wire: one websocket frame is one whole message.

A message is four bytes with the length of its header (big-endian), the header as JSON, and the arrays
one after the other. Headers, by `kind`:

- `page`: title, the apps, the scripts of the author's own models (null for one that could not be compiled),
  and the plots in their order with their generations, and why one cannot be drawn. First of all, and after
  each change.
- `plot`: what brings one plot to a generation, as a Bokeh document patch: from generation `base`, in
  one of the ways of `reconcile`, or from nothing when `base` is null.
- `moved`: the share is at other addresses now.
- `busy`: the author's kernel has been running a cell for so many seconds, or no longer runs any (null).
- `pulse`: nothing new; without one for a while the page knows that it was cut off.

The page sends two things only, as text: `{"want": plot id}`, for a plot that it could not patch, and
`{"failed": plot id, "generation": n, "reason": one of REASONS}`, for one that it could not draw when it
had all of it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from zlib import MAX_WBITS

from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode

from ..plots.diff.diff import PlotPatch
from ..plots.diff.json_writer import LOCAL_ID_PREFIX
from ..plots.page import Page, Plot

ENDED = 4000
MOVED = 4001
TOO_SLOW = 4002
FULL = 4003
LOCKED = 4006
UNRULY = 1008
"""A policy was not kept, in the words of RFC 6455."""

DRAW_FAILURE_REASONS = {
    "loading": "a script that it needs could not be loaded",
    "type": "BokehJS does not know one of its models",
    "drawing": "BokehJS reported an error",
}
"""Why a page could not draw a plot. A page sends the code only: the sentences are ours."""

COMPRESSED_MESSAGE_BYTES = 1000, 100_000
"""From how many bytes of a message on, and up to how many, packing gains more than it takes: 3 ms."""


class DrawFailure(NamedTuple):
    """A page could not draw this generation of a plot."""

    plot: str
    generation: int
    reason: str
    """One of `DRAW_FAILURE_REASONS`."""


def frame_message(message: bytes, *, compress: bool = False) -> bytes:
    """The message as one websocket frame; `compress`, if that is worth it, for who can unpack (RFC 7692)."""
    frame = Frame(Opcode.BINARY, message)
    plain = frame.serialize(mask=False)
    if not compress or not COMPRESSED_MESSAGE_BYTES[0] <= len(message) <= COMPRESSED_MESSAGE_BYTES[1]:
        return plain
    deflate = PerMessageDeflate(True, True, MAX_WBITS, MAX_WBITS)
    return min(frame.serialize(mask=False, extensions=[deflate]), plain, key=len)


def encode_page_message(
    epoch: str, page: Page, *, ping_interval: float | None = None, page_build: str | None = None
) -> bytes:
    """With `pulse`, the seconds of silence after which there will be a `pulse` message, and `page_build`, the
    version of the page that understands what is sent."""
    plots = [
        {
            "id": plot.id,
            "generation": plot.generation,
            "name": plot.name,
            "caption": plot.caption,
            "changed": plot.changed_at,
            "lacks": page.find_missing_reason(plot),
        }
        for plot in page.plots
    ]
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
        "title": page.title,
        "paused": page.paused_since,
        "pulse": ping_interval,
        "made": page_build,
        "bundles": bundles,
        "apps": apps,
        "plots": plots,
    }
    return _encode_message(_encode_json(header), ())


def encode_plot_message(epoch: str, version: int, plot: Plot, patch: PlotPatch, base: int | None) -> bytes:
    """`patch` for the page: its models' ids become the plot's own, those of its arrays the generation's.

    The text `"id":"` cannot stand inside a JSON string, where its quotes would be escaped.
    """
    arrays = f"{plot.id}.{plot.generation}.a"
    header = {
        "kind": "plot",
        "epoch": epoch,
        "version": version,
        "plot": plot.id,
        "generation": plot.generation,
        "base": None if patch.kind == "replace" else base,
        "way": patch.kind,
        "parts": sorted(patch.parts),
        "buffers": [[f"{arrays}{index}", len(array)] for index, array in enumerate(patch.arrays)],
    }
    events = patch.events.replace(f'"id":"{LOCAL_ID_PREFIX}a', f'"id":"{arrays}')
    events = events.replace(f'"id":"{LOCAL_ID_PREFIX}', f'"id":"{plot.id}.')
    return _encode_message(
        f'{_encode_json(header)[:-1]},"defs":{patch.defs},"patch":{{"events":{events}}}}}', patch.arrays
    )


def encode_heartbeat_message() -> bytes:
    return _encode_message(_encode_json({"kind": "pulse"}), ())


def encode_busy_message(seconds: float | None) -> bytes:
    """How long, and not since when: a viewer's clock may be another's."""
    return _encode_message(_encode_json({"kind": "busy", "for": seconds}), ())


def encode_moved_message(urls: Sequence[str]) -> bytes:
    return _encode_message(_encode_json({"kind": "moved", "urls": list(urls)}), ())


def read_resend_request(text: bytes) -> str | None:
    """The plot that a page asks for, or None when this is no such message."""
    request = _parse_object(text).get("want")
    return request if isinstance(request, str) else None


def read_draw_failure(text: bytes) -> DrawFailure | None:
    """What a page could not draw, or None when this is no such message."""
    fields = _parse_object(text)
    plot, generation, reason = (fields.get(name) for name in ("failed", "generation", "reason"))
    if (
        isinstance(plot, str)
        and type(generation) is int
        and isinstance(reason, str)
        and reason in DRAW_FAILURE_REASONS
    ):
        return DrawFailure(plot, generation, reason)
    return None


def _parse_object(text: bytes) -> dict[str, Any]:
    """The JSON object that a page sent; empty when it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _encode_json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _encode_message(header: str, arrays: Iterable[bytes]) -> bytes:
    header_bytes = header.encode()
    return b"".join([struct.pack("!I", len(header_bytes)), header_bytes, *arrays])
