"""Markdown as nodes: without raw HTML, with formulas, with links to the web only."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bokeh_share.plots.media.markdown import build_markdown_snapshot, read_markdown_nodes
from bokeh_share.plots.media.nodes import ALLOWED_TAGS, TextNode


def test_markdown_has_its_elements() -> None:
    source = "# A *b*\n\n- c\n- d\n\n3. e\n\n`f` ~~g~~ **h**  \ni\n\n```py\n<j>\n```\n\n> k\n\n---\n"
    assert read_markdown_nodes(source) == [
        ["h1", None, "A ", ["em", None, "b"]],
        ["ul", None, ["li", None, "c"], ["li", None, "d"]],
        ["ol", {"start": 3}, ["li", None, "e"]],
        [
            "p",
            None,
            ["code", None, "f"],
            " ",
            ["s", None, "g"],
            " ",
            ["strong", None, "h"],
            ["br", None],
            "i",
        ],
        ["pre", None, ["code", None, "<j>\n"]],
        ["blockquote", None, ["p", None, "k"]],
        ["hr", None],
    ]


def test_tables_have_alignments() -> None:
    (table,) = read_markdown_nodes("|a|b|\n|:-|-:|\n|1|2|\n")
    assert table == [
        "table",
        None,
        ["thead", None, ["tr", None, ["th", {"align": "left"}, "a"], ["th", {"align": "right"}, "b"]]],
        ["tbody", None, ["tr", None, ["td", {"align": "left"}, "1"], ["td", {"align": "right"}, "2"]]],
    ]


def test_formulas_come_before_other_marks() -> None:
    assert read_markdown_nodes(r"$a_1*b_2*c$ and $$\frac{1}{2} \\ *x*$$ `$y$` \$5") == [
        ["p", None, ["math", None, "a_1*b_2*c"], " and ", ["math", {"display": True}, r"\frac{1}{2} \\ *x*"],
         " ", ["code", None, "$y$"], " $5"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "a <b onclick=alert(1)>c</b>",
        "<!-- -->",
        "<svg/onload=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x) [b](file:///etc/passwd) [c](//elsewhere/x)",
        "[a]: javascript:alert(1)\n\n[a]",
        "<javascript:alert(1)>",
        "![a](http://elsewhere/x.png)",
        "![a](javascript:alert(1))",
        "[![a](x onerror=alert(1))](javascript:alert(1))",
        '[a](https://x.y"onmouseover=alert(1))',
        "$\\href{javascript:alert(1)}{x}$",
    ],
)
def test_hostile_markdown_has_no_elements_but_texts_and_links_to_the_web(source: str) -> None:
    nodes = read_markdown_nodes(source)
    assert list_tags(nodes) <= {"p", "a", "math"}
    assert not any("javascript" in href or not href.startswith("https://") for href in list_links(nodes))


def list_tags(nodes: list[TextNode]) -> set[str]:
    tags = {node[0] for node in nodes if isinstance(node, list)}
    return tags.union(*(list_tags(node[2:]) for node in nodes if isinstance(node, list)))


def list_links(nodes: list[TextNode]) -> list[str]:
    elements = [node for node in nodes if isinstance(node, list)]
    own = [node[1]["href"] for node in elements if (node[1] or {}).get("href")]
    return own + [href for node in elements for href in list_links(node[2:])]


@given(st.text(alphabet="#*_`~[]()<>!-|$\\ \n1.ab:/&;", max_size=80))
def test_any_markdown_has_known_elements_only(source: str) -> None:
    assert list_tags(read_markdown_nodes(source)) <= ALLOWED_TAGS


def test_deep_and_long_markdown_has_an_end() -> None:
    assert list_tags(read_markdown_nodes("> " * 500 + "a")) <= ALLOWED_TAGS
    assert json.loads(build_markdown_snapshot("*a" * 5_000).data)
    with pytest.raises(ValueError, match="the limit is 500,000"):
        build_markdown_snapshot("a" * 600_000)
