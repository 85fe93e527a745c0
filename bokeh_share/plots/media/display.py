"""A display of a cell, as its front end got it: one representation that a page can show."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .html_table import build_table_snapshot
from .html_text import build_html_snapshot
from .latex import build_latex_snapshot
from .markdown import build_markdown_snapshot
from .media_snapshot import MediaSnapshot
from .raster import PixelSize, read_jpeg_size, read_png_size
from .svg import check_svg

MAX_IMAGE_BYTES = 20_000_000
"""Maximum size of a PNG or JPEG picture, in bytes."""
MAX_IMAGE_SIDE = 10_000
"""Maximum width and height of a picture, in pixels."""
MAX_IMAGE_PIXELS = 50_000_000
"""Maximum number of its pixels: a browser needs four bytes for each."""
READ_SIZE: Mapping[str, Callable[[bytes], PixelSize]] = {
    "image/png": read_png_size,
    "image/jpeg": read_jpeg_size,
}
SVG_MEDIA_TYPE = "image/svg+xml"


@dataclass(eq=False)
class Display:
    """One output of a cell that no Bokeh model draws. It is the cell's own copy, and does not change.

    Two displays are never equal, since a cell may show the same picture twice. Exists as long as its output.
    """

    media_type: str
    content: Any = field(repr=False)
    """A text, bytes, or for a figure that has to be exported, its JSON."""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    """The metadata of this representation, such as the size of a picture."""
    noun: str = "picture"
    """The author's word for it, such as `matplotlib figure`."""
    exporter: str = ""
    """The library that makes a picture of it, `plotly` or `altair`; empty if nothing has to be exported."""
    _result: MediaSnapshot | None = None

    @property
    def size(self) -> int:
        """Approximate number of bytes of its content."""
        return len(self.content) if isinstance(self.content, str | bytes) else 0

    @property
    def is_ready(self) -> bool:
        """True if it can be shown at once; False while its picture has to be exported."""
        return not self.exporter or self._result is not None

    def has_same_content(self, other: object) -> bool:
        """Return True if the other one is a display that looks the same."""
        return (
            isinstance(other, Display)
            and self.media_type == other.media_type
            and bool(self.content == other.content)
            and self.metadata == other.metadata
        )

    @property
    def is_released(self) -> bool:
        """True if its content was given up, to save memory."""
        return self.content is None

    def release(self) -> None:
        """Give up the content. It can only be counted from now on."""
        self.content = None

    def finish_export(self, snapshot: MediaSnapshot) -> None:
        """Take the exported picture."""
        self._result = snapshot

    def build_snapshot(self) -> MediaSnapshot:
        """Build the snapshot, once. Raises `ValueError` with the reason if it cannot be shown."""
        if self._result is None:
            self._result = self._build()
        return self._result

    def _build(self) -> MediaSnapshot:
        match self.media_type:
            case "text/html" if self.noun == "table":
                return build_table_snapshot(_join_text(self.content))
            case "text/html":
                return build_html_snapshot(_join_text(self.content))
            case "text/markdown":
                return build_markdown_snapshot(_join_text(self.content))
            case "text/latex":
                return build_latex_snapshot(_join_text(self.content))
        return build_image_snapshot(self.media_type, self.content, self.metadata, noun=self.noun)


def build_image_snapshot(
    media_type: str,
    content: str | bytes,
    metadata: Mapping[str, Any],
    *,
    noun: str = "picture",
    title: str = "",
    scale: float = 1.0,
) -> MediaSnapshot:
    """Build the snapshot of a PNG, JPEG or SVG picture; `scale` is the number of pixels of a CSS pixel.

    Raises `ValueError` if it is no such picture, or too large.
    """
    if media_type == SVG_MEDIA_TYPE:
        data = content.encode("utf-8", "replace") if isinstance(content, str) else bytes(content)
        width, height = check_svg(data)
    else:
        data = _decode_base64(content) if isinstance(content, str) else bytes(content)
        if len(data) > MAX_IMAGE_BYTES:
            raise ValueError(
                f"it has {len(data) / 1e6:,.1f} MB and the limit is {MAX_IMAGE_BYTES / 1e6:,.0f} MB"
            )
        width, height = READ_SIZE[media_type](data)
    if width < 1 or height < 1:
        raise ValueError("it has no pixels")
    if max(width, height) > MAX_IMAGE_SIDE or width * height > MAX_IMAGE_PIXELS:
        raise ValueError(
            f"it has {width:,.0f} × {height:,.0f} pixels and the limit is {MAX_IMAGE_SIDE:,} on a side and"
            f" {MAX_IMAGE_PIXELS:,} in all"
        )
    shown_width, shown_height = _compute_shown_size(width / scale, height / scale, metadata)
    return MediaSnapshot("image", media_type, data, shown_height, shown_width, title, noun)


def _compute_shown_size(width: float, height: float, metadata: Mapping[str, Any]) -> tuple[float, float]:
    """Return the size in CSS pixels: that of the metadata, as for screens with small pixels, or its own."""
    sizes = (_read_side(metadata.get(name)) for name in ("width", "height"))
    match [*sizes]:
        case [None, None]:
            return width, height
        case [float(shown), None]:
            return shown, shown * height / width
        case [None, float(shown)]:
            return shown * width / height, shown
        case [float(shown_width), float(shown_height)]:
            return shown_width, shown_height
    raise AssertionError("a size has a width and a height")


def _read_side(value: Any) -> float | None:
    """Return a size in pixels, which may be written as text; None for any other."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 1 <= number <= MAX_IMAGE_SIDE else None


def _join_text(content: str | bytes | list[str]) -> str:
    if isinstance(content, bytes):
        return content.decode("utf-8", "replace")
    return content if isinstance(content, str) else "".join(map(str, content))


def _decode_base64(text: str) -> bytes:
    if len(text) > 2 * MAX_IMAGE_BYTES:
        raise ValueError(f"it has more than {MAX_IMAGE_BYTES / 1e6:,.0f} MB, which is the limit")
    try:
        return b64decode(text)
    except ValueError as error:
        raise ValueError("the data is no picture") from error
