from __future__ import annotations

from bokeh.layouts import column
from bokeh.model import Model
from bokeh.models import Div, Slider, TabPanel, Tabs, TeX, Title
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.titles import build_heading, find_title, list_titles


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


def heading_of(model: Model) -> str | None:
    return build_heading(capture_plot(model, theme=Theme(json={})).snapshot)


def test_the_heading_is_the_title_of_the_figure_without_its_further_titles() -> None:
    p = figure(title="Sales\n  of May")
    p.add_layout(Title(text="in euros"), "below")
    assert heading_of(p) == "Sales of May"
    p.title.text = TeX(text="x^2")
    assert heading_of(p) == "x^2"


def test_the_heading_of_a_layout_has_the_titles_of_its_first_figures() -> None:
    named = [figure(title=title) for title in ("North", "South", "", "North", "East", "West")]
    assert heading_of(column(named)) == "North, South, East, West"
    assert heading_of(column(*named, figure(title="Sea"))) == "North, South, East and 2 more"


def test_tabs_of_figures_without_titles_have_the_titles_of_the_tabs() -> None:
    tabs = Tabs(tabs=[TabPanel(child=figure(), title=title) for title in ("2025", "2026")])
    assert sorted((heading_of(tabs) or "").split(", ")) == ["2025", "2026"]


def test_a_plot_without_visible_titles_has_no_heading() -> None:
    hidden = figure(title="hidden")
    hidden.title.visible = False
    assert heading_of(hidden) is None
    assert heading_of(Slider(start=0, end=1, value=0, title="x")) is None
