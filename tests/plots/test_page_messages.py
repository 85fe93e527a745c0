from __future__ import annotations

import json

import numpy as np
from bokeh.plotting import figure
from bokeh.themes import Theme, built_in_themes
from support.frames import unframed
from support.plot_ids import id_of
from support.small_pictures import PNG

from bokeh_share.plots.diff.diff import diff_snapshots
from bokeh_share.plots.diff.json_writer import LOCAL_ID_PREFIX
from bokeh_share.plots.media import Display
from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.page_messages import (
    encode_page_message,
    encode_plot_change,
    encode_plot_message,
    list_plot_entries,
)
from bokeh_share.plots.snapshot.capture import capture_plot


def shown(title: str = "t") -> Page:
    p = figure(title=title)
    p.line(np.arange(3.0), np.arange(3.0))
    snapshot = capture_plot(p, theme=built_in_themes["caliber"]).snapshot
    return Page("My plots").put(PlotKey("name", "sales"), snapshot, now=7)


def test_a_page_message_lists_title_and_plots_and_nothing_else() -> None:
    page = shown()
    header, rest = unframed(encode_page_message("e", page, list_plot_entries(page)))
    assert header == {
        "kind": "page",
        "epoch": "e",
        "version": 1,
        "base": None,
        "title": "My plots",
        "paused": None,
        "download": True,
        "pointing": False,
        "heartbeat": None,
        "build": None,
        "now": None,
        "bundles": {},
        "apps": [],
        "plots": [
            {
                "id": id_of("sales"),
                "kind": "bokeh",
                "generation": 1,
                "name": "sales",
                "anchor": None,
                "caption": None,
                "changed": 7,
                "missing": None,
                "heading": None,
                "titles": ["t"],
                "box": [600, 600],
            }
        ],
        "order": None,
    }
    assert rest == b""


def test_a_plot_without_a_name_has_its_title_as_heading_and_a_wide_one_its_least_width() -> None:
    p = figure(title="t", height=300, sizing_mode="stretch_width")
    snapshot = capture_plot(p, theme=Theme(json={})).snapshot
    page = Page().put(PlotKey("cell", "c"), snapshot, now=7)
    header, _ = unframed(encode_page_message("e", page, list_plot_entries(page), now=8))
    (entry,) = header["plots"]
    assert (entry["name"], entry["heading"], entry["box"]) == (None, "t", [None, 300, 0, 0, 600])
    assert header["now"] == 8


def test_a_size_that_is_not_finite_is_not_sent_since_no_browser_reads_it() -> None:
    snapshot = capture_plot(figure(width=400, height=300, aspect_ratio=1e-320), theme=Theme(json={})).snapshot
    page = Page().put(PlotKey("name", "sales"), snapshot, now=7)
    header, _ = unframed(encode_page_message("e", page, list_plot_entries(page)))
    assert header["plots"][0]["box"] == [None]


def test_a_page_that_has_an_older_version_gets_the_plots_that_differ() -> None:
    before = shown().put(PlotKey("name", "costs"), shown("c").plots[0].snapshot, now=8)
    former = list_plot_entries(before)
    costs, new = id_of("costs"), id_of("new")
    for after, changed, order in (
        (before.put(PlotKey("name", "costs"), shown("d").plots[0].snapshot, now=9), [costs], None),
        (before.update_title("other"), [], None),
        (before.remove(lambda key: key.identifier == "sales"), [], [costs]),
        (
            before.put(PlotKey("name", "new"), shown("n").plots[0].snapshot, now=9),
            [new],
            [id_of("sales"), costs, new],
        ),
    ):
        entries = list_plot_entries(after, former)
        header, _ = unframed(encode_page_message("e", after, entries, base=former))
        assert (header["base"], header["version"]) == (2, 3)
        assert [plot["id"] for plot in header["plots"]] == changed
        assert header["order"] == order
        assert all(entry is former.by_id.get(id) or id in changed for id, entry in entries.by_id.items())


def test_a_plot_message_has_the_patch_its_arrays_and_ids_of_its_own() -> None:
    page = shown()
    patch = diff_snapshots(None, page.plots[0].snapshot)
    header, rest = unframed(encode_plot_message("e", 3, page.plots[0], patch, None))
    id = id_of("sales")
    assert (header["plot"], header["generation"], header["base"], header["version"]) == (id, 1, None, 3)
    assert header["buffers"] == [[f"{id}.1.a0", 24], [f"{id}.1.a1", 24]]
    assert rest == np.arange(3.0).tobytes() * 2
    (event,) = header["patch"]["events"]
    assert event["kind"] == "RootAdded"
    assert event["model"]["id"] == f"{id}.{page.plots[0].snapshot.ids[0]}"
    assert f'"id":"{id}.1.a0"' in json.dumps(header["patch"], separators=(",", ":"))
    assert LOCAL_ID_PREFIX not in json.dumps(header)


def test_text_of_the_authors_that_looks_like_an_id_stays_as_it_is() -> None:
    text = f'"id":"{LOCAL_ID_PREFIX}5" {LOCAL_ID_PREFIX}'
    page = shown(title=text)
    patch = diff_snapshots(None, page.plots[0].snapshot)
    header, _ = unframed(encode_plot_message("e", 1, page.plots[0], patch, None))
    assert header["patch"]["events"][0]["model"]["attributes"]["title"]["attributes"]["text"] == text


def test_a_picture_has_an_entry_of_its_kind_and_a_message_with_its_bytes() -> None:
    display = Display("image/png", PNG, {"width": 6})
    page = Page().put(PlotKey("name", "p"), display.build_snapshot(), now=1)
    ((_, entry),) = list_plot_entries(page).by_id.items()
    assert (entry["kind"], entry["box"], entry["titles"]) == ("image", [6.0, 4.0], ())
    header, rest = unframed(encode_plot_change("e", 1, page.plots[0], None).message)
    assert header == {
        "kind": "plot",
        "epoch": "e",
        "version": 1,
        "plot": id_of("p"),
        "generation": 1,
        "base": None,
        "op": "replace",
        "parts": [],
        "buffers": [["media", len(PNG)]],
        "media": {"kind": "image", "type": "image/png", "width": 6.0, "height": 4.0, "title": ""},
    }
    assert rest == PNG


def test_a_change_of_a_plot_is_a_patch_and_one_from_a_picture_is_whole() -> None:
    before, after = shown("a"), shown("b")
    after = before.put(before.plots[0].key, after.plots[0].snapshot, now=2)
    header, _ = unframed(encode_plot_change("e", 1, after.plots[0], before.plots[0]).message)
    assert (header["base"], header["op"]) == (1, "patch")
    picture = before.put(before.plots[0].key, Display("image/png", PNG).build_snapshot(), now=2)
    header, _ = unframed(encode_plot_change("e", 1, after.plots[0], picture.plots[0]).message)
    assert (header["base"], header["op"]) == (None, "replace")
