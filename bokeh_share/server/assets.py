"""Builds the page from its files and those of BokehJS, which the caller provides."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from tornado.template import Template

from ..text import make_encodable
from .script_joiner import join_modules

PAGE_SCRIPTS = {
    "page.js": "page.mjs",
    "app.js": "app_page.mjs",
    "saved_page.js": "saved_page.mjs",
    "card_tools.js": "card_tools.mjs",
    "presented.js": "presented.mjs",
    "author.js": "author.mjs",
}
"""Scripts that are joined from the ES modules in `static/`, each with its entry module."""
STYLE_SHEET = "page.css"
STYLE_PARTS = (
    "page.css",
    "columns.css",
    "contents.css",
    "media.css",
    "menu.css",
    "dialog.css",
    "states.css",
    "apps.css",
    "full_screen.css",
    "magnified.css",
    "wall.css",
    "presented.css",
    "print.css",
)
"""The files in `static/` that are joined to the style sheet of pages, in this order."""
PAGE_FILES = (STYLE_SHEET, "opener.js", "page.js", "app.js", "card_tools.js", "presented.js")
"""Files below the link that pages load."""
AUTHOR_FILES = ("author.js", "author.css")
"""Files below the link that the author's own page loads besides."""
_CSS_COMMENT = re.compile(rb"^[ \t]*/\*.*?\*/\n", re.MULTILINE | re.DOTALL)
STATIC_FOLDER = files(__package__) / "static"
BOKEHJS_PARTS = ("bokeh", "bokeh-widgets", "bokeh-tables", "bokeh-gl", "bokeh-mathjax")


@dataclass(frozen=True)
class BokehJs:
    """The scripts of BokehJS that the page loads: one version, in one folder."""

    version: str
    folder: Path

    def read_script(self, component: str) -> bytes:
        """Read one of `BOKEHJS_PARTS`."""
        return (self.folder / f"{component}.min.js").read_bytes()

    def gzip_script(self, component: str) -> bytes:
        """Compress one of `BOKEHJS_PARTS`, once."""
        return _gzip_script(self, component)


@dataclass(frozen=True)
class SavedPage:
    """The contents of a page that works without a server."""

    policy: str
    """The Content-Security-Policy of the page."""
    style: str
    scripts: tuple[str, ...]
    page: str
    parts: str
    messages: str
    at: int


def render_page(
    title: str,
    *,
    bokeh_version: str,
    saved: SavedPage | None = None,
    app: str | None = None,
    about: str = "",
    problem: str = "",
    links: Sequence[str] | None = None,
    has_defaults: bool = True,
    has_password: bool = False,
    is_author: bool = False,
    nonce: str = "",
) -> bytes:
    """Render the HTML of the page, or of an app's page. All arguments are plain text, and are escaped.

    With `problem`, the page shows that text alone, and a link to the app with its defaults if it
    `has_defaults`. With `links`, it says that the app runs on the author's machine, and shows these addresses
    of the app there, which may be none. With `has_password`, it lets the viewer log out. With `is_author`, it
    is the author's own page. `nonce` is that of its policy.
    """
    state = "connecting" if saved is None else "saved"
    versions = {"bokeh_version": bokeh_version, "page_build": build_page_version(bokeh_version)}
    texts = {
        "title": make_encodable(title),
        "app": app,
        "about": make_encodable(about),
        "problem": make_encodable(problem),
    }
    return _load_page_template().generate(
        state=state,
        saved=saved,
        links=None if links is None else [_describe_link(each) for each in links],
        is_notice=bool(problem) or links is not None,
        locked=has_password,
        is_author=is_author,
        has_defaults=has_defaults,
        nonce=nonce,
        **texts,
        **versions,
    )


def _describe_link(url: str) -> tuple[str, str, bool]:
    """Return the link, its text without path and token, and if it works on the author's machine only."""
    parts = urlsplit(url)
    is_local = parts.hostname in ("localhost", "::1") or (parts.hostname or "").startswith("127.")
    return url, f"{parts.scheme}://{parts.netloc}", is_local


@lru_cache
def build_page_version(bokeh_version: str) -> str:
    """Identify the version of BokehJS and of the page. An open page with an older version reloads itself."""
    names = ("index.html", *PAGE_FILES, *AUTHOR_FILES)
    digest = hashlib.sha256(b"".join(map(read_static_file, names))).hexdigest()[:12]
    return f"{bokeh_version}-{digest}"


@lru_cache
def read_static_file(name: str) -> bytes:
    """Read one of the page's files: a script of `PAGE_SCRIPTS`, the style sheet, or a file in `static/`."""
    if name in PAGE_SCRIPTS:
        return join_modules(PAGE_SCRIPTS[name], lambda each: read_static_file(each).decode()).encode()
    if name == STYLE_SHEET:
        return _CSS_COMMENT.sub(b"", b"\n".join((STATIC_FOLDER / each).read_bytes() for each in STYLE_PARTS))
    return (STATIC_FOLDER / name).read_bytes()


@lru_cache
def gzip_file(name: str) -> bytes:
    """Compress one of the page's files, once."""
    return gzip.compress(read_static_file(name), 9, mtime=0)


@lru_cache
def _gzip_script(bokehjs: BokehJs, component: str) -> bytes:
    return gzip.compress(bokehjs.read_script(component), 9, mtime=0)


@lru_cache
def _load_page_template() -> Template:
    return Template(read_static_file("index.html").decode(), autoescape="xhtml_escape")
