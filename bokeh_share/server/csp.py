"""Content-Security-Policies: they allow pages to load and run only what plots need."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256

_SCRIPT_SOURCES = "'unsafe-eval' blob:"
"""BokehJS compiles the author's CustomJS, which is text, and templates of table cells. A CustomJS module is
loaded from a blob, which only a running script can make."""

_BASE_DIRECTIVES = {
    "default-src": "'none'",
    # Forms are not sent elsewhere, and other sites cannot frame the page and trick viewers into clicking it.
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_PAGE_DIRECTIVES = _BASE_DIRECTIVES | {
    "script-src": f"'self' {_SCRIPT_SOURCES}",
    # BokehJS styles its elements by attributes, and by style sheets that it makes or that the author gives as
    # data.
    "style-src": "'self' 'unsafe-inline' data:",
    # Map tiles, image glyphs, icons of tools, formulas, and saved canvases.
    "img-src": "'self' https: data: blob:",
    # Icons of Panel's components, and fonts in style sheets of the author's.
    "font-src": "'self' data:",
    # The websocket, and the request that opens an app.
    "connect-src": "'self'",
    # Otherwise the rule for scripts would apply.
    "worker-src": "'none'",
}


def _format_policy(directives: Mapping[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


DENY_ALL_POLICY = _format_policy(_BASE_DIRECTIVES)
"""The policy of answers that are not pages."""


def build_page_policy(nonce: str) -> str:
    """Build the policies of the page; both must allow a script.

    The second one allows the scripts in the page, and those that its own script adds, such as bundles of the
    author's own models; no other files of the same origin, of which a proxy may host many. The first one
    limits these scripts to the same origin, since files that a script imports share its nonce.
    """
    nonce_directives = {"script-src": f"'nonce-{nonce}' {_SCRIPT_SOURCES}"}
    return ", ".join(map(_format_policy, (_PAGE_DIRECTIVES, nonce_directives)))


def build_app_policy(nonce: str) -> str:
    """Build the policy of an app's page: the page's, and additions for Panel's components."""
    return _format_policy(
        _PAGE_DIRECTIVES
        | {
            # es-module-shims, which loads them, tests the browser by an inline script in a frame.
            "script-src": f"{_PAGE_DIRECTIVES['script-src']} 'nonce-{nonce}'",
            # It reads modules that it has made.
            "connect-src": f"{_PAGE_DIRECTIVES['connect-src']} blob:",
            # Code editors and Perspective.
            "worker-src": "blob:",
            # Sounds and videos, embedded in their panes.
            "media-src": "data:",
        }
    )


def build_inline_policy(style: str, script: str) -> str:
    """Build the policy of a page with only this style and this script, which loads only its icon."""
    sources = {"style-src": _hash_source(style), "script-src": _hash_source(script), "img-src": "data:"}
    return _format_policy(_BASE_DIRECTIVES | sources | {"connect-src": "'self'"})


def build_saved_policy(scripts: Iterable[str]) -> str:
    """Build the policy of a saved page with only these scripts, which connects only to maps and images.

    A file cannot set `frame-ancestors`; browsers would log an error.
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
