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

from ..text import encodable

SCRIPTS = ("opener.js", "page.js", "plot.js", "app.js", "extensions.js")
STATIC = files(__package__) / "static"
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


def page_html(
    title: str,
    *,
    saved: SavedPage | None = None,
    app: str | None = None,
    about: str = "",
    problem: str = "",
    locked: bool = False,
    nonce: str = "",
) -> bytes:
    """The HTML of the page, or of an app's; all of these are texts, whatever they look like.

    With `problem`, the page only says what that is. One that is `locked` lets the viewer log out. `nonce` is
    that of its policy.
    """
    state = "connecting" if saved is None else "saved"
    versions = {"bokeh_version": bokeh.__version__, "made": build_digest()}
    texts = {"title": encodable(title), "app": app, "about": encodable(about), "problem": encodable(problem)}
    return _template().generate(state=state, saved=saved, locked=locked, nonce=nonce, **texts, **versions)


@lru_cache
def build_digest() -> str:
    """Which BokehJS and which page: one that is open from before an update has to load itself again."""
    names = ("index.html", "page.css", *SCRIPTS)
    digest = hashlib.sha256(b"".join(map(own_file, names))).hexdigest()[:12]
    return f"{bokeh.__version__}-{digest}"


def own_file(name: str) -> bytes:
    return (STATIC / name).read_bytes()


def bokehjs_file(part: str) -> bytes:
    """One of `BOKEHJS_PARTS`."""
    return Path(bokehjs_path() / "js" / f"{part}.min.js").read_bytes()


@lru_cache
def gzipped(name: str) -> bytes:
    """A file as it is sent, packed once: one of our own, or one of `BOKEHJS_PARTS`."""
    return gzip.compress(bokehjs_file(name) if name in BOKEHJS_PARTS else own_file(name), 6, mtime=0)


@lru_cache
def _template() -> Template:
    return Template(own_file("index.html").decode(), autoescape="xhtml_escape")
