"""Tags and texts of HTML, also of HTML that is wrong."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bokeh_share.plots.media.html_tokens import has_script, read_attributes, tokenize_html


def list_texts(source: str) -> str:
    return "".join(text for tag, _, text in tokenize_html(source) if not tag)


def test_texts_tags_and_attributes_are_told_apart() -> None:
    tokens = [
        (tag, is_end, text.strip()) for tag, is_end, text in tokenize_html("<P a='>'>1 &lt; 2<br/></p>")
    ]
    assert tokens == [("p", False, "a='>'"), ("", False, "1 < 2"), ("br", False, "/"), ("p", True, "")]
    assert read_attributes(""" a=1 B="x &amp; y" c='z' d a=2""") == {
        "a": "1",
        "b": "x & y",
        "c": "z",
        "d": "",
    }


def test_scripts_comments_and_declarations_are_no_text() -> None:
    source = (
        "<!DOCTYPE html>a<!-- <b>no</b> --><script>if (a < b) '</p>'</script>b<style>p {}</style>c<!-- open"
    )
    assert list_texts(source) == "abc"
    assert [token.text for token in tokenize_html("<style>p {}</STYLE >x") if token.tag == "style"] == [
        "p {}"
    ]


def test_scripts_and_frames_are_found() -> None:
    assert has_script("<b>a</b><SCRIPT src=x>")
    assert has_script("<iframe>")
    assert not has_script("<scripted>&lt;script&gt;")


@given(st.text(alphabet="<>/!-\"'= ab&;\n", max_size=60))
def test_any_text_ends(source: str) -> None:
    assert len(list_texts(source)) <= len(source)
