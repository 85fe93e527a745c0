"""Renders the card's templates, with their style and script."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tornado.template import Template

FOLDER = Path(__file__).parent


def render_template(name: str, **values: object) -> str:
    """Render a template of this folder. Values are escaped, except for our own style and script."""
    style, script = _read_file("card.css"), _read_file("card.js")
    return _load_template(name).generate(style=style, script=script, **values).decode()


@lru_cache
def _load_template(name: str) -> Template:
    return Template(_read_file(name), name=name, autoescape="xhtml_escape")


@lru_cache
def _read_file(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
