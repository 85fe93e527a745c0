"""What a browser may load and run on our pages, as a Content-Security-Policy: no more than plots need."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256

_SCRIPT_SOURCES = "'unsafe-eval' blob:"
"""CustomJS of the author is text that BokehJS compiles, as are templates of table cells. CustomJS that is
a module comes from a blob, which only a script can make that runs already."""

_BASE_DIRECTIVES = {
    "default-src": "'none'",
    # Nobody elsewhere gets what is typed here, or has our page clicked in a frame of theirs.
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_PAGE_DIRECTIVES = _BASE_DIRECTIVES | {
    "script-src": f"'self' {_SCRIPT_SOURCES}",
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


def _format_policy(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


DENY_ALL_POLICY = _format_policy(_BASE_DIRECTIVES)
"""Of what is no page."""


def build_page_policy(nonce: str) -> str:
    """For the page: two policies, both of which must consent. By the second it runs the scripts that it has
    in it, and those that its own script adds, such as the bundle of a model of the author's; not another file
    of the same origin, which a proxy may have many of. By the first these come from nowhere else, since what
    such a script imports has its nonce."""
    nonce_directives = {"script-src": f"'nonce-{nonce}' {_SCRIPT_SOURCES}"}
    return ", ".join(map(_format_policy, (_PAGE_DIRECTIVES, nonce_directives)))


def build_app_policy(nonce: str) -> str:
    """For the page of an app: as of the page, and what components of Panel need."""
    return _format_policy(
        _PAGE_DIRECTIVES
        | {
            # es-module-shims, which loads them, learns what the browser can by an inline script in a frame.
            "script-src": f"{_PAGE_DIRECTIVES['script-src']} 'nonce-{nonce}'",
            # It reads the modules that it has made.
            "connect-src": f"{_PAGE_DIRECTIVES['connect-src']} blob:",
            # Code editors and Perspective.
            "worker-src": "blob:",
            # Sounds and films come with their panes.
            "media-src": "data:",
        }
    )


def build_inline_policy(style: str, script: str) -> str:
    """For a page with just this style and this script in it, which loads nothing but its icon."""
    sources = {"style-src": _hash_source(style), "script-src": _hash_source(script), "img-src": "data:"}
    return _format_policy(_BASE_DIRECTIVES | sources | {"connect-src": "'self'"})


def build_saved_policy(scripts: Iterable[str]) -> str:
    """For a file with just these scripts in it, which connects to nobody but where maps and images are.

    A file cannot set `frame-ancestors`; browsers log an error for one that does.
    """
    resource_directives = {
        name: _PAGE_DIRECTIVES[name].replace("'self' ", "") for name in ("style-src", "img-src", "font-src")
    }
    script_directives = {
        "script-src": f"{' '.join(map(_hash_source, scripts))} {_SCRIPT_SOURCES}",
        "worker-src": "'none'",
    }
    base_directives = {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}
    return _format_policy(base_directives | script_directives | resource_directives)


def _hash_source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
