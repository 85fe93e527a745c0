"""Which plot of a cell goes on as which: what viewers zoomed into stays with its figure."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.layouts import row
from bokeh.models import ColumnDataSource, Div
from bokeh.plotting import figure
from support.looks import as_json
from support.small_pictures import build_png
from support.subscriber import Subscriber

from bokeh_share.errors import CannotSerialize
from bokeh_share.notebook.cell import CellRun, Outcome
from bokeh_share.notebook.notebook_plots import NotebookPlots
from bokeh_share.plots.media import Display
from bokeh_share.plots.page import PlotKey
from bokeh_share.plots.titles import find_title
from bokeh_share.plots.tracker import PlotTracker

X = np.linspace(0.0, 9.0, 40)


def figures(model: Any) -> str:
    """What the author calls it here: the tag."""
    return str(model["attributes"]["tags"][0])


class Author:
    """Somebody at a notebook: runs cells, and sees which plots are on the page, by tag and id."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {}
        self.capture = PlotTracker()
        self.plots = NotebookPlots.build(self.capture, self.names)
        self.cells, self.named = self.plots.cells, self.plots.named
        self.tags: dict[int, str] = {}

    def run(self, *shown: Any, id: str = "c", fails: bool = False, **marks: Any) -> list[Outcome]:
        cell = CellRun.from_code(id, "")
        cell.set_options(**marks)
        outcomes = [self.cells.show(each, cell) for each in shown]
        self.plots.finish_run(cell, success=not fails)
        return outcomes

    @property
    def ids(self) -> dict[str, str]:
        """By tag, in the page's order."""
        return {figures(as_json(plot.snapshot)): plot.id for plot in self.capture.page.plots}

    @property
    def generations(self) -> list[int]:
        return [plot.generation for plot in self.capture.page.plots]


@pytest.fixture
def author() -> Author:
    return Author()


def titled(tag: str, title: str | None = None, **options: Any) -> Any:
    """Known by its title; the data are the same in all of them."""
    p = figure(title=tag if title is None else title, tags=[tag], **options)
    p.line([1, 2, 3], [4.0, 5.0, 6.0])
    return p


def untitled(tag: str, times: float | None = None) -> Any:
    """Known by its data only."""
    p = figure(tags=[tag])
    p.line(X, np.sin(X * (ord(tag[0]) if times is None else times)))
    return p


def of_columns(tag: str) -> Any:
    """Known by the names of its columns; the values are new each time."""
    p = figure(tags=[tag])
    values = np.random.default_rng().normal(size=(2, 30))
    names = {"a": ("month", "sales"), "b": ("month", "costs"), "c": ("age", "height")}.get(tag, ("x", "y"))
    p.scatter(*names, source=ColumnDataSource(dict(zip(names, values, strict=True))))
    return p


def named(tag: str) -> Any:
    p = figure(tags=[tag], name=tag)
    p.line(X, np.random.default_rng().normal(size=40))
    return p


def quite_other(tag: str) -> Any:
    """Like no other in anything."""
    words = {
        "a": "sales month line",
        "b": "patient age scatter",
        "c": "wind speed step",
        "n": "oil price vbar",
    }
    first, second, kind = words[tag].split()
    p = figure(title=first, tags=[tag])
    values = np.random.default_rng().normal(loc=ord(tag) * 100.0, size=30)
    source = ColumnDataSource({second: values, first: values})
    if kind == "vbar":
        p.vbar(second, top=first, source=source)
    else:
        getattr(p, kind)(second, first, source=source)
    return p


KINDS = [titled, untitled, of_columns, named, quite_other]
CHANGES = ["ba", "b", "a", "nab", "anb", "abn", "nba", "nb"]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("after", CHANGES)
def test_each_plot_goes_on_wherever_in_the_cell_it_is_shown_now(
    author: Author, make: Callable[[str], Any], after: str
) -> None:
    author.run(*map(make, "ab"))
    before = author.ids
    author.run(*map(make, after))
    assert [*author.ids] == [*after]
    kept = {tag: id for tag, id in author.ids.items() if tag != "n"}
    if not (after == "nb" and "n" in author.ids):
        assert kept == {tag: before[tag] for tag in kept}
    assert author.ids.get("n") != before["b"]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize(
    "after", ["cab", "bca", "cba", "bc", "c", "ac", "ca", "nabc", "anbc", "abnc", "ncba", "bnc"]
)
def test_so_do_those_of_three(author: Author, make: Callable[[str], Any], after: str) -> None:
    author.run(*map(make, "abc"))
    before = author.ids
    author.run(*map(make, after))
    assert [*author.ids] == [*after]
    assert {tag: id for tag, id in author.ids.items() if tag != "n"} == {
        tag: before[tag] for tag in after if tag != "n"
    }


