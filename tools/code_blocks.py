"""Reads the blocks of code in Markdown files, and the comments that say how tests run them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

MARKER = re.compile(r"<!-- (file|not run|tested by): (.+?) -->")
"""A comment in the line above a block."""


@dataclass(frozen=True)
class CodeBlock:
    """One block of code of a Markdown file."""

    language: str
    """The first word after the fence; empty for an indented block."""
    code: str
    line: int
    """The line of the file in which the code begins, from 1."""
    file: str = ""
    """The name of the file that the block is."""
    reason: str = ""
    """The reason why it is not run."""
    tested_by: str = ""
    """The file of tests that run it."""


def list_code_blocks(text: str) -> list[CodeBlock]:
    """List the blocks of a Markdown text, without the directives of Sphinx."""
    blocks: list[CodeBlock] = []
    marker: dict[str, str] = {}
    for token in MarkdownIt("commonmark").parse(text):
        line = (token.map or [0])[0] + 1
        if token.type == "html_block":
            match = MARKER.fullmatch(token.content.strip())
            marker = {match[1]: match[2]} if match else {}
            continue
        if token.type in ("fence", "code_block"):
            language = (token.info.split() or [""])[0]
            if not language.startswith("{"):
                block = CodeBlock(
                    language,
                    token.content,
                    line + (token.type == "fence"),
                    file=marker.get("file", ""),
                    reason=marker.get("not run", ""),
                    tested_by=marker.get("tested by", ""),
                )
                blocks.append(block)
        marker = {}
    return blocks


def list_markdown_files(root: Path) -> list[Path]:
    """List the files that people read: those at the top of the checkout, and the documentation."""
    return sorted([*root.glob("*.md"), *root.glob("docs/*.md")])
