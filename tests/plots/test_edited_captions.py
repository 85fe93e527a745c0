from __future__ import annotations

from bokeh.plotting import figure

from bokeh_share.plots.edited_captions import EditedCaptions, replace_caption
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.tracker import PlotTracker

P, Q = PlotKey("name", "p"), PlotKey("name", "q")


def test_an_edited_caption_stays_until_the_code_gives_another_one() -> None:
    captions = EditedCaptions()
    assert captions.choose(P, "code") == "code"
    captions.edit(P, "edited", code_caption="code")
    assert captions.choose(P, "code") == "edited"
    assert captions.choose(Q, "code") == "code"
    assert captions.choose(P, "new code") == "new code"
    assert captions.choose(P, "code") == "code", "it is forgotten"


def test_a_caption_can_be_taken_away() -> None:
    captions = EditedCaptions()
    captions.edit(P, None, code_caption="code")
    assert captions.choose(P, "code") is None


def test_it_moves_and_goes_with_its_plot() -> None:
    captions = EditedCaptions()
    captions.edit(P, "edited", code_caption=None)
    captions.move({P: Q})
    assert (captions.choose(P, None), captions.choose(Q, None)) == (None, "edited")
    captions.remove(lambda key: key == Q)
    assert captions.choose(Q, None) is None


def test_the_tracker_keeps_it_when_the_plot_is_shown_again() -> None:
    tracker = PlotTracker()
    tracker.put(P, figure(), caption="code")
    tracker.captions.edit(P, "edited", code_caption="code")
    tracker.update_page(lambda page: replace_caption(page, P, "edited"))
    assert tracker.page.plots[0].caption == "edited"
    for shown in (figure(), figure(title="b")):
        tracker.put(P, shown, caption="code")
        assert tracker.page.plots[0].caption == "edited"
    tracker.put(P, figure(), caption="other")
    assert tracker.page.plots[0].caption == "other"
    tracker.close()
