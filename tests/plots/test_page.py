from __future__ import annotations

import re

from bokeh.plotting import figure
from bokeh.themes import Theme
from support.looks import look

from bokeh_share.plots.page import Page, PlotKey
from bokeh_share.plots.snapshot import Snapshot, capture_plot

P, Q = PlotKey("cell", "c1", 0), PlotKey("cell", "c1", 1)


def test_a_new_plot_comes_last_and_a_changed_one_keeps_place_and_id() -> None:
    page = Page().put(P, look("a"), now=1).put(Q, look("b"), now=2)
    assert [plot.short_id for plot in page.plots] == ["k1", "k2"]
    later = page.put(P, look("c"), now=3)
    assert [(plot.short_id, plot.generation, plot.changed_at) for plot in later.plots] == [
        ("k1", 2, 3),
        ("k2", 1, 2),
    ]
    assert later.version == page.version + 1


def test_what_changes_nothing_gives_the_very_same_page() -> None:
    page = Page().update_title("t").put(P, look("a"), now=1)
    assert page.put(P, look("a"), now=2) is page
    assert page.update_title("t") is page
    assert page.update_download(True) is page
    assert page.remove(lambda key: key == Q) is page


def test_an_id_comes_from_the_key_alone_and_tells_nothing_of_it() -> None:
    one, other = Page().put(P, look("a"), now=1), Page().put(Q, look("b"), now=1).put(P, look("c"), now=2)
    assert [plot.id for plot in (*one.plots, *other.plots)] == ["k4731c041", "k4731c041", "kdb1ce65d"]


def test_a_plot_that_comes_again_has_its_id_a_new_number_and_a_generation_that_nobody_has() -> None:
    first = Page().put(P, look("a"), now=1).put(P, look("b"), now=2).put(Q, look("b"), now=2)
    page = first.remove(lambda key: key == P).put(P, look("a"), now=3)
    again, former = page.plots[0], first.plots[0]
    assert (again.id, again.short_id, again.generation) == (former.id, "k3", former.generation + 1)


def test_a_plot_at_the_former_key_of_another_one_has_another_id() -> None:
    page = Page().put(P, look("a"), now=1).move({P: Q}).put(P, look("b"), now=2)
    assert sorted(plot.short_id for plot in page.plots) == ["k1", "k2"]
    assert len({plot.id for plot in page.plots}) == 2


def test_a_model_that_comes_after_others_at_its_place_never_has_an_id_of_theirs() -> None:
    page, seen = Page(), list[tuple[str, ...]]()
    for kind in ("line", "scatter", "line", "scatter"):
        page = page.put(P, capture_figure(kind), now=1)
        snapshot = page.plots[0].snapshot
        assert isinstance(snapshot, Snapshot)
        seen.append(
            tuple(
                id
                for id, node in zip(snapshot.ids, snapshot.nodes, strict=True)
                if node.model_type in ("Line", "Scatter")
            )
        )
    assert len(set(seen)) == 4


def capture_figure(kind: str) -> Snapshot:
    """Capture a figure without words, whose glyph of this kind has data that no other one has."""
    p = figure()
    getattr(p, kind)([1, 2, 3], [kind == "line", 5, 7])
    return capture_plot(p, theme=Theme(json={})).snapshot


def test_only_plots_that_the_author_named_have_a_name() -> None:
    assert PlotKey("name", "sales").name == "sales"
    assert PlotKey("name", "sales", 1).name == "sales 2"
    assert PlotKey("cell", "c1").name is None
    assert PlotKey("variable", "p").name is None


def test_a_plot_without_a_name_has_an_anchor_that_depends_on_its_key_alone() -> None:
    assert PlotKey("name", "sales").anchor is None
    anchors = [key.anchor or "" for key in (P, Q, PlotKey("variable", "c1"), PlotKey("code", "c1"))]
    assert len(set(anchors)) == 4
    assert all(re.fullmatch("[0-9a-f]{8}", each) for each in anchors)
    assert P.anchor == PlotKey("cell", "c1", 0).anchor == "4731c041"


def test_a_plot_is_printed_by_id_name_size_and_time() -> None:
    page = Page().put(PlotKey("name", "sales"), look("a"), now=0).put(Q, look("b"), now=0)
    form = r"<Plot k1 'sales', \d\.\d kB, changed \d\d:\d\d:00> <Plot k2, \d\.\d kB, changed \d\d:\d\d:00>"
    assert re.fullmatch(form, " ".join(map(repr, page.plots)))
