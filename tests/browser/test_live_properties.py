"""Each property that is said to be live is, and all that is said to follow its data does, on this Bokeh.

Plots of many kinds are on one page, each in its card, and change together, step by step.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import bokeh.models
import numpy as np
import pytest
from bokeh.layouts import row
from bokeh.model import Model
from bokeh.models import (
    Band,
    BooleanFilter,
    BoxAnnotation,
    CategoricalColorMapper,
    CategoricalMarkerMapper,
    CDSView,
    ColumnDataSource,
    CumSum,
    DataRange1d,
    Dodge,
    Filter,
    Glyph,
    GraphRenderer,
    GroupFilter,
    IndexFilter,
    InversionFilter,
    Label,
    LabelSet,
    Legend,
    LegendItem,
    LinearColorMapper,
    LogColorMapper,
    Slope,
    Span,
    Stack,
    StaticLayoutProvider,
    Whisker,
)
from bokeh.plotting import figure
from bokeh.transform import transform
from playwright.sync_api import Browser
from support.batches import Batches
from support.colleague import Author, Colleague, Compared, Two, all_caught_up, compare_all
from support.notebook_pages import difference

from bokeh_share.plots.diff.live_properties import DATA_DRIVEN_KINDS, GLYPH_PROPERTIES, GUIDE_PROPERTIES
from bokeh_share.plots.diff.redraw import is_proven

Columns = dict[str, Any]

LOOKS: dict[str, tuple[Any, Any]] = {
    "color": ("#336699", "#cc7711"),
    "alpha": (1.0, 0.4),
    "width": (1, 3),
    "text": ("Sales in July", "Quantities, by year"),
    "label": ("Month", "Year, or quarter"),
    "dash": ("solid", "dashed"),
    "location": (2.0, 3.0),
    "gradient": (1.0, 0.5),
    "intercept": (1.0, 2.0),
    "x": (2.0, 3.0),
    "y": (3.0, 3.5),
}
"""By the last word of a property: what it is at first, and what it becomes."""

RESET = "Reset"
MODELS = "Bokeh.documents.flatMap((shown) => [...shown._all_models.values()])"
SELECT = f"() => {{ for (const {{ selected }} of {MODELS}) if (selected) selected.indices = [1, 2]; }}"
HOUR = 3_600_000
PAN = """() => {
    for (const { views_manager } of Bokeh.documents) {
        for (const view of views_manager.query(({ canvas_view }) => canvas_view?.primary)) {
            view.model.document.interactive_start(view.model);
            view.request_repaint();
        }
    }
}"""
STOP = "() => { for (const shown of Bokeh.documents) shown.interactive_stop(); }"
MUTE = f"() => {{ for (const model of {MODELS}) if (model.muted === false) model.muted = true; }}"


def columns(rows: int = 5, first: int = 0) -> Columns:
    """One of each sort that a glyph may ask for."""
    steps = np.arange(first + 1.0, first + rows + 1)
    numbers = range(first, first + rows)
    return {
        "x": steps,
        "y": 3 + np.sin(steps),
        "more": steps + 0.6,
        "less": steps - 0.3,
        "small": 0.3 + steps / 40,
        "angle": steps / 3,
        "wide": steps / 3 + 1,
        "size": 4 + 2 * steps,
        "whole": np.arange(first, first + rows, dtype=np.int32),
        "name": [f"row {row}" for row in numbers],
        "kind": ["one" if row % 2 else "other" for row in numbers],
        "many": [[row, row + 0.5, row + 1] for row in numbers],
        "others": [[row, 3 + row % 2, row / 2] for row in numbers],
        "shapes": [[[[row, row + 0.5, row + 1]]] for row in numbers],
        "heights": [[[[row, 3 + row % 2, row / 2]]] for row in numbers],
        "picture": [np.eye(3) + row for row in numbers],
        "photo": [np.full((3, 3), 0xFF000000 + 0x101030 * row, np.uint32) for row in numbers],
    }


DRAWN: dict[str, dict[str, str]] = {
    "AnnularWedge": {
        "x": "x",
        "y": "y",
        "inner_radius": "small",
        "outer_radius": "wide",
        "start_angle": "angle",
        "end_angle": "wide",
    },
    "Circle": {"x": "x", "y": "y", "radius": "small"},
    "HArea": {"x1": "less", "x2": "more", "y": "x"},
    "HBar": {"y": "x", "right": "y", "height": "small"},
    "HexTile": {"q": "whole", "r": "whole"},
    "Image": {"image": "picture", "x": "x", "y": "y", "dw": "small", "dh": "small"},
    "ImageRGBA": {"image": "photo", "x": "x", "y": "y", "dw": "small", "dh": "small"},
    "Line": {"x": "x", "y": "y"},
    "MultiLine": {"xs": "many", "ys": "others"},
    "MultiPolygons": {"xs": "shapes", "ys": "heights"},
    "Patch": {"x": "x", "y": "y"},
    "Patches": {"xs": "many", "ys": "others"},
    "Quad": {"left": "x", "right": "more", "bottom": "less", "top": "y"},
    "Rect": {"x": "x", "y": "y", "width": "small", "height": "wide"},
    "Scatter": {"x": "x", "y": "y", "size": "size"},
    "Segment": {"x0": "x", "y0": "y", "x1": "more", "y1": "less"},
    "Step": {"x": "x", "y": "y"},
    "Text": {"x": "x", "y": "y", "text": "name"},
    "VArea": {"x": "x", "y1": "less", "y2": "y"},
    "VBar": {"x": "x", "top": "y", "width": "small"},
    "Wedge": {"x": "x", "y": "y", "radius": "small", "start_angle": "angle", "end_angle": "wide"},
}
"""Which columns each glyph draws."""


def paper(**options: Any) -> figure:
    plot = figure(width=400, height=300, title="Sales", **options)
    plot.xaxis.axis_label = "Month"
    return plot


def drawn(
    kind: str, data: Columns, view: Filter | None = None, *, backend: str = "canvas", **look: Any
) -> figure:
    """A figure that draws `data` as glyphs of this kind; selected and muted ones are given, not derived."""
    cls: type[Glyph] = getattr(bokeh.models, kind)
    # a copy of the glyphs is drawn while it is panned, however long that takes here
    plot = paper(lod_threshold=1, lod_interval=HOUR, lod_timeout=HOUR, output_backend=backend)
    fields: dict[str, Any] = {**DRAWN[kind], **look}
    if kind == "Image":
        fields["color_mapper"] = LinearColorMapper("Viridis256", low=0, high=9)
    if "line_color" in cls.properties():
        fields.setdefault("line_color", "black")
    modes = ("selection_glyph", "nonselection_glyph", "muted_glyph")
    renderer = plot.add_glyph(
        ColumnDataSource(data),
        cls(**fields),
        **{mode: cls(**fields) for mode in modes},
        view=CDSView(filter=view) if view is not None else CDSView(),
    )
    plot.add_layout(Legend(items=[LegendItem(label="all of them", renderers=[renderer])]))
    return plot


def guided(kind: str) -> tuple[Model, Model]:
    """A plot with a model of this kind, and that model."""
    options: dict[str, Any] = {
        "CategoricalAxis": {"x_range": ["one", "two", "three"]},
        "DatetimeAxis": {"x_axis_type": "datetime"},
        "LogAxis": {"x_axis_type": "log"},
    }.get(kind, {})
    plot = paper(**options)
    steps: dict[str, list[Any]] = {"CategoricalAxis": ["one", "two", "three"], "DatetimeAxis": [0, 4e9, 8e9]}
    plot.line(steps.get(kind, [1, 2, 3]), [2, 4, 3], legend_label="sales")
    plot.grid.minor_grid_line_color = "#eeeeee"
    if kind in ("Div", "Paragraph", "PreText"):  # the figure takes the width that the text leaves
        words: Any = getattr(bokeh.models, kind)(text="Sales in July")
        plot.sizing_mode = "stretch_width"
        return row(words, plot, width=500), words
    added: dict[str, Callable[[], Model]] = {
        "BoxAnnotation": lambda: BoxAnnotation(left=1.5, right=2.5),
        "Label": lambda: Label(x=2, y=3, text="Sales in July"),
        "Slope": lambda: Slope(gradient=1, y_intercept=1),
        "Span": lambda: Span(location=2, dimension="height"),
    }
    if kind in added:
        model = added[kind]()
        plot.add_layout(model)
        return plot, model
    found = {"Figure": plot, "Grid": plot.grid[0], "Legend": plot.legend[0], "Title": plot.title}
    return plot, found.get(kind, plot.xaxis[0])


BATCH = 16
"""Plots of a page."""
Step = tuple[str, Callable[[], Model]]
"""What it changes, and a plot as it is then."""


@dataclass
class Outcome:
    """What becomes of one plot of a batch."""

    problems: list[str] = field(default_factory=list)
    """Where it looks otherwise than on a page that was opened afterwards, or what else is wrong."""
    is_seen: dict[str, bool] = field(default_factory=dict)
    """By step: whether the picture differs from the former one."""
    patch_kinds: list[str] = field(default_factory=list)
    """In which way each step came."""


@pytest.fixture(scope="module")
def colleagues(browser: Browser) -> Iterator[Two]:
    two = Colleague(browser, rows=BATCH), Colleague(browser, rows=BATCH)
    yield two
    for colleague in two:
        colleague.close()


def play(
    plots: Mapping[str, Sequence[Step]], colleagues: Two, folder: Path, doings: Sequence[str] = ()
) -> dict[str, Outcome]:
    """Change these plots step by step, before the eyes of one, while another comes anew after each step.

    After the last, `doings` are done to the plots on both pages.
    """
    here, late = colleagues
    outcomes = {name: Outcome() for name in plots}

    def check(what: str) -> dict[str, Compared]:
        looks = dict(zip(plots, compare_all(here, late, folder / what), strict=True))
        for name, look in looks.items():
            if look.difference is not None:
                outcomes[name].problems.append(f"{what}: {look.difference}")
        return looks

    def do(doing: str, before: dict[str, Compared]) -> None:
        for colleague in colleagues:
            if doing == RESET:
                colleague.reset()
            else:
                colleague.page.evaluate(doing)
        after = check(f"step {doings.index(doing)} of what is done")
        if doing == PAN:
            for name, look in after.items():
                if difference(before[name].picture, look.picture) is None:
                    outcomes[name].problems.append("nothing was drawn by the grey copy")

    author = Author()
    for name, steps in plots.items():
        author.show(steps[0][1](), name=name)
    last = max(map(len, plots.values())) - 1
    with here.watching(author):
        here.until_drawn()
        here.until_settled()
        before = dict(zip(plots, here.all_captured(), strict=True))
        for number in range(1, last + 1):
            changed = {name: steps[number] for name, steps in plots.items() if len(steps) > number}
            for name, (_, make) in changed.items():
                author.show(make(), name=name)
            with late.watching(author):
                all_caught_up(here, late)
                after = check(f"step {number}")
                for name, (what, _) in changed.items():
                    outcomes[name].is_seen[what] = difference(before[name], after[name].picture) is not None
                before = {name: look.picture for name, look in after.items()}
                if number == last:
                    for doing in doings:
                        do(doing, after)
                for outcome in outcomes.values():
                    outcome.problems += [*here.troubles, *late.troubles]
        names = dict(zip((id for id, _ in author.plots), plots, strict=True))
        for id, kind in here.patches:
            outcomes[names[id]].patch_kinds.append(kind)
    return outcomes


Outcomes = Batches[str, Outcome]


def in_batches(
    plots: Mapping[str, Sequence[Step]], colleagues: Two, folder: Path, doings: Sequence[str] = ()
) -> Outcomes:
    """Those with many steps together, since all of a batch are drawn anew after each step."""
    batches: list[list[str]] = [[]]
    for name in sorted(plots, key=lambda name: (-len(plots[name]), name)):
        longest = max((len(plots[each]) for each in batches[-1]), default=0)
        if len(batches[-1]) == BATCH or 2 * len(plots[name]) <= longest:
            batches.append([])
        batches[-1].append(name)
    return Batches(
        batches, lambda names: play({name: plots[name] for name in names}, colleagues, folder, doings)
    )


def changing_each(names: Collection[str], make: Callable[[dict[str, Any]], Model]) -> list[Step]:
    """Change one property after the other."""
    looks = [{name: LOOKS[name.split("_")[-1]][0] for name in names}]
    for name in sorted(names):
        looks.append({**looks[-1], name: LOOKS[name.split("_")[-1]][1]})
    whats = ["nothing", *sorted(names)]
    return [(what, partial(make, look)) for what, look in zip(whats, looks, strict=True)]


def check_each(outcome: Outcome, names: Collection[str]) -> None:
    assert outcome.problems == []
    assert outcome.patch_kinds == ["patch"] * len(names)
    unseen = [name for name, is_seen in outcome.is_seen.items() if is_seen == name.startswith("hatch_")]
    assert unseen == [], "nothing was to be seen"
    assert outcome.is_seen.keys() == {*names}


@pytest.fixture(scope="module")
def of_guides(colleagues: Two, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    def made(kind: str, look: dict[str, Any]) -> Model:
        plot, model = guided(kind)
        assert model.__qualified_model__ == kind
        model.update(**look)
        return plot

    plots = {kind: changing_each(names, partial(made, kind)) for kind, names in GUIDE_PROPERTIES.items()}
    return in_batches(plots, colleagues, tmp_path_factory.mktemp("guides"))


@pytest.mark.parametrize("kind", sorted(GUIDE_PROPERTIES))
def test_a_guide_that_changed_looks_as_on_a_page_opened_afterwards(kind: str, of_guides: Outcomes) -> None:
    check_each(of_guides[kind], GUIDE_PROPERTIES[kind])


@pytest.fixture(scope="module")
def of_glyphs(colleagues: Two, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    def made(kind: str, look: dict[str, Any]) -> Model:
        return drawn(kind, columns(), **look)

    plots = {kind: changing_each(names, partial(made, kind)) for kind, names in GLYPH_PROPERTIES.items()}
    doings = (PAN, STOP, SELECT, RESET, MUTE)
    return in_batches(plots, colleagues, tmp_path_factory.mktemp("glyphs"), doings)


@pytest.mark.parametrize("kind", sorted(GLYPH_PROPERTIES))
def test_glyphs_that_changed_look_as_on_a_page_opened_afterwards_and_so_whatever_is_done_to_them(
    kind: str, of_glyphs: Outcomes
) -> None:
    check_each(of_glyphs[kind], GLYPH_PROPERTIES[kind])


@pytest.fixture(scope="module")
def of_webgl_glyphs(colleagues: Two, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    def made(kind: str, look: dict[str, Any]) -> Model:
        return drawn(kind, columns(), backend="webgl", **look)

    plots = {kind: changing_each(names, partial(made, kind)) for kind, names in GLYPH_PROPERTIES.items()}
    # WebGL draws no grey copy of glyphs while they are panned
    return in_batches(plots, colleagues, tmp_path_factory.mktemp("webgl"), (SELECT, RESET, MUTE))


@pytest.mark.parametrize("kind", sorted(GLYPH_PROPERTIES))
def test_glyphs_that_webgl_draws_look_as_on_a_page_opened_afterwards_when_they_changed(
    kind: str, of_webgl_glyphs: Outcomes
) -> None:
    check_each(of_webgl_glyphs[kind], GLYPH_PROPERTIES[kind])


def mapped(**look: Any) -> Callable[[Columns], Model]:
    return lambda data: drawn("Scatter", data, **look)


def viewed(make: Callable[[], Filter]) -> Callable[[Columns], Model]:
    return lambda data: drawn("Scatter", data, make())


def noted(kind: str) -> Callable[[Columns], Model]:
    def make(data: Columns) -> Model:
        plot = drawn("Line", data)
        source = plot.renderers[0].data_source
        made = {
            "Band": lambda: Band(base="x", lower="less", upper="more", source=source),
            "LabelSet": lambda: LabelSet(x="x", y="y", text="name", source=source),
            "Whisker": lambda: Whisker(base="x", lower="less", upper="more", source=source),
        }
        plot.add_layout(made[kind]())
        return plot

    return make


def by_color(mapper: Model) -> Callable[[Columns], Model]:
    field = "kind" if isinstance(mapper, CategoricalColorMapper) else "y"
    return mapped(fill_color=transform(field, mapper))


MAKES: dict[str, Callable[[Columns], Model]] = {
    **{kind: (lambda data, kind=kind: drawn(kind, data)) for kind in DRAWN},
    "Band": noted("Band"),
    "BooleanFilter": viewed(lambda: BooleanFilter([True, False] * 5)),
    "CategoricalColorMapper": lambda data: by_color(
        CategoricalColorMapper(palette=["red", "blue"], factors=["one", "other"])
    )(data),
    "CategoricalMarkerMapper": lambda data: mapped(
        marker=transform("kind", CategoricalMarkerMapper(markers=["x", "square"], factors=["one", "other"]))
    )(data),
    "CumSum": lambda data: drawn(
        "Wedge",
        data,
        start_angle={"expr": CumSum(field="small", include_zero=True)},
        end_angle={"expr": CumSum(field="small")},
    ),
    "Dodge": lambda data: mapped(x=transform("x", Dodge(value=0.3)))(data),
    "GroupFilter": viewed(lambda: GroupFilter(column_name="kind", group="one")),
    "IndexFilter": viewed(lambda: IndexFilter([0, 2, 4])),
    "InversionFilter": viewed(lambda: InversionFilter(operand=IndexFilter([0, 2, 4]))),
    "LabelSet": noted("LabelSet"),
    "LinearColorMapper": lambda data: by_color(LinearColorMapper("Viridis256", low=2, high=4))(data),
    "LogColorMapper": lambda data: by_color(LogColorMapper("Viridis256", low=1, high=9))(data),
    "Stack": lambda data: drawn("VBar", data, top={"expr": Stack(fields=["y", "small"])}),
    "Whisker": noted("Whisker"),
}
"""By what is to follow its data: what draws that."""

WITH = {
    "AllIndices": "Line",
    "CDSView": "Line",
    "GlyphRenderer": "Line",
    "Selection": "Line",
    "TeeHead": "Whisker",
    "UnionRenderers": "Line",
}
"""What is there wherever another of the kinds is."""


def test_whatever_is_said_to_follow_its_data_is_drawn_here() -> None:
    assert MAKES.keys() | WITH.keys() == DATA_DRIVEN_KINDS
    assert not MAKES.keys() & WITH.keys()
    for kind, user in {**{kind: kind for kind in MAKES}, **WITH}.items():
        found = {type(model).__name__ for model in MAKES[user](columns()).references()}
        assert kind in found


def legend(*items: dict[str, Any]) -> Callable[[Columns], Model]:
    """Outside the figure, where it takes the room that its texts need."""

    def make(data: Columns) -> Model:
        plot = paper()
        renderer = plot.scatter("x", "y", size="size", source=ColumnDataSource(data))
        plot.add_layout(Legend(items=[LegendItem(**item, renderers=[renderer]) for item in items]), "right")
        return plot

    return make


def ranged(**options: Any) -> Callable[[Columns], Model]:
    def make(data: Columns) -> Model:
        plot = paper(x_range=DataRange1d(**options))
        plot.line("x", "y", source=ColumnDataSource(data))
        return plot

    return make


def graph(data: Columns) -> Model:
    plot = paper(x_range=(-2, 10), y_range=(-2, 2))
    made = GraphRenderer(
        layout_provider=StaticLayoutProvider(graph_layout={n: (n, (-1) ** n) for n in range(12)})
    )
    made.node_renderer.data_source.data = {"index": data["whole"].tolist(), "size": data["size"]}
    made.node_renderer.glyph.size = "size"
    made.edge_renderer.data_source.data = {
        "start": data["whole"].tolist(),
        "end": [0] * len(data["whole"]),
    }
    plot.renderers.append(made)
    return plot


BEYOND: dict[str, Callable[[Columns], Model]] = {
    "a legend by column": legend({"label": {"field": "name"}}),
    "a legend by row": legend(*({"label": f"row {row}", "index": row} for row in range(8))),
    "a graph": graph,
    "a range that follows": ranged(follow="end", follow_interval=3),
    "a range with bounds": ranged(bounds="auto"),
}
"""What follows the data through others, that are in `FOLLOWS`."""


def with_webgl(make: Callable[[Columns], Model]) -> Callable[[Columns], Model]:
    """Let WebGL draw what it can of the figure."""

    def made(data: Columns) -> Model:
        plot = make(data)
        plot.output_backend = "webgl"
        return plot

    return made


WEBGL = {f"{what} by WebGL": with_webgl(make) for what, make in (MAKES | BEYOND).items()}
OF_DATA = MAKES | BEYOND | WEBGL


@pytest.fixture(scope="module")
def of_data(colleagues: Two, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    patched = columns(7)
    patched["y"][2], patched["name"][1], patched["x"][1] = 4.5, "patched", 2.4
    changed = {**columns(9), "y": 1 + np.cos(np.arange(9.0))}
    data = {
        "at first": columns(5),
        "appended": columns(7),
        "slid": columns(7, first=1),
        "patched": patched,
        "changed": changed,
        "fewer": columns(5),
    }
    plots = {
        name: [(what, partial(make, each)) for what, each in data.items()] for name, make in OF_DATA.items()
    }
    return in_batches(plots, colleagues, tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize("what", sorted(OF_DATA))
def test_data_that_changed_looks_as_on_a_page_opened_afterwards(what: str, of_data: Outcomes) -> None:
    outcome = of_data[what]
    assert outcome.problems == []
    assert outcome.patch_kinds == ["patch"] * 5
    assert sum(outcome.is_seen.values()) > 1, "hardly anything was to be seen"


@pytest.mark.parametrize("kind", sorted({*GLYPH_PROPERTIES, *GUIDE_PROPERTIES, *DATA_DRIVEN_KINDS}))
def test_the_names_are_those_of_bokeh(kind: str) -> None:
    cls: type[Model] = Model.model_class_reverse_map[kind]
    assert {*GLYPH_PROPERTIES.get(kind, ()), *GUIDE_PROPERTIES.get(kind, ())} <= cls.properties()


def test_this_version_of_bokeh_is_among_those_that_were_looked_at() -> None:
    assert is_proven(), f"when all tests here pass on bokeh {bokeh.__version__}, add it to PROVEN in live.py"
