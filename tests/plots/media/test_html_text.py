"""Texts of HTML: elements that are known, and nothing that runs or loads."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bokeh_share.plots.media.html_text import build_html_snapshot, read_html_nodes
from bokeh_share.plots.media.nodes import ALLOWED_TAGS, TextNode


def test_texts_headings_lists_and_links_stay() -> None:
    source = "<h2 class=x>R</h2><ul><li>a<li>b</ul><p>c <a href='https://a.b' onclick=x>d</a><tag>e</tag></p>"
    assert read_html_nodes(source) == [
        ["h2", None, "R"],
        ["ul", None, ["li", None, "a", ["li", None, "b"]]],
        ["p", None, "c ", ["a", {"href": "https://a.b"}, "d"], "e"],
    ]


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<img src=x onerror=alert(1)>a", ["a"]),
        ("<svg><script>alert(1)</script><text>x</text></svg>a", ["a"]),
        ("<svg/onload=alert(1)>a", []),
        ("<math><mtext>x</mtext></math>a", ["a"]),
        ("<a href=javascript:alert(1)>a</a>", [["a", None, "a"]]),
        ("<form action=http://x><input value=y>a</form>", ["a"]),
        ("<style>@import 'http://x'</style><link rel=stylesheet href=http://x>a", ["a"]),
        ("<base href=http://x><meta http-equiv=refresh content=0>a", ["a"]),
        ("<b style='background:url(http://x)'>a</b>", [["b", None, "a"]]),
        ("<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>a", ["'>", "a"]),
    ],
)
def test_hostile_html_becomes_text_or_nothing(source: str, text: list[TextNode]) -> None:
    assert read_html_nodes(source) == text


@pytest.mark.parametrize(
    "source", ["<script>x</script>a", "<iframe src=x></iframe>a", "<object data=x></object>a"]
)
def test_html_that_needs_scripts_is_refused(source: str) -> None:
    with pytest.raises(ValueError, match="it is HTML that needs scripts, which pages never run"):
        build_html_snapshot(source)


def list_tags(nodes: list[TextNode]) -> set[str]:
    tags = {node[0] for node in nodes if isinstance(node, list)}
    return tags.union(*(list_tags(node[2:]) for node in nodes if isinstance(node, list)))


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<b",
                "<svg>",
                "</svg>",
                "<a href='javascript:x'>",
                "x",
                ">",
                "'",
                "<!--",
                "<script>",
                "</script>",
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_any_html_has_known_elements_only(source: str) -> None:
    nodes = read_html_nodes(source)
    assert list_tags(nodes) <= ALLOWED_TAGS
    assert "javascript" not in json.dumps([node for node in nodes if isinstance(node, list)])
