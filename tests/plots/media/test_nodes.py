"""Texts as nodes: the elements and attributes that they may have."""

from __future__ import annotations

import json

import pytest

from bokeh_share.plots.media import nodes
from bokeh_share.plots.media.nodes import build_element, build_text_snapshot, is_web_link


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://example.org/a?b#c", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("data:text/html,x", False),
        ("vbscript:x", False),
        ("//example.org", False),
        ("/file", False),
        ("https:", False),
        ("http://[", False),
        ("https://example.org/\u202e", False),
    ],
)
def test_links_lead_to_http_and_https(url: str, is_link: bool) -> None:
    assert is_web_link(url) is is_link


def test_an_element_has_the_attributes_that_the_page_knows() -> None:
    given = {
        "href": "https://a.b",
        "onclick": "x",
        "align": "left",
        "colspan": "3",
        "start": 4,
        "style": "x",
        "id": "y",
    }
    assert build_element("a", given, ["x"]) == ["a", {"href": "https://a.b"}, "x"]
    assert build_element("td", given, []) == ["td", {"align": "left", "colspan": 3}]
    assert build_element("ol", given, []) == ["ol", {"start": 4}]
    assert build_element("p", given, []) == ["p", None]
    assert build_element("td", {"colspan": "99999", "rowspan": "-1", "align": "x"}, []) == ["td", None]


def test_a_text_has_the_title_of_its_first_heading_and_the_parts_of_its_formulas() -> None:
    snapshot = build_text_snapshot(
        [
            ["p", None, "a"],
            ["div", None, ["h2", None, "Sales ", ["em", None, "now"]]],
            ["p", None, ["math", None, "x"]],
        ]
    )
    assert (snapshot.title, snapshot.parts, snapshot.noun) == ("Sales now", {"mathjax"}, "text")
    assert json.loads(snapshot.data)[0] == ["p", None, "a"]
    assert build_text_snapshot([["p", None, "a" * 250]]).height == 3 * nodes.TEXT_LINE_HEIGHT


def test_an_empty_text_and_a_large_one_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="it is empty"):
        build_text_snapshot([["p", None, " ", ["br", None]]])
    monkeypatch.setattr(nodes, "MAX_TEXT_BYTES", 30)
    with pytest.raises(ValueError, match="the limit is"):
        build_text_snapshot([["p", None, "a" * 30]])
