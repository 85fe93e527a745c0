"""What a browser may load and run on our pages, as a Content-Security-Policy: no more than plots need."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256

_SCRIPTS = "'unsafe-eval' blob:"
"""CustomJS of the author is text that BokehJS compiles, as are templates of table cells. CustomJS that is
a module comes from a blob, which only a script can make that runs already."""

_ALONE = {
    "default-src": "'none'",
    # Nobody elsewhere gets what is typed here, or has our page clicked in a frame of theirs.
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_PAGE = _ALONE | {
    "script-src": f"'self' {_SCRIPTS}",
    # BokehJS styles its elements by attributes, and by sheets that it makes or that the author gives as data.
    "style-src": "'self' 'unsafe-inline' data:",
    # Tiles of maps, image glyphs, icons of tools, formulas, and what a canvas is saved as.
    "img-src": "'self' https: data: blob:",
    # Icons of Panel's components, and a font that comes in a sheet of the author's.
    "font-src": "'self' data:",
    # The websocket, and what opens an app.
    "connect-src": "'self'",
    # Or it would be as for scripts.
    "worker-src": "'none'",
}


def _policy(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


NOTHING = _policy(_ALONE)
"""Of what is no page."""


def page(nonce: str) -> str:
    """For the page: two policies, both of which must consent. By the second it runs the scripts that it has
    in it, and those that its own script adds, such as the bundle of a model of the author's; not another file
    of the same origin, which a proxy may have many of. By the first these come from nowhere else, since what
    such a script imports has its nonce."""
    named = {"script-src": f"'nonce-{nonce}' {_SCRIPTS}"}
    return ", ".join(map(_policy, (_PAGE, named)))


def app_policy(nonce: str) -> str:
    """For the page of an app: as of the page, and what components of Panel need."""
    return _policy(
        _PAGE
        | {
            # es-module-shims, which loads them, learns what the browser can by an inline script in a frame.
            "script-src": f"{_PAGE['script-src']} 'nonce-{nonce}'",
            # It reads the modules that it has made.
            "connect-src": f"{_PAGE['connect-src']} blob:",
            # Code editors and Perspective.
            "worker-src": "blob:",
            # Sounds and films come with their panes.
            "media-src": "data:",
        }
    )


def inline_policy(style: str, script: str) -> str:
    """For a page with just this style and this script in it, which loads nothing but its icon."""
    parts = {"style-src": _digest(style), "script-src": _digest(script), "img-src": "data:"}
    return _policy(_ALONE | parts | {"connect-src": "'self'"})


def saved_policy(scripts: Iterable[str]) -> str:
    """For a file with just these scripts in it, which connects to nobody but where maps and images are.

    Who may frame it no file can say, and browsers complain of one that does.
    """
    looks = {name: _PAGE[name].replace("'self' ", "") for name in ("style-src", "img-src", "font-src")}
    own = {"script-src": f"{' '.join(map(_digest, scripts))} {_SCRIPTS}", "worker-src": "'none'"}
    alone = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    return _policy(alone | own | looks)


def _digest(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
