"""Which models keep their ids, so that a viewer keeps zoom, selection and hidden legend items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from bokeh.core.properties import Int
from bokeh.layouts import column, row
from bokeh.models import ColumnDataSource, CustomJS, Div, Legend, LegendItem, Range1d, Slider, TabPanel, Tabs
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.plots.diff.defaults import find_default
from bokeh_share.plots.diff.matching import assign_ids
from bokeh_share.plots.snapshot.capture import CapturedPlot, capture_plot
from bokeh_share.plots.snapshot.snapshot import Snapshot

X = np.arange(5.0)


class Ids:
    """What the models of a plot are called."""

    def __init__(self, root: Any, before: Ids | None = None) -> None:
        self._captured: CapturedPlot = capture_plot(root, theme=Theme(json={}))
        former = before.snapshot if before is not None else None
        self.snapshot: Snapshot = assign_ids(self._captured.snapshot, former, 1 if before is None else 2)

    def of(self, *models: Any) -> list[str]:
        return [self.snapshot.ids[self._captured.node_indices[model.id]] for model in models]


def plot(title: str = "sales", **options: Any) -> Any:
    return figure(title=title, tools="", toolbar_location=None, **options)


def lines(p: Any, *heights: float, **options: Any) -> list[Any]:
    return [p.line(X, X * height, **options) for height in heights]


def is_new(id: str) -> bool:
    return id.startswith("2.")


def test_at_first_each_model_is_called_by_generation_and_place() -> None:
    ids = Ids(row(plot(), Div(text="n"))).snapshot.ids
    assert list(ids) == [f"1.{node_index}" for node_index in range(len(ids))]


def test_the_same_code_run_again_keeps_every_id() -> None:
    def built() -> Any:
        p = plot()
        lines(p, 1, 2)
        return row(p, Slider(start=0, end=1, value=0))

    before = Ids(built())
    assert Ids(built(), before).snapshot.ids == before.snapshot.ids


def test_a_renderer_is_known_by_its_name_though_all_else_changed() -> None:
    def built(first: str, second: str) -> Any:
        p = plot()
        return p, [p.line(X, X, name=first), p.line(X, -X, name=second)]

    p, (a, b) = built("a", "b")
    before = Ids(p)
    p, (b_now, a_now) = built("b", "a")
    assert Ids(p, before).of(a_now, b_now) == before.of(a, b)


def test_a_renderer_put_in_front_is_the_new_one() -> None:
    p = plot()
    a, b = lines(p, 1, 2)
    before = Ids(p)
    p = plot()
    c_now, a_now, b_now = lines(p, 3, 1, 2)
    after = Ids(p, before)
    assert after.of(a_now, b_now) == before.of(a, b)
    assert after.of(a_now.data_source, b_now.data_source) == before.of(a.data_source, b.data_source)
    assert all(map(is_new, after.of(c_now, c_now.data_source, c_now.glyph)))


def test_a_renderer_that_went_takes_only_its_own_id_along() -> None:
    p = plot()
    _, b, c = lines(p, 1, 2, 3)
    before = Ids(p)
    p = plot()
    now = lines(p, 2, 3)
    assert Ids(p, before).of(*now) == before.of(b, c)


def test_renderers_that_only_changed_their_order_keep_their_ids() -> None:
    p = plot()
    old = lines(p, 1, 2, 3)
    before = Ids(p)
    p = plot()
    now = lines(p, 3, 1, 2)
    assert Ids(p, before).of(*now) == before.of(old[2], old[0], old[1])


def test_a_renderer_with_other_looks_is_known_by_its_data() -> None:
    p = plot()
    old = lines(p, 1, 2, color="red")
    before = Ids(p)
    p = plot()
    now = lines(p, 2, color="blue") + lines(p, 1, color="green")
    assert Ids(p, before).of(*now) == before.of(old[1], old[0])


def test_renderers_with_other_data_are_known_by_their_looks() -> None:
    p = plot()
    old = lines(p, 1, color="red") + lines(p, 2, color="blue")
    before = Ids(p)
    p = plot()
    now = lines(p, 3, color="blue") + lines(p, 4, color="red")
    assert Ids(p, before).of(*now) == before.of(old[1], old[0])


def test_what_nothing_else_tells_apart_is_known_by_its_position() -> None:
    p = plot()
    old = lines(p, 1, 2)
    before = Ids(p)
    p = plot()
    now = lines(p, 3, 4)
    assert Ids(p, before).of(*now) == before.of(*old)


def test_a_renderer_of_another_glyph_keeps_its_source_and_has_a_new_glyph() -> None:
    p = plot()
    a = p.line(X, X)
    before = Ids(p)
    p = plot()
    a_now = p.scatter(X, X)
    after = Ids(p, before)
    assert after.of(a_now, a_now.data_source) == before.of(a, a.data_source)
    assert is_new(*after.of(a_now.glyph))


def two() -> tuple[Any, Any]:
    p, q = plot("sales"), plot("costs")
    lines(p, 1)
    lines(q, -1)
    return p, q


def test_a_plot_added_in_front_of_a_row_is_the_new_one() -> None:
    p, q = two()
    before = Ids(row(p, q))
    p_now, q_now = two()
    new = plot("gains")
    lines(new, 7)
    after = Ids(row(new, p_now, q_now), before)
    assert after.of(p_now, q_now, p_now.x_range) == before.of(p, q, p.x_range)
    assert all(map(is_new, after.of(new, new.x_range)))


def test_two_plots_that_were_swapped_keep_their_ids() -> None:
    p, q = two()
    before = Ids(row(p, q))
    p_now, q_now = two()
    assert Ids(row(q_now, p_now), before).of(p_now, q_now, q_now.x_range) == before.of(p, q, q.x_range)


def test_a_plot_that_went_into_a_layout_keeps_its_ids_below_a_new_root() -> None:
    p, _ = two()
    before = Ids(p)
    p_now, q_now = two()
    layout = row(q_now, p_now)
    after = Ids(layout, before)
    assert after.of(p_now, p_now.x_range, p_now.renderers[0]) == before.of(p, p.x_range, p.renderers[0])
    assert all(map(is_new, after.of(layout, q_now)))


def test_a_plot_that_left_its_layout_keeps_its_ids() -> None:
    p, q = two()
    before = Ids(row(p, q))
    _, q_now = two()
    assert Ids(q_now, before).of(q_now, q_now.y_range) == before.of(q, q.y_range)


def test_a_row_that_became_a_column_keeps_what_is_in_it() -> None:
    p, q = two()
    before = Ids(row(p, q))
    p_now, q_now = two()
    layout = column(p_now, q_now)
    after = Ids(layout, before)
    assert after.of(p_now, q_now) == before.of(p, q)
    assert is_new(*after.of(layout))


def test_tabs_that_were_put_in_another_order_keep_their_ids() -> None:
    def panels() -> list[Any]:
        return [TabPanel(child=Div(text=text), title=text) for text in ("one", "two", "three")]

    old, now = panels(), panels()
    before = Ids(Tabs(tabs=old))
    assert Ids(Tabs(tabs=[now[2], now[0], now[1]]), before).of(*now) == before.of(*old)


def legend(p: Any, *heights: int) -> list[Any]:
    items = [LegendItem(label=f"times {n}", renderers=lines(p, n)) for n in heights]
    p.add_layout(Legend(items=items))
    return items


def test_a_legend_item_that_went_leaves_the_others_their_ids() -> None:
    p = plot()
    one, _, three = legend(p, 1, 2, 3)
    before = Ids(p)
    p = plot()
    now = legend(p, 1, 3)
    after = Ids(p, before)
    assert after.of(*now) == before.of(one, three)
    assert after.of(*[item.renderers[0] for item in now]) == before.of(one.renderers[0], three.renderers[0])


def test_a_source_with_a_column_renamed_is_the_same_source() -> None:
    def built(name: str) -> tuple[Any, Any]:
        p, source = plot(), ColumnDataSource({"x": X, name: X * 2})
        p.line("x", name, source=source)
        return p, source

    was, source_then = built("y")
    before = Ids(was)
    now, source_now = built("z")
    assert Ids(now, before).of(now.renderers[0], source_now) == before.of(was.renderers[0], source_then)


def test_a_shared_source_that_was_split_is_still_that_of_the_first() -> None:
    p = plot()
    shared = ColumnDataSource({"x": X, "y": X})
    one, two_ = p.line("x", "y", source=shared), p.scatter("x", "y", source=shared)
    before = Ids(p)
    p = plot()
    first, second = ColumnDataSource({"x": X, "y": X}), ColumnDataSource({"x": X, "y": X})
    one_now, two_now = p.line("x", "y", source=first), p.scatter("x", "y", source=second)
    after = Ids(p, before)
    assert after.of(one_now, two_now, first) == before.of(one, two_, shared)
    assert is_new(*after.of(second))


def test_two_sources_that_became_one_leave_one_id() -> None:
    p = plot()
    first, second = ColumnDataSource({"x": X, "y": X}), ColumnDataSource({"x": X, "y": X})
    p.line("x", "y", source=first)
    p.scatter("x", "y", source=second)
    before = Ids(p)
    p = plot()
    shared = ColumnDataSource({"x": X, "y": X})
    p.line("x", "y", source=shared)
    p.scatter("x", "y", source=shared)
    assert Ids(p, before).of(shared) == before.of(first)


def test_a_shared_range_stays_the_one_that_is_shared() -> None:
    p, q = two()
    q.x_range = p.x_range
    before = Ids(row(p, q))
    p_now, q_now = two()
    q_now.x_range = p_now.x_range
    after = Ids(row(p_now, q_now, plot("gains")), before)
    assert after.of(p_now.x_range) == before.of(p.x_range)


@pytest.mark.parametrize(
    "options",
    [
        {"x_axis_type": "log"},
        {"x_axis_type": "datetime"},
        {"x_axis_type": "mercator"},
        {"x_range": ["a", "b"]},
    ],
    ids=str,
)
def test_a_range_whose_axis_became_another_kind_starts_afresh_and_the_other_stays(options: Any) -> None:
    p = plot()
    (line,) = lines(p, 1)
    before = Ids(p)
    p_now = plot(**options)
    (line_now,) = lines(p_now, 1)
    after = Ids(p_now, before)
    assert is_new(*after.of(p_now.x_range))
    assert after.of(p_now, line_now, p_now.y_range) == before.of(p, line, p.y_range)


def test_a_range_of_another_kind_is_new() -> None:
    p = plot()
    lines(p, 1)
    before = Ids(p)
    p_now = plot(x_range=Range1d(0, 1))
    lines(p_now, 1)
    after = Ids(p_now, before)
    assert is_new(*after.of(p_now.x_range))
    assert after.of(p_now.y_range) == before.of(p.y_range)


def test_another_plot_has_new_ids_only() -> None:
    p, q = plot("sales"), plot("costs")
    p.line(X, X)
    q.line(X + 100, X * -7.5)
    after = Ids(q, Ids(p))
    assert all(map(is_new, after.snapshot.ids))


def test_a_new_title_over_the_same_data_is_the_same_plot() -> None:
    p, p_now = plot("sales"), plot("gains")
    lines(p, 1)
    lines(p_now, 1)
    before = Ids(p)
    assert Ids(p_now, before).snapshot.ids == before.snapshot.ids


def test_new_data_under_the_same_title_is_the_same_plot() -> None:
    p, p_now = plot("sales"), plot("sales")
    lines(p, 1)
    p_now.line(X + 100, X + 200)
    before = Ids(p)
    assert Ids(p_now, before).snapshot.ids == before.snapshot.ids


def test_what_has_no_rows_yet_tells_nothing_so_that_it_stays_the_same_plot() -> None:
    def built(title: str, rows: Any) -> Any:
        p = plot(title)
        p.line(rows, rows)
        return p

    before = Ids(built("waiting", []))
    assert Ids(built("sales", []), before).snapshot.ids == before.snapshot.ids
    assert Ids(built("sales", [1, 2]), before).snapshot.ids == before.snapshot.ids


def test_a_callback_that_refers_to_all_around_it_is_no_endless_matter() -> None:
    def built() -> Any:
        p, slider = plot(), Slider(start=0, end=1, value=0)
        lines(p, 1)
        layout = row(slider, p)
        slider.js_on_change("value", CustomJS(args={"layout": layout, "p": p}, code="0"))
        return layout

    before = Ids(built())
    assert Ids(built(), before).snapshot.ids == before.snapshot.ids


@pytest.mark.filterwarnings("ignore:Duplicate qualified model")
def test_a_class_that_is_defined_again_has_the_defaults_that_it_has_now() -> None:
    def define(value: int) -> type[Div]:
        members = {"__module__": "redefined", "level": Int(default=value)}
        return type("Redefined", (Div,), members)

    found = []
    for value in (1, 2):
        kind = define(value).__qualified_model__
        known = find_default(kind, "level")
        assert known is not None
        found.append(known.text)
    assert found == ["1", "2"]
