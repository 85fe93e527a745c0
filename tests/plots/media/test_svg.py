"""SVG pictures: their sizes, and those that would occupy a browser."""

from __future__ import annotations

import pytest

from bokeh_share.plots.media import svg
from bokeh_share.plots.media.svg import check_svg


def build_svg(content: str = "", attributes: str = 'width="20" height="10"', before: str = "") -> bytes:
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"{before}<svg {namespaces} {attributes}>{content}</svg>".encode()


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="20" height="10"', (20, 10)),
        ('width="20px" height=" 1e1 "', (20, 10)),
        ('width="72pt" height="1in"', (96, 96)),
        ('viewBox="0 0 30 40"', (30, 40)),
        ('viewBox="0,0,30,40" width="15"', (15, 20)),
        ('viewBox="0 0 30 40" height="20"', (15, 20)),
        ('viewBox="0 0 30 40" width="100%"', (30, 40)),
        ('viewBox="0 0 0 0"', (300, 150)),
        ('width="20"', (20, 150)),
        ('height="20"', (300, 20)),
        ("", (300, 150)),
    ],
)
def test_a_picture_is_as_large_as_browsers_show_it(attributes: str, size: tuple[float, float]) -> None:
    assert check_svg(build_svg(attributes=attributes)) == pytest.approx(size)


def test_files_of_matplotlib_and_others_are_pictures() -> None:
    doctype = '<?xml version="1.0" standalone="no"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://x/y">\n'
    markers = '<defs><path id="m" d="M 0 0"/></defs>' + '<use xlink:href="#m"/>' * 5_000
    clipped = '<g clip-path="url(#p)"><path/></g><clipPath id="p"><rect/></clipPath>'
    assert check_svg(build_svg(markers + clipped, before=doctype)) == (20, 10)


BILLION_LAUGHS = '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
USES = [f"<use href='#a{level}'/>" * 10 for level in range(8)]
USE_BOMB = '<path id="a0"/>' + "".join(f'<g id="a{level}">{uses}</g>' for level, uses in enumerate(USES, 1))
FILLS = [f"<rect fill='url(#p{level})'/>" * 10 for level in range(8)]
PATTERN_BOMB = "".join(f'<pattern id="p{level}">{fills}</pattern>' for level, fills in enumerate(FILLS, 1))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is no well-formed SVG"),
        (b"\x89PNG\r\n\x1a\n", "it is no well-formed SVG"),
        (b"<svg>", "it is no well-formed SVG"),
        (b"<html><svg/></html>", "it is no SVG but a file of 'html'"),
        (build_svg(before=BILLION_LAUGHS), "it defines entities"),
        (build_svg(USE_BOMB), "more than 1,000,000 elements, by references"),
        (build_svg(PATTERN_BOMB), "more than 1,000,000 elements, by references"),
        (build_svg("<g>" * 300 + "</g>" * 300), "nested more than 200 deep"),
        (build_svg("<filter>" + "<feTurbulence/>" * 300 + "</filter>"), "more than 200 steps of filters"),
    ],
)
def test_what_is_no_picture_or_a_bomb_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_svg(data)


def test_references_in_a_circle_end() -> None:
    circle = (
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/><use href="#b"/></g><use href="#missing"/>'
    )
    assert check_svg(build_svg(circle)) == (20, 10)


def test_large_files_and_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "MAX_SVG_ELEMENTS", 3)
    assert check_svg(build_svg("<g/><g/>")) == (20, 10)
    with pytest.raises(ValueError, match="it has more than 3 elements"):
        check_svg(build_svg("<g/><g/><g/>"))
    monkeypatch.setattr(svg, "MAX_SVG_BYTES", 100)
    with pytest.raises(ValueError, match=r"it has 0\.0 MB and the limit is 0 MB"):
        check_svg(build_svg("<g/>"))
