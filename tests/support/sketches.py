"""Descriptions of plots, from which tests build them, and the edits that authors make: all by Hypothesis.

A description is short to read when a test fails, and the same one is built twice with different ids.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from itertools import cycle, islice
from typing import Any, TypeAlias

import numpy as np
from bokeh.models import (
    Column,
    ColumnDataSource,
    CustomJS,
    DataTable,
    Div,
    GlyphRenderer,
    Legend,
    LegendItem,
    Line,
    Patch,
    Range1d,
    Row,
    Scatter,
    Slider,
    Span,
    TableColumn,
    TabPanel,
    Tabs,
    Text,
    VBar,
)
from bokeh.plotting import figure
from bokeh.transform import linear_cmap
from hypothesis import strategies as st


class Short:
    """Told by what is not the default."""

    def __repr__(self) -> str:
        values = {each.name: getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]
        defaults = {each.name: each.default for each in fields(self)}  # type: ignore[arg-type]
        said = (f"{name}={value!r}" for name, value in values.items() if value != defaults[name])
        return f"{type(self).__name__}({', '.join(said)})"


@dataclass(frozen=True, repr=False)
class Rows(Short):
    """A column: a list, or an array of `dtype`."""

    values: tuple[Any, ...] = ()
    dtype: str | None = None

    def built(self) -> Any:
        if self.dtype is None:
            return [list(value) if isinstance(value, tuple) else value for value in self.values]
        return np.array(self.values, self.dtype)


Source: TypeAlias = dict[str, Rows]


@dataclass(frozen=True, repr=False)
class Renderer(Short):
    glyph: str = "Line"
    source: int = 0
    """Which of the sketch's sources."""
    x: str = "x"
    y: str = "y"
    color: str | None = "red"
    mapped: bool = False
    """Whether its colours are those of a mapper."""
    label: str | None = None
    name: str | None = None


@dataclass(frozen=True, repr=False)
class Figure(Short):
    renderers: tuple[Renderer, ...] = ()
    title: str | None = ""
    axes: tuple[str, str] = ("linear", "linear")
    ranges: tuple[int | None, int | None] = (None, None)
    """What is shared has a number."""
    more: tuple[tuple[str, Any], ...] = ()
    """Other properties."""
    spans: tuple[float, ...] = ()


@dataclass(frozen=True, repr=False)
class Knob(Short):
    title: str = "t"
    sources: tuple[int, ...] = ()
    """What its script works with."""
    knows_root: bool = False


@dataclass(frozen=True, repr=False)
class Table(Short):
    source: int = 0
    fields: tuple[str, ...] = ("x",)


@dataclass(frozen=True, repr=False)
class Note(Short):
    text: str = "n"


@dataclass(frozen=True, repr=False)
class Layout(Short):
    kind: str = "Row"
    children: tuple[Part, ...] = ()


Part: TypeAlias = Figure | Knob | Table | Note | Layout


@dataclass(frozen=True, repr=False)
class Sketch(Short):
    """One plot."""

    root: Part
    sources: tuple[Source, ...] = field(default=({},))

    def built(self) -> Any:
        return _Builder(self).root()


GLYPHS: dict[str, Callable[..., Any]] = {
    "Line": lambda x, y, color: Line(x=x, y=y, line_color=color),
    "Scatter": lambda x, y, color: Scatter(x=x, y=y, fill_color=color),
    "VBar": lambda x, y, color: VBar(x=x, top=y, width=0.5, fill_color=color),
    "Text": lambda x, y, color: Text(x=x, y=y, text={"value": "here"}, text_color=color),
    "Patch": lambda x, y, color: Patch(x=x, y=y),
}


