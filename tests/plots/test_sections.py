"""The headings above the plots of a page."""

from __future__ import annotations

from support.looks import look

from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.page_messages import list_plot_entries
from bokeh_share.plots.sections import Heading, HeadingPath, Sections
from bokeh_share.plots.tracker import PlotTracker

P, Q = PlotKey("name", "p"), PlotKey("name", "q")


def test_headings_are_on_the_page_if_they_are_shared() -> None:
    sections: dict[PlotKey, HeadingPath] = {P: (Heading(1, "A"),)}
    tracker = PlotTracker()
    tracker.sections.connect_notebook(lambda key: sections.get(key, ()))
    tracker.update_page(lambda page: page.put(P, look("a"), now=1).put(Q, look("b"), now=1))
    assert [plot.section for plot in tracker.page.plots] == [(), ()]
    assert not any("section" in entry for entry in list_plot_entries(tracker.page).by_id.values())
    tracker.sections.update_sharing(True)
    assert [plot.section for plot in tracker.page.plots] == [((1, "A"),), ()]
    assert list_plot_entries(tracker.page).by_id[tracker.page.plots[0].id]["section"] == ((1, "A"),)
    page = tracker.page
    tracker.update_page(lambda page: page)
    assert tracker.page is page
    sections[P] = (Heading(1, "B"),)
    tracker.sort(lambda key: ())
    assert (tracker.page.plots[0].section, tracker.page.plots[0].generation) == (((1, "B"),), 1)
    tracker.sections.update_sharing(False)
    assert tracker.page.plots[0].section == ()


def test_no_heading_is_found_before_there_is_a_notebook() -> None:
    sections = Sections()
    sections.update_sharing(True)
    assert sections.find(P) == ()
