"""Checks the Markdown files: links within the repository lead somewhere, and Python in them can be parsed."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from environments import ROOT
from markdown_it import MarkdownIt
from markdown_it.token import Token

ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)
"""Links that are not followed: no check depends on other machines."""
MAGIC = re.compile(r"^\s*[%!].*$", re.M)
IMPORT = re.compile(r"(from|import) \w")


def list_problems(path: Path) -> list[str]:
    """A line for each broken link and each block of Python that is none, in a Markdown file."""
    tokens = MarkdownIt("commonmark").enable("table").parse(path.read_text(encoding="utf-8"))
    return [*check_links(path, tokens), *check_code(path, tokens)]


def check_links(path: Path, tokens: list[Token]) -> Iterator[str]:
    for block in tokens:
        for token in block.children or ():
            link = str(token.attrGet("href") or token.attrGet("src") or "")
            if link and not ELSEWHERE.match(link) and not leads_somewhere(path, link):
                yield f"{path.name}: a link leads nowhere: {link}"


def leads_somewhere(path: Path, link: str) -> bool:
    """Whether a file or a heading is where this link of the file at `path` points."""
    name, _, anchor = unquote(link).partition("#")
    target = path.parent / name if name else path
    if not target.exists():
        return False
    return not anchor or (target.suffix == ".md" and anchor in list_anchors(target))


def list_anchors(path: Path) -> set[str]:
    """What links to this file's headings end in, as GitHub makes it from them."""
    tokens = MarkdownIt("commonmark").parse(path.read_text(encoding="utf-8"))
    anchors: set[str] = set()
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            text = "".join(each.content for each in inline.children or ())
            slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            earlier = sum(re.fullmatch(rf"{re.escape(slug)}(-\d+)?", each) is not None for each in anchors)
            anchors.add(f"{slug}-{earlier}" if earlier else slug)
    return anchors


def check_code(path: Path, tokens: list[Token]) -> Iterator[str]:
    """Blocks that say that they are Python, or begin with an import; magics in them are left out."""
    for token in tokens:
        is_python = token.type == "fence" and token.info.split()[:1] == ["python"]
        if is_python or (token.type == "code_block" and IMPORT.match(token.content)):
            try:
                compile(MAGIC.sub("", token.content), path, "exec", ast.PyCF_ONLY_AST)
            except SyntaxError as error:
                line = (token.map or [0])[0] + (error.lineno or 1) + (token.type == "fence")
                yield f"{path.name}, line {line}: {error.msg}"


def main() -> int:
    paths = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
    problems = [problem for path in paths for problem in list_problems(path)]
    print(*problems, f"{len(paths)} files, {len(problems)} problems", sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