class _Builder:
    def __init__(self, sketch: Sketch) -> None:
        self._sketch = sketch
        self._sources = [
            ColumnDataSource({name: rows.built() for name, rows in source.items()})
            for source in sketch.sources
        ]
        self._ranges: dict[int, Range1d] = {}
        self._scripts: list[CustomJS] = []

    def root(self) -> Any:
        root = self._part(self._sketch.root)
        for script in self._scripts:
            script.args = {**script.args, "root": root}
        return root

    def _part(self, part: Part) -> Any:
        if isinstance(part, Figure):
            return self._figure(part)
        if isinstance(part, Note):
            return Div(text=part.text)
        if isinstance(part, Table):
            columns = [TableColumn(field=name, title=name) for name in part.fields]
            return DataTable(source=self._source(part.source), columns=columns)
        if isinstance(part, Knob):
            slider = Slider(start=0, end=1, value=0.5, title=part.title)
            args = {f"s{number}": self._source(number) for number in part.sources}
            script = CustomJS(args=args, code="0")
            slider.js_on_change("value", script)
            self._scripts += [script] if part.knows_root else []
            return slider
        children = [self._part(child) for child in part.children]
        if part.kind == "Tabs":
            return Tabs(tabs=[TabPanel(child=each, title=f"t{n}") for n, each in enumerate(children)])
        return {"Row": Row, "Column": Column}[part.kind](children=children)

    def _figure(self, part: Figure) -> Any:
        x_axis, y_axis = part.axes
        p = figure(x_axis_type=x_axis, y_axis_type=y_axis, toolbar_location=None, tools="", **dict(part.more))
        if part.title is None:
            p.title = None
        else:
            p.title.text = part.title
        for side, number in zip("xy", part.ranges, strict=True):
            if number is not None:
                range_ = self._ranges.setdefault(number, Range1d(number, number + 2))
                setattr(p, f"{side}_range", range_)
        items = []
        for each in part.renderers:
            renderer = self._renderer(each)
            p.renderers.append(renderer)
            if each.label is not None:
                items.append(LegendItem(label=each.label, renderers=[renderer]))
        if items:
            p.add_layout(Legend(items=items))
        for location in part.spans:
            p.add_layout(Span(location=location))
        return p

    def _renderer(self, each: Renderer) -> GlyphRenderer:
        mapped = each.mapped and each.glyph in ("Scatter", "VBar", "Text")
        color = linear_cmap(each.y, "Viridis256", 0, 9) if mapped else each.color
        source = self._source(each.source)
        glyph = GLYPHS[each.glyph](each.x, each.y, color)
        return GlyphRenderer(data_source=source, glyph=glyph, name=each.name)

    def _source(self, number: int) -> ColumnDataSource:
        return self._sources[number % len(self._sources)]


# What rows are made of: a list, or an array of a kind.
FLOATS = st.sampled_from([0.5, 1.0, -2.5, 7.25, 1e300, 0.0, -0.0, math.nan, math.inf, -math.inf])
INTS = st.integers(-3, 3) | st.sampled_from([2**31, -(2**40)])
TEXTS = st.sampled_from(["", "a", "b", "ä", '"id":"@@1"', "nan", "\0true"])
DAYS = st.sampled_from(["2026-01-01", "2026-01-02", "1969-12-31", "NaT"])
ITEMS = st.one_of(FLOATS, st.integers(-3, 3), TEXTS, st.booleans(), st.none())
SMALL = st.integers(-3, 3)
KINDS: dict[str | None, st.SearchStrategy[Any]] = {
    "float64": FLOATS,
    "float32": st.sampled_from([0.5, -2.5, math.nan, 0.0]),
    "int64": INTS,
    "int8": SMALL,
    "bool": st.booleans(),
    "str": TEXTS,
    "object": TEXTS,
    "M8[D]": DAYS,
    "deep": st.tuples(FLOATS, FLOATS),
    "floats": FLOATS,
    "ints": INTS,
    "texts": TEXTS,
    "bools": st.booleans(),
    "items": ITEMS,
    "lists": st.lists(SMALL, max_size=2).map(tuple),
}
LISTS = ("floats", "ints", "texts", "bools", "items", "lists")
NAMES = st.sampled_from(["x", "y", "z", "a b"])
SIZES = st.sampled_from([3, 0, 1, 2, 8, 30])


@st.composite
def values(draw: st.DrawFn, kind: str, n: int) -> tuple[Any, ...]:
    """Rows that repeat themselves, count up, or neither."""
    if n > 8 and kind in ("float64", "int64", "floats", "ints") and draw(st.booleans()):
        start = draw(SMALL)
        return tuple(each + 0.5 if "float" in kind else each for each in range(start, start + n))
    some = draw(st.lists(KINDS[kind], min_size=min(n, 1), max_size=min(n, 8)))
    return tuple(islice(cycle(some), n))


