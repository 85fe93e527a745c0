"""Configures Sphinx: `nox -s docs` builds the project's Markdown files into build/docs, without network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pygments.lexers.special import TextLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # autodoc reads the docstrings of the checkout

import bokeh_share  # noqa: E402

project = "bokeh_share"
version = release = bokeh_share.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
# The checkout is the source, so that links between docs/ and the files above it work in a repository too.
root_doc = "docs/index"
include_patterns = ["*.md", "docs/*.md"]
exclude_patterns = [".*", "build", "dist", "bokeh_share", "benchmarks", "notebooks", "tests", "tools"]
html_theme = "furo"
html_title = f"bokeh_share {release}"
html_copy_source = False
html_static_path = ["static"]
html_css_files = ["tables.css"]
smartquotes = False  # texts mention flags such as --tls

myst_heading_anchors = 3
default_role = "code"  # docstrings write code in single backticks
add_module_names = False
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
# Links to these need inventories of other sites; no build depends on other machines.
nitpick_ignore_regex = [("py:.*", r"(os|pathlib|typing|collections|types|bokeh)\..*|optional")]

UNCOLOURED = ("caddyfile", "haproxy")
"""Languages of the documentation that Pygments does not know."""
REDIRECT = '<!doctype html><meta http-equiv="refresh" content="0; url={0}"><a href="{0}">bokeh_share</a>\n'


def setup(app: Sphinx) -> None:
    for language in UNCOLOURED:
        app.add_lexer(language, TextLexer)
    app.connect("source-read", mark_readme)
    app.connect("autodoc-process-docstring", keep_sentence, priority=400)
    app.connect("build-finished", write_first_page)


def mark_readme(app: Sphinx, name: str, source: list[str]) -> None:
    """Build the README without a place in the table of contents: the index takes its place."""
    if name == "README":
        source[0] = f"---\norphan: true\n---\n{source[0]}"


def keep_sentence(app: Sphinx, what: str, name: str, value: Any, options: Any, lines: list[str]) -> None:
    """Begin docstrings of attributes with a comment: Napoleon takes words before a colon for a type."""
    if what in ("attribute", "data", "property"):
        lines[:0] = ["..", ""]


def write_first_page(app: Sphinx, error: Exception | None) -> None:
    """Lead from the folder of the build to the index."""
    if error is None and app.builder.format == "html":
        (Path(app.outdir) / "index.html").write_text(REDIRECT.format(f"{root_doc}.html"), encoding="utf-8")
