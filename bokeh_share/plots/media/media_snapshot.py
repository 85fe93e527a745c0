"""An immutable snapshot of a picture, a table or a text: bytes with a media type."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

MediaKind: TypeAlias = Literal["image", "table", "text"]
"""The kinds of plots that no Bokeh model draws; the page has a way to show each."""

TABLE_MEDIA_TYPE = "application/vnd.bokeh_share.table+json"
"""A table as `html_table` builds it."""
TEXT_MEDIA_TYPE = "application/vnd.bokeh_share.text+json"
"""A text as nodes, see `nodes`."""


@dataclass(frozen=True)
class MediaSnapshot:
    """The state of a picture, a table or a text at one moment. It refers to no object of the author's."""

    kind: MediaKind
    media_type: str
    data: bytes = field(repr=False)
    height: float
    """The height in CSS pixels; approximate for tables and texts."""
    width: float | None = None
    """The width in CSS pixels, of pictures; None for what is as wide as its card."""
    title: str = ""
    noun: str = "picture"
    """The author's word for it, such as `matplotlib figure`."""
    parts: frozenset[str] = frozenset()
    """The scripts that a page needs to show it: `mathjax`, or none."""

    @property
    def node_indices(self) -> Mapping[str, int]:
        """The models in it, as in snapshots of Bokeh's plots: none."""
        return {}

    @property
    def size(self) -> int:
        """The number of bytes that a viewer receives."""
        return len(self.data)