@pytest.mark.parametrize("make", [titled, untitled])
@pytest.mark.parametrize("after", ["abc", "bca", "b", "ac"])
def test_unchanged_plots_are_not_sent_again(author: Author, make: Callable[[str], Any], after: str) -> None:
    author.run(*map(make, "abc"))
    author.run(*map(make, after))
    assert author.generations == [1] * len(after)
    version = author.capture.page.version
    author.run(*map(make, after))
    assert author.capture.page.version == version


def test_the_very_same_object_goes_on_whatever_became_of_it(author: Author) -> None:
    a, b = untitled("a"), untitled("b")
    author.run(a, b)
    before = author.ids
    a.renderers[0].glyph.update(x="y", y="x")
    a.title.text, b.title.text = "now b", "now a"
    author.run(b, a)
    assert author.ids == {"b": before["b"], "a": before["a"]}
    assert [*author.ids] == ["b", "a"]


def test_a_list_of_the_same_objects_is_the_same_plot(author: Author) -> None:
    one, two = [untitled("a"), Div(text="a")], [untitled("b"), Div(text="b")]
    author.run(one, two)
    ids = [plot.id for plot in author.capture.page.plots]
    author.run([*two], [*one])
    assert [plot.id for plot in author.capture.page.plots] == ids[::-1]


def test_the_variable_distinguishes_plots_that_are_otherwise_alike(author: Author) -> None:
    def noise(tag: str) -> Any:
        p = author.names[f"plot_{tag}"] = figure(tags=[tag])
        p.line(np.arange(50), np.random.default_rng().normal(size=50))
        return p

    author.run(noise("a"), noise("b"))
    before = author.ids
    author.run(noise("b"), noise("a"))
    assert author.ids == before


@pytest.mark.parametrize("count", [4, 2, 6])
def test_plots_that_look_the_same_go_on_by_their_places(author: Author, count: int) -> None:
    author.run(*(titled(str(number), "alike") for number in range(4)))
    before = [plot.id for plot in author.capture.page.plots]
    author.run(*(titled(str(number), "alike") for number in range(count)))
    after = [plot.id for plot in author.capture.page.plots]
    assert after[:4] == before[:count]


def test_plots_of_a_loop_whose_data_are_new_each_time_go_on_by_their_places(author: Author) -> None:
    random = np.random.default_rng(3)

    def noise(number: int) -> Any:
        p = author.names["p"] = figure(tags=[str(number)])
        p.line(np.arange(30), random.integers(0, 10, 30))
        return p

    author.run(*map(noise, range(4)))
    before = author.ids
    for _ in range(20):
        author.run(*map(noise, range(4)))
        assert author.ids == before


def test_another_title_or_other_data_make_no_other_plot(author: Author) -> None:
    author.run(untitled("a"), untitled("b"))
    before = author.ids
    author.run(untitled("a", times=3), untitled("b"))
    assert author.ids == before
    author.run(titled("a", "one"), titled("b", "two"))
    before = author.ids
    author.run(titled("a", "one!"), titled("b", "two"))
    assert author.ids == before


def test_a_plot_that_was_edited_and_came_before_another_keeps_its_place(author: Author) -> None:
    author.run(titled("a", "sales of apples"), titled("b", "sales of apples and pears"))
    before = author.ids
    author.run(titled("a", "sales of pears, apples"), titled("b", "sales of apples and pears"))
    assert author.ids == before


def test_the_only_plot_of_a_cell_goes_on_as_whatever_the_cell_shows(author: Author) -> None:
    author.run(quite_other("a"))
    before = author.ids
    author.run(quite_other("b"))
    assert author.ids == {"b": before["a"]}


