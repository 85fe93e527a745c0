"""The sizes of drawn plots are compared with those of placeholders in a browser, in `tests/browser`."""

from __future__ import annotations

import math

import pytest
from bokeh.layouts import column, gridplot, row
from bokeh.model import Model
from bokeh.models import Button, Column, Div, GridBox, Row, Slider, Spacer, TabPanel, Tabs, TeX, Title
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.plots.placeholder import (
    ARE_ALL_TABS_DRAWN,
    DEFAULT_HEIGHT,
    DEFAULT_LEAST_WIDTH,
    MAX_LISTED_TITLE_LENGTH,
    MAX_TITLES,
    TABS_HEADER_HEIGHT,
    TOOLBAR_HEIGHT,
    Box,
    Placeholder,
    build_placeholder,
)
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Node, Snapshot
from bokeh_share.plots.snapshot.values import Value


def placeholder_of(model: Model) -> Placeholder:
    return build_placeholder(capture_plot(model, theme=Theme(json={})).snapshot)


def box_of(model: Model) -> Box:
    return placeholder_of(model).box


def test_a_figure_has_its_size_and_if_none_is_set_the_default_of_bokeh() -> None:
    assert box_of(figure(width=400, height=300)) == Box(400, 300)
    assert box_of(figure()) == Box(600, 600)


def test_a_figure_as_wide_as_its_card_may_keep_its_height_or_its_shape() -> None:
    assert box_of(figure(height=300, sizing_mode="stretch_width")) == Box(None, 300, least_width=600)
    shaped = figure(width=400, height=300, sizing_mode="scale_width")
    assert box_of(shaped) == Box(None, 0, 0.75, least_width=400)
    assert box_of(figure(aspect_ratio=2, sizing_mode="stretch_width")) == Box(None, 0, 0.5, least_width=600)
    assert box_of(figure(width=400, height=300, sizing_mode="fixed")) == Box(400, 300)


@pytest.mark.parametrize("mode", ["stretch_both", "stretch_height", "scale_height"])
def test_a_figure_that_fills_the_height_says_so(mode: str) -> None:
    box = box_of(figure(sizing_mode=mode, min_height=200))
    assert (box.height, box.slope, box.fills_height) == (200, 0, True)


def test_a_theme_may_set_the_size() -> None:
    theme = Theme(json={"attrs": {"Plot": {"height": 123}}})
    assert build_placeholder(capture_plot(figure(), theme=theme).snapshot).box == Box(600, 123)


def plots(*heights: int) -> list[figure]:
    return [figure(width=400, height=height) for height in heights]


def test_layouts_are_as_large_as_their_children_and_the_space_between() -> None:
    assert box_of(column(*plots(100, 200))) == Box(400, 300)
    assert box_of(column(*plots(100, 200), spacing=10)) == Box(400, 310)
    assert box_of(row(*plots(100, 200), spacing=10)) == Box(810, 200)
    assert box_of(row(column(*plots(100, 200)), *plots(250))) == Box(800, 300)
    assert box_of(Column(height=50, children=plots(100))) == Box(400, 50)
    assert box_of(Column()) == Box(0, 0)
    assert box_of(Row()) == Box(0, 0)


def test_plots_beside_each_other_share_the_width() -> None:
    wide = [figure(width=400, height=200, sizing_mode="scale_width") for _ in range(2)]
    assert box_of(row(*wide, sizing_mode="scale_width")) == Box(None, 0, 0.25, least_width=800)
    fixed = figure(width=100, height=100)
    assert box_of(Row(children=[fixed, wide[0]])) == Box(None, -50, 0.5, least_width=500)


def least_width_of(model: Model) -> float:
    return box_of(model).least_width


def test_a_layout_as_wide_as_its_card_needs_the_widths_of_plots_beside_each_other() -> None:
    wide = [figure(sizing_mode="stretch_width", min_width=width) for width in (None, 700)]
    assert [least_width_of(each) for each in wide] == [600, 700]
    assert least_width_of(row(*wide, spacing=10, sizing_mode="stretch_width")) == 1310
    assert least_width_of(column(row(*wide), *plots(100), sizing_mode="stretch_width")) == 1300
    assert least_width_of(gridplot([[*wide], [wide[0]]], sizing_mode="stretch_width")) == 1300
    tabs = Tabs(tabs=[TabPanel(child=row(*wide), title="a")], sizing_mode="stretch_width")
    assert least_width_of(tabs) == 1300
    assert least_width_of(figure(width=900, sizing_mode="stretch_width", margin=5)) == 610
    assert least_width_of(figure(width=300, sizing_mode="scale_width")) == 300
    assert least_width_of(column(*plots(100, 200))) == 0, "its width is known"


