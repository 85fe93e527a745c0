from __future__ import annotations

from bokeh.layouts import column
from bokeh.models import Div, TabPanel, Tabs
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.titles import find_title, list_titles


def test_the_first_title_is_the_first_of_all() -> None:
    tabs = Tabs(tabs=[TabPanel(child=figure(title="inside"), title="tab")])
    shown = column(Div(text="no title"), figure(title=""), figure(title="one"), tabs)
    snapshot = capture_plot(shown, theme=Theme(json={})).snapshot
    assert find_title(snapshot) == "one"
    assert sorted(list_titles(snapshot)) == ["inside", "one", "tab"]


def test_a_title_that_is_not_visible_is_not_listed() -> None:
    hidden, shown = figure(title="hidden"), figure(title="shown")
    hidden.title.visible = False
    snapshot = capture_plot(column(hidden, shown), theme=Theme(json={})).snapshot
    assert list(list_titles(snapshot)) == ["shown"]