@st.composite
def rows(draw: st.DrawFn, n: int) -> Rows:
    kind = draw(st.sampled_from(list(KINDS)))
    assert kind is not None
    return Rows(draw(values(kind, n)), None if kind in LISTS else "float64" if kind == "deep" else kind)


@st.composite
def sources(draw: st.DrawFn) -> Source:
    n = draw(SIZES)
    names = draw(st.lists(NAMES, unique=True, max_size=3))
    return {name: draw(rows(n)) for name in names}


COLORS = st.sampled_from(["red", "blue", None])
RENDERERS = st.builds(
    Renderer,
    glyph=st.sampled_from(list(GLYPHS)),
    source=st.integers(0, 2),
    x=NAMES,
    y=NAMES,
    color=COLORS,
    mapped=st.booleans(),
    label=st.none() | TEXTS,
    name=st.none() | st.sampled_from(["n", "m"]),
)
SETTINGS: dict[str, st.SearchStrategy[Any]] = {
    "name": st.none() | TEXTS,
    "tags": st.lists(ITEMS, max_size=3),
    "width": st.none() | st.integers(100, 102),
    "background_fill_color": COLORS,
    "visible": st.booleans(),
    "min_border": st.none() | st.integers(1, 2),
    "x_axis_label": st.none() | TEXTS,
    "sizing_mode": st.none() | st.just("stretch_width"),
}
SETTING = st.sampled_from(list(SETTINGS)).flatmap(lambda name: st.tuples(st.just(name), SETTINGS[name]))
TITLES = st.none() | TEXTS
AXES = st.tuples(*[st.sampled_from(["linear", "log", "datetime"])] * 2)
RANGES = st.tuples(*[st.none() | st.integers(0, 1)] * 2)
FIGURES = st.builds(
    Figure,
    renderers=st.lists(RENDERERS, max_size=3).map(tuple),
    title=TITLES,
    axes=AXES,
    ranges=RANGES,
    more=st.lists(SETTING, max_size=2, unique_by=lambda pair: pair[0]).map(tuple),
    spans=st.lists(st.sampled_from([1.5, 2.5]), max_size=2).map(tuple),
)
KNOBS = st.builds(
    Knob, title=TEXTS, sources=st.lists(st.integers(0, 2), max_size=2).map(tuple), knows_root=st.booleans()
)
TABLES = st.builds(
    Table, source=st.integers(0, 2), fields=st.lists(NAMES, max_size=2, unique=True).map(tuple)
)
LEAVES = st.one_of(FIGURES, FIGURES, KNOBS, TABLES, st.builds(Note, text=TEXTS))
LAYOUT_KINDS = st.sampled_from(["Row", "Column", "Tabs"])
PARTS = st.recursive(
    LEAVES,
    lambda parts: st.builds(Layout, kind=LAYOUT_KINDS, children=st.lists(parts, max_size=3).map(tuple)),
    max_leaves=3,
)
SKETCHES = st.builds(Sketch, root=PARTS, sources=st.lists(sources(), min_size=1, max_size=3).map(tuple))


def parts(root: Part) -> Iterator[Part]:
    yield root
    if isinstance(root, Layout):
        for child in root.children:
            yield from parts(child)


def swapped(root: Part, old: Part, new: Part) -> Part:
    if root is old:
        return new
    if not isinstance(root, Layout):
        return root
    return replace(root, children=tuple(swapped(child, old, new) for child in root.children))


