"""The page's files: our own, and those of BokehJS, from where the caller says."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from tornado.template import Template

from ..text import make_encodable
from .script_joiner import join_modules

PAGE_SCRIPTS = {"page.js": "page.mjs", "app.js": "app_page.mjs", "saved_page.js": "saved_page.mjs"}
"""Scripts that are joined from the ES modules in `static/`, each with the module that starts it."""
PAGE_FILES = ("page.css", "opener.js", "page.js", "app.js")
"""Files below the link that pages load."""
STATIC_FOLDER = files(__package__) / "static"
BOKEHJS_PARTS = ("bokeh", "bokeh-widgets", "bokeh-tables", "bokeh-gl", "bokeh-mathjax")


@dataclass(frozen=True)
class BokehJs:
    """The scripts of BokehJS that the page loads: one version, in one folder."""

    version: str
    folder: Path

    def read_script(self, component: str) -> bytes:
        """One of `BOKEHJS_PARTS`."""
        return (self.folder / f"{component}.min.js").read_bytes()


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
    bokehjs: BokehJs,
    saved: SavedPage | None = None,
    app: str | None = None,
    about: str = "",
    problem: str = "",
    has_defaults: bool = True,
    has_password: bool = False,
    nonce: str = "",
) -> bytes:
    """The HTML of the page, or of an app's; all of these are texts, whatever they look like.

    With `problem`, the page shows that text alone, and a link to the app with its defaults if it
    `has_defaults`. With `has_password`, it lets the viewer log out. `nonce` is that of its policy.
    """
    state = "connecting" if saved is None else "saved"
    versions = {"bokeh_version": bokehjs.version, "page_build": build_page_version(bokehjs)}
    texts = {
        "title": make_encodable(title),
        "app": app,
        "about": make_encodable(about),
        "problem": make_encodable(problem),
    }
    return _load_page_template().generate(
        state=state,
        saved=saved,
        locked=has_password,
        has_defaults=has_defaults,
        nonce=nonce,
        **texts,
        **versions,
    )


@lru_cache
def build_page_version(bokehjs: BokehJs) -> str:
    """Which BokehJS and which page: one that is open from before an update has to load itself again."""
    digest = hashlib.sha256(b"".join(map(read_static_file, ("index.html", *PAGE_FILES)))).hexdigest()[:12]
    return f"{bokehjs.version}-{digest}"


@lru_cache
def read_static_file(name: str) -> bytes:
    """One of our files: a script of `PAGE_SCRIPTS`, or a file in `static/`."""
    if name in PAGE_SCRIPTS:
        return join_modules(PAGE_SCRIPTS[name], lambda each: read_static_file(each).decode()).encode()
    return (STATIC_FOLDER / name).read_bytes()


@lru_cache
def gzip_file(name: str, bokehjs: BokehJs) -> bytes:
    """A file as it is sent, compressed once: one of our own, or one of `BOKEHJS_PARTS`."""
    content = bokehjs.read_script(name) if name in BOKEHJS_PARTS else read_static_file(name)
    return gzip.compress(content, 6, mtime=0)


@lru_cache
def _load_page_template() -> Template:
    return Template(read_static_file("index.html").decode(), autoescape="xhtml_escape")
