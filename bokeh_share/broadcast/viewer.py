"""The state of one viewer's page."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Viewer:
    """The hub's state of one open browser page."""

    version: int | None = None
    generations: dict[str, int] = field(default_factory=dict)
    """By plot id: the generation that this viewer was last sent."""
    can_decompress: bool = False
    """Whether frames may be compressed."""
    has_plots: bool = True
    """Whether the page shows the plots, and not an app."""