@st.composite
def edited_rows(draw: st.DrawFn, source: Source) -> Source:
    """What authors do to data."""
    n = len(next(iter(source.values())).values) if source else 0
    action = draw(
        st.sampled_from(["append", "slide", "patch", "other", "add", "remove", "rename", "kind", "cut"])
    )
    if action == "add" or not source:
        return {**source, draw(NAMES): draw(rows(n))}
    name = draw(st.sampled_from(list(source)))
    column = source[name]
    if action in ("append", "slide"):
        count = draw(st.integers(1, 3))
        dropped = draw(st.integers(1, 3)) if action == "slide" else 0
        return {
            name: replace(each, values=(*each.values, *draw(alike(each, count)))[dropped:])
            for name, each in source.items()
        }
    if action == "patch" and n:
        places = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=2))
        fresh = draw(alike(column, n))
        held = tuple(fresh[at] if at in places else each for at, each in enumerate(column.values))
        return {**source, name: replace(column, values=held)}
    if action == "remove":
        return {other: each for other, each in source.items() if other != name}
    if action == "rename":
        to = draw(NAMES)
        return {to if other == name else other: each for other, each in source.items()}
    if action == "kind":
        numbers = all(type(each) is int and abs(each) < 100 for each in column.values)
        to_array = draw(st.sampled_from(["int64", "int8", "float64"])) if numbers else column.dtype
        return {
            **source,
            name: replace(column, dtype=None if column.dtype in ("int64", "int8") else to_array),
        }
    if action == "cut":
        left = draw(st.integers(0, n))
        return {name: replace(each, values=each.values[:left]) for name, each in source.items()}
    return {**source, name: draw(rows(n))}


@st.composite
def alike(draw: st.DrawFn, column: Rows, n: int) -> tuple[Any, ...]:
    """Rows that may go into such a column."""
    if column.dtype is not None:
        deep = bool(column.values) and isinstance(column.values[0], tuple)
        return draw(values("deep" if deep else column.dtype, n))
    of = set(map(type, column.values))
    kinds = {float: "floats", int: "ints", str: "texts", bool: "bools", tuple: "lists"}
    return draw(values(kinds[of.pop()] if len(of) == 1 and of <= kinds.keys() else "items", n))


@st.composite
def edited_renderers(draw: st.DrawFn, renderers: tuple[Renderer, ...]) -> tuple[Renderer, ...]:
    action = draw(st.sampled_from(["change", "insert", "remove", "turn"]))
    if action == "insert" or not renderers:
        at = draw(st.integers(0, len(renderers)))
        return (*renderers[:at], draw(RENDERERS), *renderers[at:])
    at = draw(st.integers(0, len(renderers) - 1))
    if action == "remove":
        return (*renderers[:at], *renderers[at + 1 :])
    if action == "turn":
        return (*renderers[at:], *renderers[:at])
    other = draw(RENDERERS)
    name = draw(st.sampled_from(["glyph", "source", "x", "y", "color", "mapped", "label", "name"]))
    changed = replace(renderers[at], **{name: getattr(other, name)})
    return (*renderers[:at], changed, *renderers[at + 1 :])


@st.composite
def edited_part(draw: st.DrawFn, part: Part) -> Part:
    if isinstance(part, Figure):
        name = draw(st.sampled_from(["renderers", "title", "axes", "ranges", "more", "spans"]))
        if name == "renderers":
            return replace(part, renderers=draw(edited_renderers(part.renderers)))
        return replace(part, **{name: getattr(draw(FIGURES), name)})
    if isinstance(part, Layout):
        action = draw(st.sampled_from(["insert", "remove", "turn", "kind"]))
        if action == "kind":
            return replace(part, kind=draw(LAYOUT_KINDS))
        children = part.children
        at = draw(st.integers(0, len(children)))
        if action == "insert":
            return replace(part, children=(*children[:at], draw(LEAVES), *children[at:]))
        if action == "remove":
            return replace(part, children=(*children[:at], *children[at + 1 :]))
        return replace(part, children=(*children[at:], *children[:at]))
    return draw({Knob: KNOBS, Table: TABLES, Note: st.builds(Note, text=TEXTS)}[type(part)])