def test_the_only_plot_of_a_cell_goes_on_after_another_was_put_before_it(author: Author) -> None:
    for make in KINDS:
        author.run(make("a"), id=make.__name__)
        before = author.ids
        author.run(make("n"), make("a"), id=make.__name__)
        assert author.ids["a"] == before["a"]
        assert [*author.ids] == ["n", "a"]
        author.run(id=make.__name__)


def test_a_plot_that_was_pushed_aside_is_sent_unchanged(author: Author) -> None:
    author.run(untitled("a"), untitled("b"))
    page = author.capture.page
    author.run(untitled("n"), untitled("a"), untitled("b"))
    after = author.capture.page
    for plot in page.plots:
        (now,) = (each for each in after.plots if each.id == plot.id)
        assert now.snapshot == plot.snapshot
        assert now.snapshot.ids == plot.snapshot.ids, "or viewers' zooms would not be there"
        assert now.changed_at == plot.changed_at


def test_the_keys_of_a_cells_plots_say_their_places(author: Author) -> None:
    author.run(*map(titled, "abc"))
    author.run(*map(titled, "nca"))
    assert [plot.key for plot in author.capture.page.plots] == [
        PlotKey("cell", "c", place) for place in range(3)
    ]


def test_a_name_of_the_cells_goes_by_the_places(author: Author) -> None:
    author.run(*map(titled, "ab"), name="sales")
    before = author.ids
    author.run(*map(titled, "ba"), name="sales")
    assert author.ids == before
    assert [plot.name for plot in author.capture.page.plots] == ["sales", "sales 2"]
    author.run(titled("a"), name="sales")
    assert author.ids == {"a": before["a"]}
    assert [plot.name for plot in author.capture.page.plots] == ["sales"]


def test_a_cell_that_is_given_a_name_keeps_its_plots(author: Author) -> None:
    author.run(*map(titled, "ab"))
    before = author.ids
    author.run(*map(titled, "ab"), name="sales")
    assert author.ids == before
    author.run(*map(titled, "ab"), name="costs")
    assert author.ids == before
    author.run(*map(titled, "ab"))
    assert author.ids == before
    assert [plot.name for plot in author.capture.page.plots] == [None, None]


def test_a_cell_takes_no_place_of_anothers(author: Author) -> None:
    author.run(*map(titled, "ab"))
    author.named.share(titled("x"), "sales")
    before = author.ids
    author.run(*map(titled, "ab"), name="sales")
    assert [*author.ids] == ["a", "b"]
    assert author.ids["a"] == before["x"], "what has this name is replaced"
    author.run(*map(titled, "xy"), id="d")
    author.run(*map(titled, "yx"), id="d")
    assert [*author.ids] == ["a", "b", "y", "x"]


@pytest.mark.parametrize("after", ["ab", "ba", "nab", "ban"])
def test_what_was_dropped_stays_away_wherever_it_is_shown(author: Author, after: str) -> None:
    author.run(*map(titled, "ab"))
    before = author.ids
    author.named.drop([plot.key for plot in author.capture.page.plots if plot.id == before["a"]])
    outcomes = author.run(*map(titled, after))
    assert [*author.ids] == [tag for tag in after if tag != "a"]
    assert author.ids["b"] == before["b"]
    assert outcomes[after.index("a")] is Outcome.DROPPED
    assert outcomes[after.index("b")] is Outcome.ON_PAGE
    author.run(*map(titled, "ba"))
    assert [*author.ids] == ["b"]


def test_a_cell_that_fails_keeps_what_it_had_not_reached(author: Author) -> None:
    author.run(*map(quite_other, "abc"))
    before = author.ids
    author.run(*map(quite_other, "nb"), fails=True)
    assert {*author.ids} == {"n", "a", "b", "c"}
    assert {tag: author.ids[tag] for tag in "abc"} == before
    assert [*author.ids][:2] == ["n", "b"]
    author.run(*map(quite_other, "abc"))
    assert author.ids == before
    assert [*author.ids] == ["a", "b", "c"]


def test_changes_follow_plots_to_their_new_places(author: Author) -> None:
    a, b = titled("a"), titled("b")
    author.run(a, b)
    author.run(b, a)
    a.title.text = "changed"
    author.capture.refresh()
    (plot,) = (plot for plot in author.capture.page.plots if plot.id == author.ids["a"])
    assert '"changed"' in str([node.attributes for node in plot.snapshot.nodes])
    assert author.generations == [1, 2]


