"""The page's files: our own, and BokehJS from the installed package."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import bokeh
from bokeh.util.paths import bokehjs_path
from tornado.template import Template

from ..text import make_encodable

SCRIPT_NAMES = ("opener.js", "page.js", "plot.js", "app.js", "extensions.js")
STATIC_FOLDER = files(__package__) / "static"
BOKEHJS_PARTS = ("bokeh", "bokeh-widgets", "bokeh-tables", "bokeh-gl", "bokeh-mathjax")


@dataclass(frozen=True)
class SavedPage:
    """What a page has in it that needs no server."""

    policy: str
    """What a browser may load and run there."""
    style: str
    scripts: tuple[str, ...]
    page: str
    parts: str
    messages: str
    at: int


def render_page(
    title: str,
    *,
    saved: SavedPage | None = None,
    app: str | None = None,
    about: str = "",
    problem: str = "",
    has_password: bool = False,
    nonce: str = "",
) -> bytes:
    """The HTML of the page, or of an app's; all of these are texts, whatever they look like.

    With `problem`, the page shows that text alone. With `has_password`, it lets the viewer log out. `nonce`
    is that of its policy.
    """
    state = "connecting" if saved is None else "saved"
    versions = {"bokeh_version": bokeh.__version__, "page_build": build_page_version()}
    texts = {
        "title": make_encodable(title),
        "app": app,
        "about": make_encodable(about),
        "problem": make_encodable(problem),
    }
    return _load_page_template().generate(
        state=state, saved=saved, locked=has_password, nonce=nonce, **texts, **versions
    )


@lru_cache
def build_page_version() -> str:
    """Which BokehJS and which page: one that is open from before an update has to load itself again."""
    names = ("index.html", "page.css", *SCRIPT_NAMES)
    digest = hashlib.sha256(b"".join(map(read_static_file, names))).hexdigest()[:12]
    return f"{bokeh.__version__}-{digest}"


def read_static_file(name: str) -> bytes:
    return (STATIC_FOLDER / name).read_bytes()


def read_bokehjs_file(component: str) -> bytes:
    """One of `BOKEHJS_PARTS`."""
    return Path(bokehjs_path() / "js" / f"{component}.min.js").read_bytes()


@lru_cache
def gzip_file(name: str) -> bytes:
    """A file as it is sent, packed once: one of our own, or one of `BOKEHJS_PARTS`."""
    return gzip.compress(
        read_bokehjs_file(name) if name in BOKEHJS_PARTS else read_static_file(name), 6, mtime=0
    )


@lru_cache
def _load_page_template() -> Template:
    return Template(read_static_file("index.html").decode(), autoescape="xhtml_escape")
