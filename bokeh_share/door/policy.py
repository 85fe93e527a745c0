"""What a browser may load and run on our pages, as a Content-Security-Policy: no more than plots need."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

_NOWHERE = "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
"""No form is sent elsewhere, no address turned round, and no other page frames ours to have it clicked."""

PAGE = "; ".join(
    [
        "default-src 'none'",
        # CustomJS of the author is text that BokehJS compiles, as are templates of table cells.
        "script-src 'self' 'unsafe-eval'",
        # BokehJS styles its elements by attributes, and by sheets that it makes.
        "style-src 'self' 'unsafe-inline'",
        # Tiles of maps, image glyphs, icons of tools, and what a canvas is saved as.
        "img-src 'self' https: data: blob:",
        # Icons of Panel's components.
        "font-src 'self' data:",
        # The websocket, and what opens an app.
        "connect-src 'self'",
        _NOWHERE,
    ]
)
"""Of the page, of apps and of all that they load."""


def inline(style: str, script: str) -> str:
    """For a page with just this style and this script in it, which loads nothing."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "img-src data:",  # its icon
            "connect-src 'self'",
            _NOWHERE,
        ]
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
