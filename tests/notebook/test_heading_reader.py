"""Headings in the Markdown cells of a notebook."""

from __future__ import annotations

import pytest

from bokeh_share.notebook.heading_reader import read_headings, read_sections


@pytest.mark.parametrize(
    ("source", "headings"),
    [
        ("# Sales *of* `2026`", [(1, "Sales of 2026")]),
        (["# A\n", "\n", "text\n", "### B #\n"], [(1, "A"), (3, "B")]),
        ("Under\n===\n\nlined\n---\n", [(1, "Under"), (2, "lined")]),
        ("```\n# code\n```\n    # code\n#hashtag", []),
        ("# <script>alert(1)</script> [link](javascript:alert(1)) ![x](http://y)", [
            (1, "<script>alert(1)</script> [link](javascript:alert(1)) x"),
        ]),
        ("# $x^2$", [(1, "x^2")]),
        ("# " + "a" * 500, [(1, "a" * 200)]),
        ("#", []),
        ("text", []),
    ],
)  # fmt: skip
def test_headings_are_plain_text(source: str | list[str], headings: list[tuple[int, str]]) -> None:
    assert read_headings(source) == headings


def test_a_cell_has_the_headings_of_the_sections_around_it() -> None:
    cells = [
        {"cell_type": "code", "id": "a"},
        {"cell_type": "markdown", "id": "m1", "source": "# One"},
        {"cell_type": "code", "id": "b"},
        {"cell_type": "markdown", "id": "m2", "source": "### Three\n\n### Three again"},
        {"cell_type": "code", "id": "c"},
        {"cell_type": "raw", "id": "r", "source": "# no heading"},
        {"cell_type": "markdown", "source": "## Two"},
        {"cell_type": "code"},
        {"cell_type": "code", "id": "d"},
        {"cell_type": "markdown", "id": "m3", "source": "# Other"},
        {"cell_type": "code", "id": "e"},
    ]
    assert read_sections(cells) == {
        "a": (),
        "b": ((1, "One"),),
        "c": ((1, "One"), (3, "Three again")),
        "r": ((1, "One"), (3, "Three again")),
        "d": ((1, "One"), (2, "Two")),
        "e": ((1, "Other"),),
    }
