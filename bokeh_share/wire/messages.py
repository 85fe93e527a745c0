"""What goes over the wire: one websocket frame is one whole message.

A message is four bytes with the length of its header (big-endian), the header as JSON, and the arrays
one after the other. Headers, by `kind`:

- `page`: the title, the apps, the scripts of the author's own models (null for one that does not compile),
  and the plots in their order, each with its generation and, if it cannot be drawn, an `unavailable_reason`.
  The first message, sent again after each change.
- `plot`: a Bokeh document patch that brings one plot from generation `base` to a newer one. `patch_kind` is
  `PlotPatch.kind`. When `base` is null, the patch holds the whole plot.
- `moved`: the share is at other addresses now.
- `busy`: the number of `seconds` for which the author's kernel has run a cell, or null when it runs none.
- `heartbeat`: nothing new. A page that receives no message for several times `heartbeat_interval`, a field of
  `page` in seconds, knows that the connection is lost.

The page sends two messages, as JSON text: `{"resend": plot id}` asks for a plot that it could not patch, and
`{"failed_plot": plot id, "generation": n, "reason": one of DRAW_FAILURE_REASONS}` reports one that it could
not draw although it had all of it.
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
from ..plots.page import Page, Plot
from ..plots.snapshot.snapshot import LOCAL_ID_PREFIX

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
    """`ping_interval` is the seconds of silence after which a `heartbeat` message follows; `page_build` is
    the version of the page that understands what is sent."""
    plots = [
        {
            "id": plot.id,
            "generation": plot.generation,
            "name": plot.name,
            "caption": plot.caption,
            "changed": plot.changed_at,
            "unavailable_reason": page.find_missing_reason(plot),
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
        "heartbeat_interval": ping_interval,
        "page_build": page_build,
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
        "patch_kind": patch.kind,
        "parts": sorted(patch.parts),
        "buffers": [[f"{arrays}{index}", len(array)] for index, array in enumerate(patch.arrays)],
    }
    events = patch.events.replace(f'"id":"{LOCAL_ID_PREFIX}a', f'"id":"{arrays}')
    events = events.replace(f'"id":"{LOCAL_ID_PREFIX}', f'"id":"{plot.id}.')
    return _encode_message(
        f'{_encode_json(header)[:-1]},"defs":{patch.defs},"patch":{{"events":{events}}}}}', patch.arrays
    )


def encode_heartbeat_message() -> bytes:
    return _encode_message(_encode_json({"kind": "heartbeat"}), ())


def encode_busy_message(seconds: float | None) -> bytes:
    """How long, and not since when: a viewer's clock may be another's."""
    return _encode_message(_encode_json({"kind": "busy", "seconds": seconds}), ())


def encode_moved_message(urls: Sequence[str]) -> bytes:
    return _encode_message(_encode_json({"kind": "moved", "urls": list(urls)}), ())


def read_resend_request(text: bytes) -> str | None:
    """The plot that a page asks for, or None when this is no such message."""
    request = _parse_object(text).get("resend")
    return request if isinstance(request, str) else None


def read_draw_failure(text: bytes) -> DrawFailure | None:
    """What a page could not draw, or None when this is no such message."""
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