def test_what_is_invisible_takes_no_space() -> None:
    hidden = figure(width=400, height=300, visible=False)
    assert box_of(column(hidden, *plots(100, 200), spacing=10)) == Box(400, 310)
    assert box_of(hidden) == Box(0, 0)


def test_a_grid_of_plots_has_a_toolbar() -> None:
    grid = [plots(100, 200), plots(50)]
    assert box_of(gridplot(grid)) == Box(800, 250 + TOOLBAR_HEIGHT)
    assert box_of(gridplot([plots(100, 200), plots(50)], toolbar_location=None)) == Box(800, 250)
    assert box_of(gridplot([plots(100, 200)], toolbar_location="left")) == Box(800 + TOOLBAR_HEIGHT, 200)


def test_a_grid_has_gaps_and_cells_over_several_rows() -> None:
    one, two, three = plots(100, 200, 400)
    grid = GridBox(children=[(one, 0, 0), (two, 1, 0), (three, 0, 1, 2, 1)], spacing=5)
    assert box_of(grid) == Box(805, 305)


def test_only_the_tabs_that_are_drawn_count() -> None:
    panels = [TabPanel(child=each, title=title) for each, title in zip(plots(200, 100), "ab", strict=True)]
    height = 200 if ARE_ALL_TABS_DRAWN else 100
    assert box_of(Tabs(tabs=panels, active=1)) == Box(400, height + TABS_HEADER_HEIGHT)
    assert box_of(Tabs()) == Box(0, TABS_HEADER_HEIGHT)


def test_margins_are_added_and_limits_are_kept() -> None:
    assert box_of(figure(width=400, height=300, margin=5)) == Box(410, 310)
    assert box_of(figure(width=400, height=300, margin=(1, 2))) == Box(404, 302)
    assert box_of(figure(width=400, height=300, margin=(1, 2, 3, 4))) == Box(406, 304)
    assert box_of(figure(width=400, height=300, max_height=200)) == Box(400, 200)
    assert box_of(figure(width=400, height=300, min_height=350)) == Box(400, 350)
    assert box_of(Spacer(width=10, height=20)) == Box(10, 20)


@pytest.mark.parametrize("model", [Slider(start=0, end=1, value=0), Button(), Div(text="one<br>two")])
def test_a_widget_has_an_approximate_height(model: Model) -> None:
    assert 10 < box_of(model).height < 100


def test_sizes_that_no_model_has_are_finite_too() -> None:
    deep: Model = figure(height=100)
    for _ in range(100):
        deep = Column(children=[deep])
    odd = Snapshot((Node("Unknown", {"width": Value('"wide"'), "height": Value('{"type":"number"}')}),))
    for box in (box_of(deep), build_placeholder(odd).box):
        assert math.isfinite(box.height)


def test_a_layout_with_the_same_model_many_times_is_measured_at_once() -> None:
    layout: Model = figure(height=100, width=100)
    for _ in range(29):
        layout = Column(children=[layout, layout])
    assert box_of(layout) == Box(100.0, 100.0 * 2**29)


@pytest.mark.parametrize(
    "attributes",
    [
        {"margin": '["a","b"]'},
        {"margin": '["a","b","c","d"]'},
        {"margin": '[{"type":"number","value":"nan"},1]'},
        {"sizing_mode": "[]"},
        {"sizing_mode": '{"type":"map"}'},
    ],
)
def test_a_model_of_the_author_may_have_other_values_than_those_of_bokeh(attributes: dict[str, str]) -> None:
    node = Node("chart.Chart", {name: Value(text) for name, text in attributes.items()})
    expected = Box(None, DEFAULT_HEIGHT, least_width=DEFAULT_LEAST_WIDTH)
    assert build_placeholder(Snapshot((node,))).box == expected


def test_titles_are_those_of_figures_and_of_tabs_in_order() -> None:
    titled = [figure(title=title) for title in ("Sales", "", "Costs")]
    titled[0].add_layout(Title(text="of 2026"), "below")
    tabs = Tabs(tabs=[TabPanel(child=row(titled), title="Money")])
    assert set(placeholder_of(tabs).titles) == {"Money", "Sales", "of 2026", "Costs"}
    formula = figure()
    formula.title.text = TeX(text="x^2")
    assert placeholder_of(formula).titles == ("x^2",)


def test_many_and_long_titles_are_cut() -> None:
    many = placeholder_of(column([figure(title="x" * 1000) for _ in range(50)])).titles
    assert many == ("x" * MAX_LISTED_TITLE_LENGTH,) * MAX_TITLES