def test_a_layout_is_known_by_what_is_in_it(author: Author) -> None:
    def pair(tag: str) -> Any:
        layout = row(untitled(tag), untitled(tag, times=2))
        layout.tags = [tag]
        return layout

    author.run(*map(pair, "ab"))
    before = author.ids
    author.run(*map(pair, "ba"))
    assert author.ids == before


def test_a_plot_that_cannot_be_captured_leaves_the_others_alone(author: Author) -> None:
    author.run(*map(titled, "ab"))
    before = author.ids
    bad = figure(tags=["bad"])
    bad.line("x", "y", source=ColumnDataSource({"x": [1], "y": [object()]}))
    cell = CellRun.from_code("c", "")
    with pytest.raises(CannotSerialize, match="cannot share figure: "):
        author.cells.show(bad, cell)
    author.cells.show(titled("b"), cell)
    author.plots.finish_run(cell, success=True)
    assert author.ids["b"] == before["b"]


def test_recorded_edits_follow_a_plot_to_its_new_place(author: Author) -> None:
    Subscriber(author.capture)
    a, b = titled("a"), titled("b")
    for each in (a, b):
        Document().add_root(each)
    author.run(a, b)
    a.title.text = "edited"
    cell = CellRun.from_code("c", "")
    author.cells.show(b, cell)
    a.title.text = "edited again"
    author.plots.finish_run(cell, success=False)
    first, second = author.capture.page.plots
    assert "edited again" in str(as_json(second.snapshot))
    assert "edited" not in str(as_json(first.snapshot))
    assert first.generation == 1


def test_nothing_of_a_plot_that_was_dropped_is_kept_but_what_it_is_known_by(author: Author) -> None:
    author.run(*map(untitled, "ab"))
    former = [weakref.ref(plot.snapshot) for plot in author.capture.page.plots]
    models = [weakref.ref(model) for model in author.capture.plots.list_models(list(map(place, range(2))))]
    author.named.drop([place(0), place(1)])
    gc.collect()
    assert [each() for each in (*former, *models)] == [None] * 4
    outcomes = author.run(*map(untitled, "bna"))
    assert (outcomes[0], outcomes[2]) == (Outcome.DROPPED, Outcome.DROPPED)
    assert [*author.ids] == ["n"]


def test_a_run_that_is_over_keeps_nothing_of_the_former_one(author: Author) -> None:
    author.run(*map(untitled, "ab"))
    former = [weakref.ref(plot.snapshot) for plot in author.capture.page.plots]
    author.run(*map(quite_other, "abc"))
    gc.collect()
    assert [each() for each in former] == [None, None]


def place(position: int) -> PlotKey:
    return PlotKey("cell", "c", position)


def picture(color: int) -> Display:
    return Display("image/png", build_png(color=color))


def list_contents(author: Author) -> list[tuple[str, object]]:
    """The id of each plot, with the red of a picture, or the title of a figure."""
    contents: dict[bytes, int] = {build_png(color=color): color for color in range(9)}
    return [
        (plot.short_id, find_title(plot.snapshot) if plot.media is None else contents[plot.media.data])
        for plot in author.capture.page.plots
    ]


def test_pictures_are_recognised_by_their_bytes_then_by_their_places(author: Author) -> None:
    author.run(picture(1), titled("a"), picture(2))
    assert list_contents(author) == [("k1", 1), ("k2", "a"), ("k3", 2)]
    author.run(picture(3), picture(1), titled("a"), picture(2))
    assert list_contents(author) == [("k4", 3), ("k1", 1), ("k2", "a"), ("k3", 2)]
    author.run(picture(5), picture(6), titled("a"), picture(7))
    assert list_contents(author) == [("k4", 5), ("k1", 6), ("k2", "a"), ("k3", 7)]
    author.run(titled("a"), picture(7))
    assert [content for _, content in list_contents(author)] == ["a", 7]
    assert dict(list_contents(author))["k2"] == "a"


def test_a_dropped_picture_stays_away_and_is_no_plot_of_bokeh(author: Author) -> None:
    author.run(picture(1), picture(2))
    author.named.drop([PlotKey("cell", "c", 0)])
    author.run(picture(3), picture(2))
    assert list_contents(author) == [("k2", 2)]
    author.run(titled("a"), picture(3), picture(2))
    assert [content for _, content in list_contents(author)] == ["a", 2]
