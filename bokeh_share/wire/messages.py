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
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

DRAW_FAILURE_REASONS = {
    "loading": "a script that it needs could not be loaded",
    "type": "BokehJS does not know one of its models",
    "drawing": "BokehJS reported an error",
}
"""Why a page could not draw a plot. A page sends the code only: the sentences are ours."""


class DrawFailure(NamedTuple):
    """A page could not draw this generation of a plot."""

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
    """One message. `json_fields` are further fields of the header whose values are JSON already."""
    text = json.dumps(header, separators=(",", ":"))[:-1]
    text += "".join(f',"{name}":{value}' for name, value in json_fields.items())
    header_bytes = f"{text}}}".encode()
    return b"".join([struct.pack("!I", len(header_bytes)), header_bytes, *arrays])


def encode_heartbeat_message() -> bytes:
    return encode_message({"kind": "pulse"})


def encode_busy_message(seconds: float | None) -> bytes:
    """How long, and not since when: a viewer's clock may be another's."""
    return encode_message({"kind": "busy", "for": seconds})


def encode_moved_message(urls: Sequence[str]) -> bytes:
    return encode_message({"kind": "moved", "urls": list(urls)})


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
