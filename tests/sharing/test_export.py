from __future__ import annotations

import json
import os
import re
from base64 import b64decode, b64encode
from dataclasses import replace
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.models import ColumnDataSource, Slider
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.errors import CannotWrite
from bokeh_share.plots.bundle import Bundle
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.sharing.export import render_saved_page, save_page


def page(title: str = "Plots") -> Page:
    p = figure(title="Revenue")
    p.line([1, 2], [3, 4])
    snapshot = capture_plot(p, theme=Theme(json={})).snapshot
    return Page(title).put(PlotKey("name", "sales"), snapshot, now=1, caption="in euros")


def test_the_file_has_the_page_and_asks_for_nothing_else(tmp_path: Path) -> None:
    path = save_page(page(), tmp_path / "page.html", now=7)
    text = path.read_text("utf-8")
    assert not re.search(r'<(?:script|link|img)[^>]*(?:src|href)="(?!data:)', text)
    (messages,) = re.findall(r'<script id="saved"[^>]*>\n(.*?)\n</script>', text, re.S)
    decoded = [b64decode(line) for line in messages.split("\n")]
    assert b"in euros" in decoded[0]
    assert b"Revenue" in decoded[1]
    assert 'data-at="7"' in text


def test_in_a_file_there_is_no_author_to_show_something() -> None:
    text = render_saved_page(page().update_pointing(True), now=7).decode()
    (messages,) = re.findall(r'<script id="saved"[^>]*>\n(.*?)\n</script>', text, re.S)
    assert b'"pointing":false' in b64decode(messages.split("\n")[0])


def test_only_the_parts_of_bokehjs_that_are_needed_are_in_it() -> None:
    with_widget = page().put(
        PlotKey("name", "s"),
        capture_plot(Slider(start=0, end=1, value=0), theme=Theme(json={})).snapshot,
        now=1,
    )
    assert b'data-parts="bokeh"' in render_saved_page(page(), now=1)
    assert b'data-parts="bokeh bokeh-widgets"' in render_saved_page(with_widget, now=1)


def test_the_scripts_of_the_authors_own_models_that_are_needed_are_in_it_and_may_run() -> None:
    scripts = {"Loud": b"'loud </script>'", "Unused": b"'unused'"}
    bundles = [*(Bundle(name, script) for name, script in scripts.items()), Bundle("Wrong", problem="line 1")]
    shown = page()
    for name in ("Loud", "Wrong"):
        snapshot = replace(shown.plots[0].snapshot, parts=frozenset({f"custom/{name}"}))
        shown = shown.put(PlotKey("name", name), snapshot, now=1)
    text = render_saved_page(shown.update_bundles(tuple(bundles)), now=1).decode()
    inside = "'loud <\\/script>'"
    assert text.count(f"<script>{inside}</script>") == 1
    assert f"'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'" in unescape(text)
    assert f'data-parts="bokeh {bundles[0].digest}"' in text
    assert "unused" not in text
    (messages,) = re.findall(r'<script id="saved"[^>]*>\n(.*?)\n</script>', text, re.S)
    kinds = [_header(b64decode(line))["kind"] for line in messages.split("\n")]
    assert kinds == ["page", "plot", "plot"]


def _header(message: bytes) -> Any:
    return json.loads(message[4 : 4 + int.from_bytes(message[:4])])


def test_a_title_is_text_whatever_it_looks_like() -> None:
    assert b"<b>" not in render_saved_page(page("</title><b>"), now=1).split(b"<style>")[0]


@pytest.mark.parametrize("odd", ["\ud800", "caf\udce9"])
def test_texts_that_cannot_be_encoded_are_in_the_file_as_far_as_they_can(tmp_path: Path, odd: str) -> None:
    p = figure(title=odd, x_range=[odd, "b"], name=odd)
    p.scatter(odd, "y", source=ColumnDataSource({odd: [odd, "b"], "y": np.array([odd, "b"])}))
    snapshot = capture_plot(p, theme=Theme(json={})).snapshot
    odd_page = Page(odd).put(PlotKey("name", odd), snapshot, now=1, caption=odd)
    assert f"<title>{odd[:-1]}\ufffd</title>".encode() in render_saved_page(odd_page, now=1)
    save_page(odd_page, tmp_path / os.fsdecode(b"caf\xe9.html"), now=1)


def test_no_script_in_it_ends_early() -> None:
    text = render_saved_page(page(), now=1).decode()
    assert text.count("</script") == text.count("<script id=") + len(
        re.findall(r"^<script(?: type=\"module\")?>", text, re.M)
    )


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    save_page(page(), path, now=1)
    assert path.read_text("utf-8").startswith("<!doctype html>")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.parametrize("name", ["missing/page.html", ".", "\ud800.html"])
def test_a_file_that_cannot_be_written_is_reported_in_one_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(CannotWrite) as caught:
        save_page(page(), tmp_path / name, now=1)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("page", "page.html"),
        ("page.html", "page.html"),
        ("page.HTM", "page.HTM"),
        ("sales 2026.11", "sales 2026.11.html"),
        (".page", ".page.html"),
    ],
)
def test_a_name_has_the_suffix_of_a_page(tmp_path: Path, name: str, written: str) -> None:
    assert save_page(page(), tmp_path / name, now=1) == tmp_path / written
    assert [each.name for each in tmp_path.iterdir()] == [written]
