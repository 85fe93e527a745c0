"""The program of the process that makes pictures of figures of Plotly and Altair, one after the other.

It reads requests from stdin and writes answers to stdout, each after its length in four bytes (big-endian). A
request is JSON with `exporter` and `figure`; an answer is `+` and a PNG picture, or `-` and a reason.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import IO, Any

EXPORT_SCALE = 2
"""Pixels of a CSS pixel, for screens with small pixels."""
DEFAULT_FIGURE_SIZE = 960, 450
"""Width and height of figures that set none, in CSS pixels: as in a wide notebook."""
MAX_MEMORY = 4_000_000_000
"""Maximum memory of this process while it exports a chart of Altair, in bytes. The browser that exports
figures of Plotly has its own limits: about as much for each of its pages."""


def read_packet(stream: IO[bytes]) -> bytes | None:
    """Read the next packet; None at the end of the stream."""
    header = stream.read(4)
    if len(header) < 4:
        return None
    (length,) = struct.unpack("!I", header)
    data = stream.read(length)
    return data if len(data) == length else None


def write_packet(stream: IO[bytes], data: bytes) -> None:
    stream.write(struct.pack("!I", len(data)) + data)
    stream.flush()


def export_figure(exporter: str, figure: Mapping[str, Any]) -> bytes:
    """Return a PNG picture of a figure, by the static export of its own library."""
    if exporter == "plotly":
        return _export_plotly(figure)
    return _export_vega(figure)


def _export_plotly(figure: Mapping[str, Any]) -> bytes:
    import plotly.io

    _keep_browser()
    layout = figure.get("layout") or {}
    width, height = (
        layout.get(name) or size for name, size in zip(("width", "height"), DEFAULT_FIGURE_SIZE, strict=True)
    )
    plain = {"data": figure.get("data") or [], "layout": layout}
    png: bytes = plotly.io.to_image(
        plain, format="png", width=width, height=height, scale=EXPORT_SCALE, validate=False
    )
    return png


@cache
def _keep_browser() -> None:
    """Let Kaleido keep its browser for the next figure, instead of starting one for each."""
    import kaleido

    start = getattr(kaleido, "start_sync_server", None)  # there since Kaleido 1
    if start is not None:
        start(silence_warnings=True)


def _export_vega(figure: Mapping[str, Any]) -> bytes:
    import vl_convert

    is_lite = "vega-lite" in str(figure.get("$schema", "vega-lite"))
    convert = vl_convert.vegalite_to_png if is_lite else vl_convert.vega_to_png
    with limit_memory(MAX_MEMORY):
        png: bytes = convert(json.dumps(figure), scale=EXPORT_SCALE)
    return png


def answer_requests(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Answer requests until there are no more."""
    while (request := read_packet(requests)) is not None:
        fields = json.loads(request)
        try:
            answer = b"+" + export_figure(fields["exporter"], fields["figure"])
        except BaseException as error:  # whatever the libraries raise is an answer
            answer = b"-" + f"{type(error).__name__}: {error}".encode("utf-8", "replace")
        write_packet(answers, answer)


@contextmanager
def limit_memory(size: int) -> Iterator[None]:
    """Let this process fail if it asks for more data than this many bytes. Windows has no such limit.

    Reserved addresses do not count, of which engines of JavaScript reserve more than a machine has.
    """
    if os.name != "posix":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limits = [size, *(each for each in (soft, hard) if each != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the libraries print is no answer
    answer_requests(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
