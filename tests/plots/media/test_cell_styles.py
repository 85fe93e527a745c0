"""Styles of table cells: those that the page has, and none that loads anything."""

from __future__ import annotations

import pytest

from bokeh_share.plots.media.cell_styles import read_style, read_style_sheet


@pytest.mark.parametrize(
    ("style", "found"),
    [
        (
            "color: #ff0000; background-color: rgba(1, 2, 3, .5)",
            {"color": "#ff0000", "background": "rgba(1, 2, 3, .5)"},
        ),
        ("font-weight: bold; font-style: italic", {"bold": True, "italic": True}),
        ("TEXT-ALIGN: Right !important", {"align": "right"}),
        ("text-decoration: underline", {"line": "underline"}),
        (
            "width: 10em; background: linear-gradient(90deg, #d65f5f 55.1%, transparent 55.1%)",
            {"background": "linear-gradient(90deg, #d65f5f 55.1%, transparent 55.1%)"},
        ),
        ("background: url(http://elsewhere/x.png)", {}),
        ("background: linear-gradient(90deg, url(x) 1%, red 2%)", {}),
        ("background-color: image-set('x' 1x)", {}),
        ("color: expression(alert(1)); position: fixed; content: 'x'", {}),
        ("color: var(--x); color", {}),
        ("", {}),
    ],
)
def test_a_style_has_what_the_page_knows(style: str, found: dict[str, object]) -> None:
    assert read_style(style) == found


def test_rules_for_ids_count_and_others_do_not() -> None:
    sheet = """
    #T_1_row0_col0, #T_1_row1_col0 { color: red; }
    #T_1_row1_col0 { background-color: blue }
    td, #a b, .c, #d:hover { color: green }
    @import url(http://elsewhere);
    """
    assert read_style_sheet(sheet) == {
        "T_1_row0_col0": {"color": "red"},
        "T_1_row1_col0": {"color": "red", "background": "blue"},
    }