@st.composite
def edited(draw: st.DrawFn, sketch: Sketch) -> Sketch:
    """After a few things that authors do between two runs of a cell."""
    for _ in range(draw(st.integers(1, 3))):
        action = draw(st.sampled_from(["part", "rows", "split", "join", "wrap", "unwrap"]))
        at = draw(st.integers(0, len(sketch.sources) - 1))
        if action == "rows":
            source = draw(edited_rows(sketch.sources[at]))
            sketch = replace(sketch, sources=(*sketch.sources[:at], source, *sketch.sources[at + 1 :]))
        elif action == "split":
            sketch = replace(sketch, sources=(*sketch.sources, sketch.sources[at]))
        elif action == "join" and len(sketch.sources) > 1:
            sketch = replace(sketch, sources=(*sketch.sources[:at], *sketch.sources[at + 1 :]))
        elif action == "wrap":
            children = draw(st.permutations([sketch.root, *draw(st.lists(LEAVES, max_size=1))]))
            sketch = replace(sketch, root=Layout(draw(LAYOUT_KINDS), tuple(children)))
        elif action == "unwrap" and isinstance(sketch.root, Layout) and sketch.root.children:
            sketch = replace(sketch, root=draw(st.sampled_from(sketch.root.children)))
        else:
            part = draw(st.sampled_from(list(parts(sketch.root))))
            sketch = replace(sketch, root=swapped(sketch.root, part, draw(edited_part(part))))
    return sketch


@st.composite
def histories(draw: st.DrawFn, length: int = 2) -> tuple[Sketch, ...]:
    """One plot over time: each an edit of the former, or now and then quite another."""
    found = [draw(SKETCHES)]
    while len(found) < length:
        another = draw(st.sampled_from([False] * 7 + [True]))
        found.append(draw(SKETCHES) if another else draw(edited(found[-1])))
    return tuple(found)


@dataclass(frozen=True, repr=False)
class Stream(Short):
    rows: Source
    rollover: int | None = None


@dataclass(frozen=True, repr=False)
class Patched(Short):
    """Rows given other values by `source.patch`, one or a slice of them."""

    name: str
    at: float
    """Between 0, the first row, and 1."""
    values: tuple[Any, ...]
    sliced: bool = False


@dataclass(frozen=True, repr=False)
class Poked(Short):
    """A row given another value in place, which raises no event."""

    name: str
    at: float
    value: Any


@dataclass(frozen=True, repr=False)
class Set(Short):
    """Whole columns."""

    columns: Source


@dataclass(frozen=True, repr=False)
class Refresh(Short):
    """Changed plots are captured: those that events marked, or all when a cell ends."""

    dirty_only: bool = True


@dataclass(frozen=True, repr=False)
class Rerun(Short):
    """The cell of one of the plots is run again."""

    plot: int = 0


Doing: TypeAlias = Stream | Patched | Poked | Set | Refresh | Rerun

STREAMED = (
    "float64",
    "float32",
    "int64",
    "int8",
    "bool",
    "str",
    "object",
    "M8[D]",
    "floats",
    "ints",
    "texts",
)
STREAMED += ("bools", "items", "lists")


@st.composite
def doings(draw: st.DrawFn) -> tuple[Source, tuple[Doing, ...]]:
    """A data source, and what its author does with it."""
    kinds = draw(st.dictionaries(NAMES, st.sampled_from(STREAMED), min_size=1, max_size=3))
    n = draw(SIZES)
    source = {
        name: Rows(draw(values(kind, n)), None if kind in LISTS else kind) for name, kind in kinds.items()
    }
    done: list[Doing] = []
    for _ in range(draw(st.integers(1, 8))):
        action = draw(st.sampled_from(["refresh", "stream", "slide", "patch", "poke", "set", "rerun"]))
        name = draw(st.sampled_from(list(kinds)))
        at = draw(st.sampled_from([0.0, 0.5, 0.99]))
        if action in ("stream", "slide"):
            count = draw(st.integers(0, 3))
            listed = draw(st.booleans())
            fresh = {
                name: Rows(
                    draw(values(kind, count)), None if listed and kind != "M8[D]" else source[name].dtype
                )
                for name, kind in kinds.items()
            }
            done.append(Stream(fresh, draw(st.sampled_from([8, 30, 2])) if action == "slide" else None))
        elif action == "patch":
            count = draw(st.integers(1, 2))
            done.append(Patched(name, at, draw(values(kinds[name], count)), draw(st.booleans())))
        elif action == "poke":
            done.append(Poked(name, at, draw(KINDS[kinds[name]])))
        elif action == "set":
            done.append(
                Set(
                    {
                        name: replace(source[name], values=draw(values(kind, n)))
                        for name, kind in kinds.items()
                    }
                )
            )
        else:
            done.append(Rerun(draw(st.integers(0, 1))) if action == "rerun" else Refresh(draw(st.booleans())))
    return source, tuple(done)
