"""What is known of one viewer's page."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(eq=False)
class Viewer:
    """One open browser page, as far as the hub knows it."""

    version: int | None = None
    generations: dict[str, int] = field(default_factory=dict)
    """By plot id: what this viewer was given last."""
    can_decompress: bool = False
    """Whether frames may be packed."""
    has_plots: bool = True
    """Whether the plots are looked at, and not an app."""
