"""Broken links and code in Markdown files are found."""

from __future__ import annotations

from pathlib import Path

import pytest
from documentation import list_anchors, list_problems

pytestmark = pytest.mark.one_pairing


@pytest.fixture
def page(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "other.md").write_text("# Some `code`, and more\n\n## Twice\n\n## Twice\n")
    (tmp_path / "picture.png").touch()
    return tmp_path / "page.md"


@pytest.mark.parametrize(
    "link",
    [
        "docs/other.md",
        "docs/other.md#some-code-and-more",
        "docs/other.md#twice-1",
        "#here",
        "picture.png",
        "https://nowhere.invalid/page",
        "mailto:someone@nowhere.invalid",
    ],
)
def test_a_link_that_leads_somewhere_is_no_problem(page: Path, link: str) -> None:
    page.write_text(f"# Here\n\n| [text]({link}) |\n| --- |\n| [text]({link}) ![picture]({link}) |\n")
    assert list_problems(page) == []


@pytest.mark.parametrize(
    "link", ["docs/none.md", "docs/other.md#none", "docs/other.md#twice-2", "#none", "no.png"]
)
def test_a_link_that_leads_nowhere_is_one(page: Path, link: str) -> None:
    page.write_text(f"# Here\n\n    [in code]({link}), which counts not\n\n[text]({link})\n")
    assert list_problems(page) == [f"page.md: a link leads nowhere: {link}"]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("```python\nf(1)\n%magic is left out\n```\n", []),
        ("```python\nok = 1\nf(1\n```\n", ["page.md, line 3: '(' was never closed"]),
        ("```sh\nif (\n```\n", []),
        ("    from a import b\n    b(\n", ["page.md, line 2: '(' was never closed"]),
        ("    $ any text (\n", []),
    ],
)
def test_python_has_to_be_python(page: Path, text: str, problems: list[str]) -> None:
    page.write_text(text)
    assert list_problems(page) == problems


def test_headings_have_the_anchors_that_github_gives_them(page: Path) -> None:
    assert list_anchors(page.parent / "docs" / "other.md") == {"some-code-and-more", "twice", "twice-1"}
