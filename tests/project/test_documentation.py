"""The documentation has every page in its contents, and quotes messages as the code has them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from code_blocks import list_markdown_files

import bokeh_share

pytestmark = pytest.mark.one_pairing  # it is the same text on each

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(bokeh_share.__file__).parent
PAGE_FILES = (".mjs", ".js", ".html")
TROUBLESHOOTING = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
MESSAGES = re.findall(r"^\| `(.+?)` \| ", TROUBLESHOOTING, re.M)


def list_texts() -> Iterator[str]:
    """Yield the texts of the code: Python's constants, and the page's scripts and templates as they are."""
    for path in PACKAGE.rglob("*"):
        if path.suffix in PAGE_FILES:
            yield " ".join(path.read_text(encoding="utf-8").split())
        elif path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value


TEXTS = tuple(list_texts())


def split_message(message: str) -> list[str]:
    """Split a message at the parts that differ; a `…` at the end of a word is its own."""
    parts = [part.strip() for part in re.split(r"(?<!\w)…|(?<=\w)…(?=\w)", message)]
    return [part for part in parts if part.strip(" .,;:()")]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_in_the_code(message: str) -> None:
    for part in split_message(message):
        assert any(part in text for text in TEXTS), part


def test_there_are_messages_and_they_have_text() -> None:
    assert len(MESSAGES) > 30
    assert [message for message in MESSAGES if not split_message(message)] == []


def test_a_message_that_no_code_has_would_be_found() -> None:
    assert split_message("no seat is free: …; look (again …") == ["no seat is free:", "; look (again"]
    assert split_message("connecting…") == ["connecting…"]
    assert not any("a message of nobody" in text for text in TEXTS)


def test_each_page_is_in_the_contents() -> None:
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8")
    contents = {
        name for block in re.findall(r"```\{toctree\}\n(.*?)```", index, re.S) for name in block.split()
    }
    for path in list_markdown_files(ROOT):
        name = path.stem if path.parent.name == "docs" else f"../{path.stem}"
        assert name in contents or path.name in ("index.md", "README.md"), name


def test_the_readme_is_one_and_a_half_screens() -> None:
    """It is for a first look; all else is in docs/."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) <= 115
    assert len(readme.split()) <= 550
    assert "|---" not in readme


def test_the_newest_release_in_the_changelog_is_the_packages() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    releases = re.findall(r"^## \[([\d.]+)\] - \d{4}-\d\d-\d\d$", changelog, re.M)
    assert releases[0] == bokeh_share.__version__
    assert set(re.findall(r"^### (\w+)$", changelog, re.M)) <= {
        "Added", "Changed", "Deprecated", "Removed", "Fixed", "Security",
    }  # fmt: skip
