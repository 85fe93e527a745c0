"""An analyst's changes of a cell between two runs. Each edit makes its plot twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import numpy as np
from bokeh.layouts import column, gridplot, row
from bokeh.model import Model
from bokeh.models import (
    AllIndices,
    Arrow,
    Band,
    BasicTicker,
    BooleanFilter,
    BoxAnnotation,
    Button,
    CDSView,
    CheckboxGroup,
    ColorBar,
    ColumnDataSource,
    CustomJS,
    CustomJSFilter,
    CustomJSTickFormatter,
    CustomJSTransform,
    DataRange1d,
    DataTable,
    DatePicker,
    DatetimeTickFormatter,
    Div,
    FactorRange,
    GeoJSONDataSource,
    GraphRenderer,
    GroupFilter,
    IndexFilter,
    Label,
    LabelSet,
    Legend,
    LinearAxis,
    LinearColorMapper,
    LogAxis,
    LogColorMapper,
    LogScale,
    MultiChoice,
    NormalHead,
    NumberFormatter,
    NumeralTickFormatter,
    PreText,
    RadioButtonGroup,
    Range1d,
    RangeSlider,
    RangeTool,
    Scatter,
    Select,
    Slider,
    Slope,
    Span,
    StaticLayoutProvider,
    TableColumn,
    TabPanel,
    Tabs,
    TextInput,
    Title,
    VeeHead,
    Whisker,
)
from bokeh.plotting import figure
from bokeh.transform import cumsum, dodge, factor_cmap, linear_cmap, transform

Pan = Literal["keeps", "x", "y", "lost", "none"]
"""The effect of the edit on a pan: both dimensions are kept, one, or none; or nothing can be panned."""


@dataclass(frozen=True)
class Edit:
    """One change of a cell."""

    name: str
    make: Callable[[bool], Model]
    """Makes the plot before (False) and after (True) the edit, with new models each time."""
    pan: Pan
    visible: bool
    """True if the picture differs afterwards."""
    themes: tuple[str | None, str | None]

    def before(self) -> Model:
        return self.make(False)

    def after(self) -> Model:
        return self.make(True)


EDITS: list[Edit] = []


def edit(
    name: str,
    *,
    pan: Pan = "keeps",
    visible: bool = True,
    themes: tuple[str | None, str | None] = (None, None),
) -> Callable[[Callable[[bool], Model]], None]:
    def add(make: Callable[[bool], Model]) -> None:
        EDITS.append(Edit(name, make, pan, visible, themes))

    return add


def plot(**options: Any) -> figure:
    """Make a small empty figure that can be panned and reset."""
    return figure(**{"width": 300, "height": 250, "tools": "pan,wheel_zoom,reset", **options})


def wave(count: int = 20, start: int = 0, **columns: Any) -> ColumnDataSource:
    x = np.arange(start, start + count, dtype=float)
    return ColumnDataSource({"x": x, "y": np.sin(x / 3) + 2, "z": np.cos(x / 5) + 2, **columns})


def line(source: ColumnDataSource | None = None, **options: Any) -> figure:
    p = plot(**options)
    p.line("x", "y", source=source or wave(), line_width=2)
    return p


def dots(source: ColumnDataSource | None = None, size: int = 8, **options: Any) -> figure:
    p = plot(**options)
    p.scatter("x", "y", source=source or wave(), size=size)
    return p


# Titles and texts


@edit("a title's text is changed")
def _(after: bool) -> Model:
    return line(title="July" if after else "June")


@edit("a title is removed")
def _(after: bool) -> Model:
    return line(title=None if after else "June")


@edit("a title is added")
def _(after: bool) -> Model:
    return line(title="June" if after else None)


@edit("a title is moved below")
def _(after: bool) -> Model:
    return line(title="June", title_location="below" if after else "above")


@edit("a title becomes an object of its own")
def _(after: bool) -> Model:
    p = line(title="June")
    if after:
        p.title = Title(text="June", align="center", text_color="crimson")
    return p


@edit("a title's font is changed")
def _(after: bool) -> Model:
    p = line(title="June")
    if after:
        p.title.text_font, p.title.text_font_size, p.title.text_font_style = "serif", "20px", "italic"
    return p


@edit("a second title is laid beside")
def _(after: bool) -> Model:
    p = line(title="June")
    if after:
        p.add_layout(Title(text="of this year", text_font_size="10px"), "above")
    return p


@edit("axes get labels")
def _(after: bool) -> Model:
    return line(x_axis_label="day" if after else None, y_axis_label="euros" if after else None)


@edit("an axis label is changed")
def _(after: bool) -> Model:
    return line(y_axis_label="thousands of euros" if after else "euros")


@edit("a title gets mathematics")
def _(after: bool) -> Model:
    return line(title="$$x^2 + y^2$$" if after else "a sum of squares")


@edit("mathematics in a label is changed")
def _(after: bool) -> Model:
    return line(x_axis_label=r"$$\frac{a}{b}$$" if after else r"$$\sqrt{a}$$")


# Data


@edit("rows are appended")
def _(after: bool) -> Model:
    return line(wave(25 if after else 20))


@edit("a window slides by one")
def _(after: bool) -> Model:
    return dots(wave(20, 1 if after else 0))


@edit("a window slides by all it has")
def _(after: bool) -> Model:
    return dots(wave(20, 40 if after else 0))


@edit("one value is changed")
def _(after: bool) -> Model:
    source = wave()
    source.data["y"][7] = 2.5 if after else 1.0
    return line(source)


@edit("all values are changed")
def _(after: bool) -> Model:
    source = wave()
    source.data["y"] = source.data["y"][::-1] * 40 if after else source.data["y"]
    return line(source)


@edit("rows are put in front")
def _(after: bool) -> Model:
    return dots(wave(25, -5) if after else wave(20))


@edit("rows are taken away")
def _(after: bool) -> Model:
    return dots(wave(8 if after else 20))


@edit("all rows are taken away")
def _(after: bool) -> Model:
    return dots(wave(0 if after else 20), x_range=(0, 10), y_range=(0, 4))


@edit("a column is renamed")
def _(after: bool) -> Model:
    name = "revenue" if after else "y"
    p = plot(y_axis_label=name)
    x = np.arange(20.0)
    p.line("x", name, source=ColumnDataSource({"x": x, name: np.sqrt(x)}))
    return p


@edit("a column is added that colours")
def _(after: bool) -> Model:
    p = plot()
    colors = {"color": ["teal", "crimson"] * 10} if after else {}
    p.scatter("x", "y", source=wave(**colors), size=9, color="color" if after else "navy")
    return p


@edit("a column that nothing draws is added", visible=False)
def _(after: bool) -> Model:
    return line(wave(**({"spare": np.arange(20)} if after else {})))


@edit("a glyph draws another column")
def _(after: bool) -> Model:
    p = plot()
    p.line("x", "z" if after else "y", source=wave())
    return p


@edit("some values go missing")
def _(after: bool) -> Model:
    source = wave()
    if after:
        source.data["y"][[3, 4, 11]] = np.nan
    return line(source)


@edit("lists become arrays")
def _(after: bool) -> Model:
    p = plot()
    values = [3, 1, 2, 5, 4]
    p.line([0, 1, 2, 3, 4], np.array(values) * 2 if after else values)
    return p


@edit("whole numbers become floats", visible=False)
def _(after: bool) -> Model:
    p = plot()
    values = np.array([3, 1, 2, 5, 4])
    p.line([0, 1, 2, 3, 4], values.astype(float) if after else values)
    return p


@edit("a column of booleans is changed")
def _(after: bool) -> Model:
    p = plot()
    flags = np.arange(20) % (3 if after else 2) == 0
    p.scatter("x", "flag", source=wave(flag=flags), size=8)
    return p


@edit("dates are appended")
def _(after: bool) -> Model:
    p = plot(x_axis_type="datetime")
    days = [datetime(2026, 1, 1) + timedelta(days=day) for day in range(14 if after else 10)]
    p.line(days, [day.day % 5 for day in days])
    return p


@edit("dates of numpy slide")
def _(after: bool) -> Model:
    p = plot(x_axis_type="datetime")
    start = np.datetime64("2026-01-01T00:00") + np.timedelta64(3 if after else 0, "h")
    p.scatter(start + np.arange(24) * np.timedelta64(1, "h"), np.sqrt(np.arange(24)), size=6)
    return p


@edit("some of several texts are changed")
def _(after: bool) -> Model:
    p = plot()
    words = ["pears", "plums", "figs" if after else "limes"]
    p.text([1, 2, 3], [1, 2, 3], text=words, text_align="center")
    return p


@edit("series get more points each")
def _(after: bool) -> Model:
    p = plot()
    count = 6 if after else 4
    xs = [[*range(count)], [0, 1, 2]]
    p.multi_line(xs, [[x % 3 for x in xs[0]], [2, 4, 3]], color=["teal", "crimson"], line_width=2)
    return p


@edit("series of numpy arrays are changed")
def _(after: bool) -> Model:
    p = plot()
    x = np.linspace(0, 6, 40)
    p.multi_line([x, x, x], [np.sin(x + n * (2 if after else 1)) for n in range(3)])
    return p


@edit("a patch gets a hole")
def _(after: bool) -> Model:
    p = plot()
    outer, inner = [0, 4, 4, 0], [1, 1, 2, 2]
    xs = [[[outer, inner] if after else [outer]]]
    ys = [[[[0, 0, 4, 4], [1, 2, 2, 1]] if after else [[0, 0, 4, 4]]]]
    p.multi_polygons(xs, ys, color="teal")
    return p


@edit("one of several patches is moved")
def _(after: bool) -> Model:
    p = plot()
    shift = 1 if after else 0
    p.patches([[1, 2, 3], [4 + shift, 5 + shift, 6 + shift]], [[1, 3, 1], [2, 4, 2]], fill_alpha=0.5)
    return p


# How glyphs look


@edit("a line's colour is changed")
def _(after: bool) -> Model:
    p = plot()
    p.line("x", "y", source=wave(), line_color="crimson" if after else "teal", line_width=3)
    return p


@edit("a line is dashed and thicker")
def _(after: bool) -> Model:
    p = plot()
    p.line("x", "y", source=wave(), line_dash="dashed" if after else "solid", line_width=4 if after else 1)
    return p


@edit("a marker is changed")
def _(after: bool) -> Model:
    p = plot()
    p.scatter("x", "y", source=wave(), marker="triangle" if after else "circle", size=9)
    return p


@edit("a size becomes a column")
def _(after: bool) -> Model:
    p = plot()
    p.scatter("x", "y", source=wave(size=np.arange(20) + 3), size="size" if after else 9)
    return p


@edit("a colour column becomes one colour")
def _(after: bool) -> Model:
    p = plot()
    p.scatter("x", "y", source=wave(c=["red", "gold"] * 10), color="navy" if after else "c", size=9)
    return p


@edit("a fill gets hatched")
def _(after: bool) -> Model:
    p = plot()
    p.vbar([1, 2, 3], top=[3, 1, 2], width=0.8, fill_alpha=0.4, hatch_pattern="/" if after else None)
    return p


@edit("an alpha is changed")
def _(after: bool) -> Model:
    p = plot()
    p.scatter("x", "y", source=wave(), size=20, alpha=0.2 if after else 0.9)
    return p


@edit("how the unselected look is changed", visible=False)
def _(after: bool) -> Model:
    p = plot(tools="pan,tap,reset")
    p.scatter("x", "y", source=wave(), size=9, nonselection_alpha=0.5 if after else 0.1)
    return p


@edit("a selection that the author made is changed")
def _(after: bool) -> Model:
    source = wave()
    source.selected.indices = [3, 4] if after else [10]
    return dots(source)


# Kinds of glyphs


@edit("a line becomes steps")
def _(after: bool) -> Model:
    p = plot()
    (p.step if after else p.line)("x", "y", source=wave())
    return p


@edit("a line becomes dots")
def _(after: bool) -> Model:
    return dots() if after else line()


@edit("a line becomes bars")
def _(after: bool) -> Model:
    p = plot()
    if after:
        p.vbar(x="x", top="y", width=0.7, source=wave())
    else:
        p.line("x", "y", source=wave())
    return p


@edit("a renderer gets another glyph")
def _(after: bool) -> Model:
    p = dots()
    if after:
        p.renderers[0].glyph = Scatter(x="x", y="z", marker="square", size=7, fill_color="crimson")
    return p


@edit("steps change their mode")
def _(after: bool) -> Model:
    p = plot()
    p.step("x", "y", source=wave(), mode="after" if after else "center")
    return p


@edit("an area is drawn to another line")
def _(after: bool) -> Model:
    p = plot()
    p.varea("x", y1="y", y2="z" if after else "zero", source=wave(zero=np.zeros(20)), alpha=0.6)
    return p


@edit("bars get narrower and taller")
def _(after: bool) -> Model:
    p = plot()
    p.vbar(x=[1, 2, 3], top=[5, 2, 4] if after else [3, 1, 2], width=0.4 if after else 0.9)
    return p


@edit("bars lie down")
def _(after: bool) -> Model:
    p = plot()
    if after:
        p.hbar(y=[1, 2, 3], right=[3, 1, 2], height=0.8)
    else:
        p.vbar(x=[1, 2, 3], top=[3, 1, 2], width=0.8)
    return p


@edit("a histogram gets more bins")
def _(after: bool) -> Model:
    p = plot()
    values = np.random.default_rng(1).normal(size=500)
    heights, edges = np.histogram(values, bins=30 if after else 10, range=(-4, 4))
    p.quad(left=edges[:-1], right=edges[1:], bottom=0, top=heights, line_color="white")
    return p


@edit("a piece of a pie gets larger")
def _(after: bool) -> Model:
    p = plot(match_aspect=True)
    share = 2.5 if after else 1.0
    p.wedge(0, 0, radius=1, start_angle=[0, share], end_angle=[share, 6.28], color=["teal", "gold"])
    return p


@edit("a pie becomes a ring")
def _(after: bool) -> Model:
    p = plot(x_range=(-1.5, 1.5), y_range=(-1.2, 1.2))
    angles = {"start_angle": [0, 2], "end_angle": [2, 6.28], "color": ["teal", "gold"]}
    if after:
        p.annular_wedge(0, 0, inner_radius=0.4, outer_radius=1, **angles)
    else:
        p.wedge(0, 0, radius=1, **angles)
    return p


@edit("hexagons are counted again")
def _(after: bool) -> Model:
    p = plot(match_aspect=True)
    x, y = np.random.default_rng(2).normal(size=(2, 300))
    p.hexbin(x, y, size=0.5 if after else 0.3)
    return p


@edit("texts are turned and larger")
def _(after: bool) -> Model:
    p = plot(x_range=(0, 4), y_range=(0, 4))
    angle, size = (0.5, "20px") if after else (0, "13px")
    p.text([1, 2, 3], [1, 2, 3], text=["one", "two", "three"], angle=angle, text_font_size=size)
    return p


@edit("rectangles are turned")
def _(after: bool) -> Model:
    p = plot()
    p.rect([1, 2, 3], [1, 3, 2], width=0.6, height=0.9, angle=0.6 if after else 0)
    return p


@edit("segments become rays")
def _(after: bool) -> Model:
    p = plot(x_range=(0, 5), y_range=(0, 5))
    if after:
        p.ray([1, 2], [1, 2], length=2, angle=[0.3, 1.2], line_width=3)
    else:
        p.segment([1, 2], [1, 2], [3, 4], [2, 4], line_width=3)
    return p


@edit("an image gets other values")
def _(after: bool) -> Model:
    p = plot()
    x, y = np.meshgrid(np.linspace(0, 3, 30), np.linspace(0, 3, 20))
    p.image(image=[np.sin(x * (2 if after else 1)) * y], x=0, y=0, dw=3, dh=3, palette="Viridis256")
    return p


@edit("an image gets another palette")
def _(after: bool) -> Model:
    p = plot()
    values = np.arange(48.0).reshape(6, 8)
    p.image(image=[values], x=0, y=0, dw=8, dh=6, palette="Inferno256" if after else "Greys256")
    return p


@edit("an image gets finer and wider")
def _(after: bool) -> Model:
    p = plot()
    rows, columns = (12, 30) if after else (6, 8)
    values = np.arange(float(rows * columns)).reshape(rows, columns)
    p.image(image=[values], x=0, y=0, dw=columns, dh=6, palette="Viridis256")
    return p


@edit("an image of colours is changed")
def _(after: bool) -> Model:
    p = plot()
    pixels = np.zeros((10, 10), dtype=np.uint32)
    view = pixels.view(np.uint8).reshape(10, 10, 4)
    view[..., 0 if after else 2] = np.arange(10) * 25
    view[..., 3] = 255
    p.image_rgba(image=[pixels], x=0, y=0, dw=10, dh=10)
    return p


# Renderers


@edit("a line is added over the same data")
def _(after: bool) -> Model:
    source = wave()
    p = line(source)
    if after:
        p.line("x", "z", source=source, color="crimson")
    return p


@edit("dots of their own data are added")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.scatter([2, 8, 14], [1.5, 2.5, 2], size=15, color="gold")
    return p


@edit("a line is put in front of others")
def _(after: bool) -> Model:
    p = plot()
    if after:
        p.varea("x", y1=0, y2="z", source=wave(), color="lightgrey")
    p.line("x", "y", source=wave(), line_width=5)
    p.scatter("x", "y", source=wave(), size=8, color="crimson")
    return p


@edit("the first of three is removed")
def _(after: bool) -> Model:
    p = plot()
    for number, color in list(enumerate(["teal", "crimson", "gold"]))[1 if after else 0 :]:
        p.line([0, 1, 2], [number, number + 1, number], color=color, line_width=4)
    return p


@edit("the last of three is removed")
def _(after: bool) -> Model:
    p = plot()
    for number, color in list(enumerate(["teal", "crimson", "gold"]))[: 2 if after else 3]:
        p.line([0, 1, 2], [number, number + 1, number], color=color, line_width=4)
    return p


@edit("the order of two is turned")
def _(after: bool) -> Model:
    p = plot()
    source = wave()
    draw = [partial(p.line, "x", "y", line_width=7), partial(p.scatter, "x", "y", size=12, color="gold")]
    for each in reversed(draw) if after else draw:
        each(source=source)
    return p


@edit("a renderer gets a level of its own")
def _(after: bool) -> Model:
    p = line()
    dots = p.scatter("x", "y", source=wave(), size=12, color="gold")
    dots.level = "underlay" if after else "glyph"
    return p


@edit("a renderer is hidden")
def _(after: bool) -> Model:
    p = line()
    p.scatter("x", "z", source=wave(), size=9, color="crimson", visible=not after)
    return p


@edit("a renderer gets another source")
def _(after: bool) -> Model:
    p = line()
    if after:
        x = np.arange(9.0)
        p.renderers[0].data_source = ColumnDataSource({"x": x, "y": x**2})
    return p


@edit("a shared source becomes two")
def _(after: bool) -> Model:
    source = wave()
    p = line(source)
    p.scatter("x", "y", source=wave(10) if after else source, size=9, color="crimson")
    return p


@edit("two sources become one")
def _(after: bool) -> Model:
    source = wave()
    p = line(source)
    p.scatter("x", "y", source=source if after else wave(10), size=9, color="crimson")
    return p


# Axes and scales


@edit("an axis becomes logarithmic", pan="x")
def _(after: bool) -> Model:
    p = plot(y_axis_type="log" if after else "linear")
    p.line([1, 2, 3, 4], [1, 10, 100, 1000], line_width=2)
    return p


def frame(kind: str, title: str, **columns: Any) -> figure:
    """Make a plot of a data source like that of pandas, with an index."""
    p = plot(title=title)
    source = ColumnDataSource({"index": np.arange(12), **columns})
    getattr(p, kind)(*columns, source=source)
    return p


@edit("a frame of quite other things takes the place of one", pan="lost")
def _(after: bool) -> Model:
    if after:
        return frame("scatter", "Patients", age=np.arange(20, 80, 5), height=np.linspace(150, 190, 12))
    return frame("line", "Sales", month=np.arange(1, 13), sales=np.arange(12) * 10.0)


@edit("a line becomes a pie of the same name", pan="lost")
def _(after: bool) -> Model:
    if not after:
        return frame("line", "Sales", month=np.arange(100, 112), sales=np.arange(12) * 10.0)
    p = plot(title="Sales")
    source = ColumnDataSource({"part": [1.0, 2.0, 3.2], "color": ["teal", "gold", "crimson"]})
    angles = {"start_angle": cumsum("part", include_zero=True), "end_angle": cumsum("part")}
    p.wedge(0, 1, radius=0.4, **angles, color="color", source=source)
    return p


def shares(*values: float) -> figure:
    """Make a pie chart like Bokeh's gallery: whole columns for angles, colours and the legend's labels."""
    p = plot(title="Sales")
    fruits = ["figs", "plums", "pears", "limes"][: len(values)]
    angle = np.array(values) / sum(values) * 2 * np.pi
    colors = ["teal", "purple", "olive", "gold"][: len(values)]
    source = ColumnDataSource({"fruit": fruits, "angle": angle, "color": colors})
    angles = {"start_angle": cumsum("angle", include_zero=True), "end_angle": cumsum("angle")}
    p.wedge(0, 1, radius=0.4, **angles, color="color", legend_field="fruit", source=source)
    return p


@edit("a line becomes a pie with a legend", pan="lost")
def _(after: bool) -> Model:
    p = plot(title="Sales")
    p.line("x", "y", source=ColumnDataSource({"x": np.arange(12), "y": np.arange(12) * 10.0}))
    return shares(3, 2, 4) if after else p


@edit("a pie with a legend becomes a line", pan="lost")
def _(after: bool) -> Model:
    p = plot(title="Sales")
    p.line("x", "y", source=ColumnDataSource({"x": np.arange(12), "y": np.arange(12) * 10.0}))
    return p if after else shares(3, 2, 4)


@edit("a pie with a legend gets another piece")
def _(after: bool) -> Model:
    return shares(3, 2, 4, 1) if after else shares(3, 2, 4)


@edit("an image becomes its contours")
def _(after: bool) -> Model:
    p = plot(x_range=(0, 10), y_range=(0, 10))
    if after:
        low, sides = np.array([0.0, 5, 5, 0]), np.array([0.0, 0, 10, 10])
        p.multi_polygons([[[low]], [[low + 5]]], [[[sides]], [[sides]]], color=["teal", "gold"])
    else:
        p.image([np.add.outer(np.arange(8.0), np.arange(8.0))], x=0, y=0, dw=10, dh=10)
    return p


@edit("both axes become logarithmic", pan="lost")
def _(after: bool) -> Model:
    kind = "log" if after else "linear"
    p = plot(x_axis_type=kind, y_axis_type=kind)
    p.scatter([1, 10, 100], [1, 10, 100], size=9)
    return p


@edit("a logarithmic axis becomes linear", pan="x")
def _(after: bool) -> Model:
    p = plot(y_axis_type="linear" if after else "log")
    p.line([1, 2, 3, 4], [1, 10, 100, 1000], line_width=2)
    return p


@edit("a linear axis becomes one of dates", pan="y")
def _(after: bool) -> Model:
    p = plot(x_axis_type="datetime" if after else "linear")
    p.line(np.arange(5) * 86_400_000.0, [3, 1, 2, 5, 4])
    return p


@edit("numbers become categories", pan="y")
def _(after: bool) -> Model:
    months = ["May", "June", "July"]
    p = plot(x_range=months) if after else plot()
    p.vbar(months if after else [1, 2, 3], top=[3, 1, 2], width=0.8)
    return p


@edit("an axis goes to the right")
def _(after: bool) -> Model:
    return line(y_axis_location="right" if after else "left")


@edit("an axis is hidden")
def _(after: bool) -> Model:
    p = line()
    p.yaxis.visible = not after
    return p


@edit("an axis is removed")
def _(after: bool) -> Model:
    p = line(y_axis_label="euros")
    if after:
        p.left = []
    return p


@edit("a second axis is laid above")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.add_layout(LinearAxis(axis_label="the same"), "above")
    return p


@edit("a twin axis is added")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.extra_y_ranges = {"rain": Range1d(0, 400)}
        p.add_layout(LinearAxis(y_range_name="rain", axis_label="rain"), "right")
        p.scatter([2, 9, 15], [100, 350, 200], y_range_name="rain", size=9, color="crimson")
    return p


@edit("a twin axis is removed")
def _(after: bool) -> Model:
    p = line()
    if not after:
        p.extra_y_ranges = {"rain": Range1d(0, 400)}
        p.add_layout(LinearAxis(y_range_name="rain"), "right")
        p.scatter([2, 9, 15], [100, 350, 200], y_range_name="rain", size=9, color="crimson")
    return p


@edit("a twin axis gets another range")
def _(after: bool) -> Model:
    p = line()
    p.extra_y_ranges = {"rain": Range1d(0, 900 if after else 400)}
    p.add_layout(LinearAxis(y_range_name="rain"), "right")
    p.scatter([2, 9, 15], [100, 350, 200], y_range_name="rain", size=9, color="crimson")
    return p


@edit("a twin axis becomes logarithmic")
def _(after: bool) -> Model:
    p = line()
    p.extra_y_ranges = {"rain": DataRange1d(start=10, end=1000)}
    if after:
        p.extra_y_scales = {"rain": LogScale()}
    p.add_layout((LogAxis if after else LinearAxis)(y_range_name="rain"), "right")
    p.scatter([2, 9, 15], [20, 350, 200], y_range_name="rain", size=9, color="crimson")
    return p


@edit("ticks are at places of the author's")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.xaxis.ticker = [0, 5, 18]
    return p


@edit("there are more ticks")
def _(after: bool) -> Model:
    p = line()
    p.yaxis.ticker = BasicTicker(desired_num_ticks=12 if after else 4)
    return p


@edit("ticks get names")
def _(after: bool) -> Model:
    p = line()
    p.xaxis.major_label_overrides = {0: "start", 10: "half"} if after else {0: "begin"}
    return p


@edit("ticks are formatted as money")
def _(after: bool) -> Model:
    p = line()
    p.yaxis.formatter = NumeralTickFormatter(format="$0.00" if after else "0.0")
    return p


@edit("ticks are formatted by JavaScript")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.yaxis.formatter = CustomJSTickFormatter(code="return `${tick.toFixed(1)} kg`")
    return p


@edit("JavaScript that formats ticks is changed")
def _(after: bool) -> Model:
    p = line()
    unit = "kg" if after else "pounds"
    p.yaxis.formatter = CustomJSTickFormatter(args={"unit": unit}, code="return `${tick.toFixed(1)} ${unit}`")
    return p


@edit("dates are formatted otherwise")
def _(after: bool) -> Model:
    p = plot(x_axis_type="datetime")
    p.line([datetime(2026, 1, day) for day in range(1, 20)], np.arange(19) % 4)
    p.xaxis.formatter = DatetimeTickFormatter(days="%a %d" if after else "%d/%m")
    return p


@edit("tick labels are turned")
def _(after: bool) -> Model:
    p = line()
    p.xaxis.major_label_orientation = 0.9 if after else "horizontal"
    return p


@edit("tick labels are larger and ticks gone")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.axis.major_label_text_font_size = "16px"
        p.axis.minor_tick_line_color = None
        p.axis.major_tick_in = 10
    return p


# Ranges


@edit("a fixed range is changed", pan="y")
def _(after: bool) -> Model:
    return line(x_range=(0, 30) if after else (0, 20))


@edit("both fixed ranges are changed", pan="lost")
def _(after: bool) -> Model:
    return line(x_range=(5, 15) if after else (0, 20), y_range=(0, 4) if after else (1, 3))


@edit("a fixed range is turned around", pan="x")
def _(after: bool) -> Model:
    return line(x_range=(0, 20), y_range=(4, 0) if after else (0, 4))


@edit("a range gets fixed", pan="y")
def _(after: bool) -> Model:
    return line(**({"x_range": (0, 40)} if after else {}))


@edit("a range follows the data again", pan="x")
def _(after: bool) -> Model:
    return line(**({} if after else {"y_range": (0, 10)}))


@edit("a range that follows the data starts at nought", pan="x")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.y_range.start = 0
    return p


@edit("a range that follows the data is an object of the author's", visible=False)
def _(after: bool) -> Model:
    return line(**({"x_range": DataRange1d(), "y_range": DataRange1d()} if after else {}))


@edit("a range that follows the data gets more room", pan="x")
def _(after: bool) -> Model:
    p = line()
    p.y_range.range_padding = 0.8 if after else 0.1
    return p


@edit("a range that follows the data is flipped", pan="x")
def _(after: bool) -> Model:
    p = line()
    p.y_range.flipped = after
    return p


@edit("data change under fixed ranges")
def _(after: bool) -> Model:
    return dots(wave(20, 2 if after else 0), x_range=(0, 20), y_range=(0, 4))


@edit("both directions get the same scale")
def _(after: bool) -> Model:
    return dots(match_aspect=after)


@edit("a category is added", pan="y")
def _(after: bool) -> Model:
    fruits = ["figs", "pears", "plums", "quinces"][: 4 if after else 3]
    p = plot(x_range=fruits)
    p.vbar(fruits, top=[3, 1, 2, 4][: len(fruits)], width=0.8)
    return p


@edit("categories are sorted", pan="y")
def _(after: bool) -> Model:
    fruits = ["figs", "pears", "plums"]
    p = plot(x_range=fruits[::-1] if after else fruits)
    p.vbar(fruits, top=[3, 1, 2], width=0.8)
    return p


@edit("a category's bar is changed")
def _(after: bool) -> Model:
    fruits = ["figs", "pears", "plums"]
    p = plot(x_range=fruits)
    p.vbar(fruits, top=[3, 4 if after else 1, 2], width=0.8)
    return p


@edit("categories get subgroups", pan="y")
def _(after: bool) -> Model:
    years = [("figs", "25"), ("figs", "26"), ("plums", "25"), ("plums", "26")]
    factors = years if after else ["figs", "plums"]
    p = plot(x_range=FactorRange(*factors))
    p.vbar(factors, top=[3, 1, 2, 4][: len(factors)], width=0.8)
    return p


@edit("bars of subgroups are changed")
def _(after: bool) -> Model:
    factors = [("figs", "25"), ("figs", "26"), ("plums", "25"), ("plums", "26")]
    p = plot(x_range=FactorRange(*factors))
    p.vbar(factors, top=[1, 3, 2, 2] if after else [3, 1, 2, 4], width=0.8, color="teal")
    return p


@edit("groups get more room between them", pan="y")
def _(after: bool) -> Model:
    factors = [("figs", "25"), ("figs", "26"), ("plums", "25"), ("plums", "26")]
    p = plot(x_range=FactorRange(*factors, group_padding=3 if after else 1))
    p.vbar(factors, top=[3, 1, 2, 4], width=0.8)
    return p


# Tools


@edit("a hover tool is added")
def _(after: bool) -> Model:
    return dots(tools="pan,wheel_zoom,reset,hover" if after else "pan,wheel_zoom,reset")


@edit("what the hover tool shows is changed", visible=False)
def _(after: bool) -> Model:
    tooltips = [("day", "@x"), ("euros", "@y{0.00}")] if after else [("day", "@x")]
    return dots(tools="pan,wheel_zoom,reset,hover", tooltips=tooltips)


@edit("tools are removed")
def _(after: bool) -> Model:
    return line(tools="pan,reset" if after else "pan,box_zoom,wheel_zoom,save,reset")


@edit("tools for selecting are added in front")
def _(after: bool) -> Model:
    tools = "pan,reset"
    return dots(tools=f"box_select,tap,{tools}" if after else tools, active_drag="pan")


@edit("another tool is active")
def _(after: bool) -> Model:
    return line(tools="pan,box_zoom,reset", active_drag="box_zoom" if after else "pan")


@edit("the toolbar goes above")
def _(after: bool) -> Model:
    return line(toolbar_location="above" if after else "right")


@edit("the toolbar is gone")
def _(after: bool) -> Model:
    return line(toolbar_location=None if after else "right")


@edit("the toolbar has no logo")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.toolbar.logo = None
    return p


@edit("an overview with a range tool gets more rows")
def _(after: bool) -> Model:
    source = wave(60 if after else 40)
    p = line(source, x_range=(5, 20), height=180, tags=["main"])
    overview = plot(height=90, y_range=p.y_range, tools="", toolbar_location=None)
    overview.line("x", "y", source=source)
    overview.add_tools(RangeTool(x_range=p.x_range))
    return column(p, overview)


@edit("an overview with a range tool is added")
def _(after: bool) -> Model:
    source = wave(40)
    p = line(source, x_range=(5, 20), height=180, tags=["main"])
    overview = plot(height=90, y_range=p.y_range, tools="", toolbar_location=None)
    overview.line("x", "y", source=source)
    if after:
        overview.add_tools(RangeTool(x_range=p.x_range))
    return column(p, overview)


@edit("what a range tool shows is another part", pan="y")
def _(after: bool) -> Model:
    p = line(wave(40), x_range=(12, 30) if after else (5, 20), height=180, tags=["main"])
    overview = plot(height=90, y_range=p.y_range, tools="", toolbar_location=None)
    overview.line("x", "y", source=wave(40))
    overview.add_tools(RangeTool(x_range=p.x_range))
    return column(p, overview)


@edit("what a range tool lays over is coloured")
def _(after: bool) -> Model:
    p = line(wave(40), x_range=(5, 20), height=180, tags=["main"])
    overview = plot(height=90, y_range=p.y_range, tools="", toolbar_location=None)
    overview.line("x", "y", source=wave(40))
    tool = RangeTool(x_range=p.x_range)
    tool.overlay.fill_color = "crimson" if after else "navy"
    overview.add_tools(tool)
    return column(p, overview)


# Legends


def two_lines(*names: str | None, **options: Any) -> figure:
    p = plot(**options)
    for name, column_name, color in zip(names, "yz", ("teal", "crimson"), strict=False):
        label = {"legend_label": name} if name else {}
        p.line("x", column_name, source=wave(), color=color, **label)
    return p


@edit("a legend is added")
def _(after: bool) -> Model:
    return two_lines("sales", "costs") if after else two_lines(None, None)


@edit("a legend is removed")
def _(after: bool) -> Model:
    return two_lines(None, None) if after else two_lines("sales", "costs")


@edit("a legend's item is renamed")
def _(after: bool) -> Model:
    return two_lines("sales", "all costs" if after else "costs")


@edit("a legend's item is removed, its line stays")
def _(after: bool) -> Model:
    return two_lines(None if after else "sales", "costs")


@edit("a line goes with its legend's item")
def _(after: bool) -> Model:
    return two_lines("sales") if after else two_lines("sales", "costs")


@edit("a legend is moved to another corner")
def _(after: bool) -> Model:
    p = two_lines("sales", "costs")
    p.legend.location = "bottom_left" if after else "top_right"
    return p


@edit("a legend goes outside")
def _(after: bool) -> Model:
    p = two_lines("sales", "costs")
    if after:
        p.add_layout(p.legend[0], "right")
    return p


@edit("a legend outside is made by hand")
def _(after: bool) -> Model:
    p = two_lines(None, None)
    lines = p.renderers if after else p.renderers[:1]
    p.add_layout(Legend(items=[(f"line {n}", [each]) for n, each in enumerate(lines)]), "below")
    return p


@edit("a click on a legend hides", visible=False)
def _(after: bool) -> Model:
    p = two_lines("sales", "costs")
    p.legend.click_policy = "hide" if after else "none"
    return p


@edit("a legend lies flat and has a title")
def _(after: bool) -> Model:
    p = two_lines("sales", "costs")
    p.legend.orientation = "horizontal" if after else "vertical"
    p.legend.title = "euros" if after else None
    return p


@edit("a legend's groups come from other data")
def _(after: bool) -> Model:
    p = plot()
    kinds = ["figs", "plums", "pears" if after else "figs"]
    colors = [{"figs": "teal", "plums": "purple", "pears": "olive"}[kind] for kind in kinds]
    source = ColumnDataSource({"x": [1, 2, 3], "y": [3, 1, 2], "kind": kinds, "color": colors})
    p.scatter("x", "y", source=source, size=12, color="color", legend_group="kind")
    return p


def fruits(legend: str | None, *, size: int = 12, count: int = 4, **columns: Any) -> figure:
    """Make a plot with a legend that takes its labels from a column."""
    p = plot()
    x = np.arange(count)
    names = ["figs", "plums", "figs", "pears", "limes"][:count]
    source = ColumnDataSource({"x": x, "y": x % 3, "fruit": names, **columns})
    labels = {} if legend is None else {"legend_field": legend}
    p.scatter("x", "y", source=source, size=size, color=factor_cmap("fruit", "Dark2_4", FRUITS), **labels)
    return p


FRUITS = ["figs", "plums", "pears", "limes"]
TOWNS = ["Graz", "Linz", "Graz", "Wels"]


@edit("a legend by a column is added")
def _(after: bool) -> Model:
    return fruits("fruit" if after else None)


@edit("a legend by a column is added with the column")
def _(after: bool) -> Model:
    return fruits("town", town=TOWNS) if after else fruits(None)


@edit("a legend by a column goes by another one, that is new")
def _(after: bool) -> Model:
    return fruits("town", town=TOWNS) if after else fruits("fruit")


@edit("a legend's column goes with the legend")
def _(after: bool) -> Model:
    return fruits("fruit") if after else fruits("town", town=TOWNS)


@edit("rows are appended to a legend's column")
def _(after: bool) -> Model:
    return fruits("fruit", count=5 if after else 4)


@edit("a legend's column has other labels")
def _(after: bool) -> Model:
    return fruits("town", town=TOWNS[::-1] if after else TOWNS)


@edit("dots with a legend by a column get larger")
def _(after: bool) -> Model:
    return fruits("fruit", size=16 if after else 12)


# Colour mappers


@edit("categories get another palette")
def _(after: bool) -> Model:
    fruits = ["figs", "pears", "plums"]
    p = plot(x_range=fruits)
    palette = ["navy", "gold", "grey"] if after else ["teal", "olive", "purple"]
    source = ColumnDataSource({"x": fruits, "top": [3, 1, 2]})
    p.vbar("x", top="top", width=0.8, source=source, color=factor_cmap("x", palette, fruits))
    return p


@edit("a colour mapper's field is changed")
def _(after: bool) -> Model:
    p = plot()
    color = linear_cmap("z" if after else "y", "Viridis256", low=1, high=3)
    p.scatter("x", "y", source=wave(), size=12, color=color)
    return p


@edit("a colour mapper's limits are changed")
def _(after: bool) -> Model:
    p = plot()
    color = linear_cmap("y", "Viridis256", low=0 if after else 1, high=3)
    p.add_layout(ColorBar(color_mapper=color["transform"], width=8), "right")
    p.scatter("x", "y", source=wave(), size=12, color=color)
    return p


@edit("a colour bar is added")
def _(after: bool) -> Model:
    p = plot()
    color = linear_cmap("y", "Viridis256", low=1, high=3)
    dots = p.scatter("x", "y", source=wave(), size=12, color=color)
    if after:
        p.add_layout(dots.construct_color_bar(width=8, title="y"), "right")
    return p


@edit("a colour bar's title is changed")
def _(after: bool) -> Model:
    p = plot()
    color = linear_cmap("y", "Viridis256", low=1, high=3)
    p.scatter("x", "y", source=wave(), size=12, color=color)
    title = "thousands" if after else "euros"
    p.add_layout(ColorBar(color_mapper=color["transform"], title=title, width=8), "right")
    return p


@edit("a colour mapper becomes logarithmic")
def _(after: bool) -> Model:
    p = plot()
    values = np.arange(1.0, 49).reshape(6, 8) ** 2
    mapper = (LogColorMapper if after else LinearColorMapper)(palette="Viridis256", low=1, high=2304)
    p.image(image=[values], x=0, y=0, dw=8, dh=6, color_mapper=mapper)
    p.add_layout(ColorBar(color_mapper=mapper, width=8), "right")
    return p


@edit("a mapper that follows the data gets other data")
def _(after: bool) -> Model:
    p = plot()
    source = wave(value=np.arange(20.0) ** (3 if after else 1))
    color = linear_cmap("value", "Inferno256", low=None, high=None)
    dots = p.scatter("x", "y", source=source, size=12, color=color)
    p.add_layout(dots.construct_color_bar(width=8), "right")
    return p


# Transforms and expressions


@edit("bars that are dodged stand closer")
def _(after: bool) -> Model:
    fruits = ["figs", "pears", "plums"]
    source = ColumnDataSource({"fruit": fruits, "then": [3, 1, 2], "now": [2, 2, 4]})
    p = plot(x_range=fruits, y_range=(0, 5))
    for name, shift, color in (("then", -0.2, "teal"), ("now", 0.1 if after else 0.25, "crimson")):
        x = dodge("fruit", shift, range=p.x_range)
        p.vbar(x, top=name, width=0.2, source=source, color=color)
    return p


@edit("a stack gets one layer more")
def _(after: bool) -> Model:
    fruits = ["figs", "pears", "plums"]
    layers = {"a": [3, 1, 2], "b": [1, 2, 1], "c": [2, 2, 2]}
    names = list(layers)[: 3 if after else 2]
    p = plot(x_range=fruits)
    source = ColumnDataSource({"fruit": fruits, **layers})
    p.vbar_stack(names, x="fruit", width=0.8, source=source, color=["teal", "gold", "navy"][: len(names)])
    return p


@edit("stacked areas are in another order")
def _(after: bool) -> Model:
    p = plot()
    names = ["z", "y"] if after else ["y", "z"]
    p.varea_stack(names, x="x", source=wave(), color=["teal", "gold"])
    return p


@edit("pieces that are summed up are changed")
def _(after: bool) -> Model:
    p = plot(x_range=(-1.5, 1.5), y_range=(-1.2, 1.2))
    parts = np.array([1.0, 2, 3 if after else 1])
    source = ColumnDataSource({"angle": parts / parts.sum() * 2 * np.pi, "color": ["teal", "gold", "navy"]})
    start, end = cumsum("angle", include_zero=True), cumsum("angle")
    p.wedge(0, 0, radius=1, start_angle=start, end_angle=end, color="color", source=source)
    return p


@edit("a transform in JavaScript is changed")
def _(after: bool) -> Model:
    p = plot()
    factor = 3 if after else 1
    scaled = CustomJSTransform(
        args={"factor": factor}, v_func="return xs.map((x) => factor * x)", func="return factor * x"
    )
    p.line("x", transform("y", scaled), source=wave())
    return p


# Views


def view(chosen: Any) -> figure:
    p = plot(x_range=(-1, 20), y_range=(0, 4))
    p.scatter("x", "y", source=wave(kind=["a", "b"] * 10), size=9, view=CDSView(filter=chosen))
    return p


@edit("a view shows other rows")
def _(after: bool) -> Model:
    return view(IndexFilter([1, 5, 9] if after else [0, 1, 2, 3]))


@edit("a view shows another group")
def _(after: bool) -> Model:
    return view(GroupFilter(column_name="kind", group="b" if after else "a"))


@edit("a view by truth shows other rows")
def _(after: bool) -> Model:
    return view(BooleanFilter([n % (3 if after else 2) == 0 for n in range(20)]))


@edit("a view by JavaScript is changed")
def _(after: bool) -> Model:
    limit = 2.5 if after else 1.5
    code = "return Array.from(source.data.y, (y) => y > limit)"
    return view(CustomJSFilter(args={"limit": limit}, code=code))


@edit("a view is taken off")
def _(after: bool) -> Model:
    return view(AllIndices() if after else IndexFilter([1, 5, 9]))


@edit("two views become one that is narrower")
def _(after: bool) -> Model:
    both = GroupFilter(column_name="kind", group="a") & IndexFilter([0, 1, 2, 3, 4])
    return view(both if after else GroupFilter(column_name="kind", group="a"))


# Annotations


def wave_within(link_finder: float) -> ColumnDataSource:
    source = wave()
    y = source.data["y"]
    source.data["low"], source.data["high"] = y - link_finder, y + link_finder
    return source


@edit("a span is added")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.add_layout(Span(location=2, dimension="width", line_color="crimson", line_width=3))
    return p


@edit("a span is moved")
def _(after: bool) -> Model:
    p = line()
    p.add_layout(Span(location=1.5 if after else 2, dimension="width", line_color="crimson"))
    return p


@edit("a box is moved")
def _(after: bool) -> Model:
    p = line()
    p.add_layout(BoxAnnotation(left=8 if after else 4, right=12, fill_color="gold", fill_alpha=0.4))
    return p


@edit("a box gets open ends")
def _(after: bool) -> Model:
    p = line()
    top = {} if after else {"top": 2}
    p.add_layout(BoxAnnotation(left=4, right=12, fill_color="gold", fill_alpha=0.4, **top))
    return p


@edit("a label says something else")
def _(after: bool) -> Model:
    p = line()
    p.add_layout(Label(x=5, y=2, text="summer" if after else "spring"))
    return p


@edit("a label is moved and on a ground")
def _(after: bool) -> Model:
    p = line()
    options = {"background_fill_color": "gold", "angle": 0.3} if after else {}
    p.add_layout(Label(x=9 if after else 2, y=2, text="here", **options))
    return p


@edit("labels of rows are changed")
def _(after: bool) -> Model:
    words = ["one", "two", "four" if after else "three"]
    source = ColumnDataSource({"x": [1, 2, 3], "y": [1, 3, 2], "word": words})
    p = dots(source, x_range=(0, 5), y_range=(0, 4))
    p.add_layout(LabelSet(x="x", y="y", text="word", x_offset=6 if after else 0, source=source))
    return p


@edit("an arrow gets another head")
def _(after: bool) -> Model:
    p = line()
    head = (VeeHead if after else NormalHead)(size=15)
    p.add_layout(Arrow(end=head, x_start=2, y_start=1.5, x_end=12, y_end=2.5))
    return p


@edit("whiskers get longer")
def _(after: bool) -> Model:
    source = wave_within(0.4 if after else 0.2)
    p = dots(source, y_range=(0, 4))
    p.add_layout(Whisker(base="x", lower="low", upper="high", source=source))
    return p


@edit("a band gets wider")
def _(after: bool) -> Model:
    source = wave_within(0.6 if after else 0.2)
    p = line(source, y_range=(0, 4))
    p.add_layout(Band(base="x", lower="low", upper="high", source=source, fill_color="gold", fill_alpha=0.5))
    return p


@edit("a slope is steeper")
def _(after: bool) -> Model:
    p = line()
    p.add_layout(Slope(gradient=0.1 if after else 0.02, y_intercept=1, line_color="crimson", line_width=3))
    return p


@edit("of two annotations the first is removed")
def _(after: bool) -> Model:
    p = line()
    if not after:
        p.add_layout(Span(location=5, dimension="height", line_color="crimson", line_width=3))
    p.add_layout(BoxAnnotation(left=8, right=12, fill_color="gold", fill_alpha=0.4))
    return p


# Figures as a whole


@edit("grounds are coloured")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.background_fill_color, p.border_fill_color = "beige", "lavender"
    return p


@edit("a grid is dotted and banded")
def _(after: bool) -> Model:
    p = line()
    if after:
        p.xgrid.grid_line_color = None
        p.ygrid.grid_line_dash = [2, 6]
        p.ygrid.band_fill_color, p.ygrid.band_fill_alpha = "teal", 0.1
    return p


@edit("an outline is thicker and a border wider")
def _(after: bool) -> Model:
    p = line()
    p.outline_line_width = 6 if after else 1
    p.min_border_left = p.min_border_bottom = 60 if after else 5
    return p


@edit("a figure gets larger")
def _(after: bool) -> Model:
    return line(width=420 if after else 300, height=300 if after else 250)


@edit("a figure takes the width there is")
def _(after: bool) -> Model:
    return line(sizing_mode="stretch_width" if after else None)


@edit("a figure is as wide as it is high")
def _(after: bool) -> Model:
    return line(frame_width=180 if after else 240, frame_height=180 if after else 150)


@edit("a theme is chosen", themes=(None, "dark_minimal"))
def _(after: bool) -> Model:
    return line(title="June")


@edit("a theme is changed", themes=("light_minimal", "night_sky"))
def _(after: bool) -> Model:
    return line(title="June")


@edit("a figure is drawn by WebGL")
def _(after: bool) -> Model:
    return dots(output_backend="webgl" if after else "canvas")


@edit("data that WebGL draws are changed")
def _(after: bool) -> Model:
    return dots(wave(25 if after else 20), output_backend="webgl")


@edit("dots that WebGL draws get another marker and colour")
def _(after: bool) -> Model:
    p = plot(output_backend="webgl")
    marker, color = ("square", "crimson") if after else ("circle", "teal")
    p.scatter("x", "y", source=wave(), marker=marker, color=color, size=9)
    p.line("x", "z", source=wave(), color=color, line_width=3)
    return p


# Graphs


def graph(ends: list[tuple[int, int]], count: int = 6, size: int = 15, turn: float = 0) -> figure:
    p = plot(x_range=(-1.5, 1.5), y_range=(-1.5, 1.5))
    made = GraphRenderer()
    angle = np.arange(count) * 2 * np.pi / count + turn
    places = {n: (float(np.cos(a)), float(np.sin(a))) for n, a in enumerate(angle)}
    made.layout_provider = StaticLayoutProvider(graph_layout=places)
    made.node_renderer.data_source.data = {"index": [*range(count)]}
    made.node_renderer.glyph = Scatter(size=size, fill_color="teal")
    made.edge_renderer.data_source.data = {"start": [a for a, _ in ends], "end": [b for _, b in ends]}
    p.renderers.append(made)
    return p


@edit("a graph gets an edge")
def _(after: bool) -> Model:
    return graph([(0, 1), (1, 2), (2, 3), *([(0, 3)] if after else [])])


@edit("a graph gets a node")
def _(after: bool) -> Model:
    return graph([(0, 1), (1, 2), (2, 3)], count=7 if after else 6)


@edit("a graph is laid out otherwise")
def _(after: bool) -> Model:
    return graph([(0, 1), (1, 2), (2, 3)], turn=0.4 if after else 0)


@edit("a graph's nodes are larger")
def _(after: bool) -> Model:
    return graph([(0, 1), (1, 2), (2, 3)], size=28 if after else 15)


# Layouts


def named(title: str | None, color: str = "teal", **options: Any) -> figure:
    p = plot(**{"width": 240, "height": 180, "title": title, **options})
    p.line("x", "y", source=wave(), color=color)
    return p


def main(**options: Any) -> figure:
    """Make the figure that is panned, at any position."""
    return named("June", tags=["main"], **options)


@edit("a plot is added behind")
def _(after: bool) -> Model:
    return row(main(), named("July"), *([named("August")] if after else []))


@edit("a plot is put in front of a row")
def _(after: bool) -> Model:
    return row(*([named("May", "crimson")] if after else []), main(), named("July"))


@edit("a plot is removed from a row")
def _(after: bool) -> Model:
    return row(*([] if after else [named("May", "crimson")]), main(), named("July"))


@edit("two plots are swapped")
def _(after: bool) -> Model:
    both = [main(), named("July", "crimson")]
    return row(both[::-1] if after else both)


@edit("a row becomes a column")
def _(after: bool) -> Model:
    return (column if after else row)(main(), named("July", "crimson"))


@edit("a figure comes into a row")
def _(after: bool) -> Model:
    return row(main(), named("July", "crimson")) if after else main()


@edit("one figure of a row changes its title")
def _(after: bool) -> Model:
    return row(main(), named("August" if after else "July"))


@edit("one figure of a row loses its title")
def _(after: bool) -> Model:
    return row(main(), named(None if after else "July"))


@edit("a row gets more room between")
def _(after: bool) -> Model:
    return row(main(), named("July"), spacing=30 if after else 0)


@edit("a row nests in a column")
def _(after: bool) -> Model:
    a, b, c = main(), named("July"), named("August")
    return column(row(a, b), c) if after else row(a, b, c)


@edit("a grid gets a row")
def _(after: bool) -> Model:
    p = main()
    rows = [[p, named("July", x_range=p.x_range)]]
    more = [[named("August", x_range=p.x_range), named("May", "crimson")]]
    return gridplot(rows + more if after else rows)


@edit("a grid's plots are in another order")
def _(after: bool) -> Model:
    p, q, r = main(), named("July", "crimson"), named("August", "gold")
    return gridplot([[q, p], [None, r]] if after else [[p, q], [r, None]])


@edit("data in a grid of linked plots grow")
def _(after: bool) -> Model:
    source = wave(25 if after else 20)
    p = plot(width=240, height=180, tags=["main"])
    p.line("x", "y", source=source)
    q = plot(width=240, height=180, x_range=p.x_range, y_range=p.y_range)
    q.scatter("x", "z", source=source)
    return gridplot([[p, q]])


@edit("two figures get one range")
def _(after: bool) -> Model:
    p = main()
    return row(p, named("July", **({"x_range": p.x_range} if after else {})), spacing=5 if after else 0)


@edit("two figures no longer have one range")
def _(after: bool) -> Model:
    p = main()
    return row(p, dots(wave(9), width=240, height=180, **({} if after else {"x_range": p.x_range})))


@edit("a source that two figures share becomes two")
def _(after: bool) -> Model:
    source = wave()
    p = line(source, width=240, height=180, tags=["main"])
    return row(p, dots(wave(7) if after else source, width=240, height=180))


@edit("a text above a figure is changed")
def _(after: bool) -> Model:
    text = "<b>Sales</b>, second attempt" if after else "<b>Sales</b>"
    return column(Div(text=text), main())


@edit("a text above a figure is added")
def _(after: bool) -> Model:
    return column(*([Div(text="<b>Sales</b>")] if after else []), main())


# Tabs


def tabs(*titles: str, active: int = 0, color: str = "crimson") -> Tabs:
    made = {"June": main(), "July": named("of July", color), "August": named("of August", "gold")}
    panels = [TabPanel(child=made[title.split()[0]], title=title) for title in titles]
    return Tabs(tabs=panels, active=active)


@edit("a tab is renamed")
def _(after: bool) -> Model:
    return tabs("June", "July (new)" if after else "July")


@edit("a tab is removed")
def _(after: bool) -> Model:
    return tabs("June", "August") if after else tabs("June", "July", "August")


@edit("a tab is added")
def _(after: bool) -> Model:
    return tabs("June", "July", "August") if after else tabs("June", "August")


@edit("tabs are in another order", pan="none")
def _(after: bool) -> Model:
    return tabs("August", "June", "July") if after else tabs("June", "July", "August")


@edit("what a hidden tab shows is changed", visible=False)
def _(after: bool) -> Model:
    return tabs("June", "July", color="navy" if after else "crimson")


@edit("another tab is open", pan="none")
def _(after: bool) -> Model:
    return tabs("June", "July", active=1 if after else 0)


# Tables


def table(count: int = 4, *names: str, **options: Any) -> DataTable:
    data = {"fruit": ["figs", "pears", "plums", "quinces", "sloes"][:count]}
    data |= {"count": np.arange(count) * 7, "price": np.arange(count) / 4 + 1}
    columns = [TableColumn(field=name, title=name.title()) for name in names or ("fruit", "count")]
    source = ColumnDataSource(data)
    return DataTable(**{"source": source, "columns": columns, "width": 300, "height": 180, **options})


@edit("a table gets a row", pan="none")
def _(after: bool) -> Model:
    return table(5 if after else 4)


@edit("a table loses rows", pan="none")
def _(after: bool) -> Model:
    return table(2 if after else 4)


@edit("a table's value is changed", pan="none")
def _(after: bool) -> Model:
    made = table()
    made.source.data["count"][2] = 99 if after else 14
    return made


@edit("a table gets a column", pan="none")
def _(after: bool) -> Model:
    return table(4, *(("fruit", "price", "count") if after else ("fruit", "count")))


@edit("a table's columns are in another order", pan="none")
def _(after: bool) -> Model:
    return table(4, *(("count", "fruit") if after else ("fruit", "count")))


@edit("a table's numbers are formatted", pan="none")
def _(after: bool) -> Model:
    made = table(4, "fruit", "price")
    if after:
        made.columns[1].formatter = NumberFormatter(format="$0.00")
    return made


@edit("a table's heading is changed", pan="none")
def _(after: bool) -> Model:
    made = table()
    made.columns[0].title = "Kind" if after else "Fruit"
    return made


@edit("a table has no index and higher rows", pan="none")
def _(after: bool) -> Model:
    return table(index_position=None if after else 0, row_height=35 if after else 25)


@edit("a table beside a figure shares its rows")
def _(after: bool) -> Model:
    source = wave(6 if after else 4)
    columns = [TableColumn(field=name, title=name) for name in "xy"]
    return row(dots(source), DataTable(source=source, columns=columns, width=250, height=200))


# Widgets


@edit("a text is changed", pan="none")
def _(after: bool) -> Model:
    return Div(text="<p>Better <i>than</i> June</p>" if after else "<p>As in June</p>", width=250)


@edit("a text of fixed pitch is changed", pan="none")
def _(after: bool) -> Model:
    return PreText(text="mean 2.5\nmax  7.0" if after else "mean 2.0\nmax  6.5", width=250)


@edit("a text gets mathematics", pan="none")
def _(after: bool) -> Model:
    return Div(text="$$e^x$$ and more" if after else "e to the x", width=250)


@edit("a slider's range is changed", pan="none")
def _(after: bool) -> Model:
    return Slider(title="size", start=0, end=50 if after else 10, value=5, width=250)


@edit("a slider's value is changed", pan="none")
def _(after: bool) -> Model:
    return Slider(title="size", start=0, end=10, value=8 if after else 5, width=250)


@edit("a slider's title and step are changed", pan="none")
def _(after: bool) -> Model:
    title = "weight" if after else "size"
    return Slider(title=title, start=0, end=10, value=5, step=0.5 if after else 1, width=250)


@edit("a slider over two ends is changed", pan="none")
def _(after: bool) -> Model:
    return RangeSlider(
        title="days", start=0, end=40 if after else 30, value=(5, 25 if after else 10), width=250
    )


@edit("a slider that moves a figure in JavaScript is added")
def _(after: bool) -> Model:
    p = main()
    slider = Slider(title="width", start=1, end=9, value=1, width=200)
    slider.js_on_change(
        "value", CustomJS(args={"glyph": p.renderers[0].glyph}, code="glyph.line_width = cb_obj.value")
    )
    return column(p, slider) if after else column(p)


@edit("what a slider does in JavaScript is changed", visible=False)
def _(after: bool) -> Model:
    p = main()
    name = "line_alpha" if after else "line_width"
    slider = Slider(title="line", start=0, end=9, value=1, width=200)
    slider.js_on_change(
        "value", CustomJS(args={"glyph": p.renderers[0].glyph}, code=f"glyph.{name} = cb_obj.value")
    )
    return column(p, slider)


@edit("data under a slider with JavaScript are changed")
def _(after: bool) -> Model:
    source = wave(25 if after else 20)
    p = line(source, width=240, height=180)
    slider = Slider(title="factor", start=1, end=9, value=1, width=200)
    code = "source.data = { ...source.data, y: Array.from(source.data.x, (x) => factor.value * x) }"
    slider.js_on_change("value", CustomJS(args={"source": source, "factor": slider}, code=code))
    return column(slider, p)


@edit("what can be selected is changed", pan="none")
def _(after: bool) -> Model:
    options = ["plums", "pears"] if after else ["figs", "pears", "plums"]
    return Select(title="fruit", options=options, value="pears" if after else "figs", width=200)


@edit("what can be ticked is changed", pan="none")
def _(after: bool) -> Model:
    labels = ["figs", "pears", "plums"] if after else ["figs", "pears"]
    return CheckboxGroup(labels=labels, active=[0, 2] if after else [0])


@edit("a button says something else", pan="none")
def _(after: bool) -> Model:
    return Button(label="Stop" if after else "Go", button_type="danger" if after else "default", width=120)


@edit("buttons of which one is pressed are changed", pan="none")
def _(after: bool) -> Model:
    labels = ["day", "week", "month"] if after else ["day", "week"]
    return RadioButtonGroup(labels=labels, active=2 if after else 0, width=250)


@edit("a field has another text in it", pan="none")
def _(after: bool) -> Model:
    return TextInput(title="name", value="Paul" if after else "Anna", width=200)


@edit("choices that were made are changed", pan="none")
def _(after: bool) -> Model:
    value = ["pears"] if after else ["figs", "plums"]
    return MultiChoice(options=["figs", "pears", "plums"], value=value, width=250)


@edit("a date that was picked is changed", pan="none")
def _(after: bool) -> Model:
    return DatePicker(title="day", value="2026-12-24" if after else "2026-11-22", width=200)


@edit("a widget is added below a figure")
def _(after: bool) -> Model:
    return column(main(), *([Button(label="Go", width=120)] if after else []))


@edit("a widget before a figure is removed")
def _(after: bool) -> Model:
    return column(*([] if after else [Button(label="Go", width=120)]), main())


# BokehJS's reactions to what the author set


def areas(*heights: float) -> GeoJSONDataSource:
    """Make adjacent squares with these heights, which are also their values."""
    squares = [
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[at, 0], [at + 1, 0], [at + 1, height], [at, height], [at, 0]]],
            },
            "properties": {"height": height},
        }
        for at, height in enumerate(heights)
    ]
    return GeoJSONDataSource(geojson=json.dumps({"type": "FeatureCollection", "features": squares}))


def choropleth(source: GeoJSONDataSource) -> figure:
    p = plot()
    color = linear_cmap("height", "Viridis256", 0, 4)
    p.patches("xs", "ys", source=source, fill_color=color, line_color="black")
    return p


@edit("areas of a map have other shapes and values")
def _(after: bool) -> Model:
    return choropleth(areas(3, 2, 4) if after else areas(1, 2, 3))


@edit("a map has more areas and another font")
def _(after: bool) -> Model:
    p = choropleth(areas(1, 2, 3, 4) if after else areas(1, 2))
    p.xaxis.major_label_text_font_size = "16px" if after else "11px"
    return p


@edit("the toolbar of a grid is laid elsewhere")
def _(after: bool) -> Model:
    location = "left" if after else "above"
    return gridplot([[main(), line()]], toolbar_location=location, width=200, height=200)
