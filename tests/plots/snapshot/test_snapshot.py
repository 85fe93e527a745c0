from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from bokeh.core.properties import Int
from bokeh.core.serialization import Serializer
from bokeh.document import Document
from bokeh.layouts import row
from bokeh.model import DataModel
from bokeh.models import ColumnDataSource, CustomJS, DataTable, Div, Slider, TableColumn
from bokeh.plotting import figure
from bokeh.themes import Theme, built_in_themes
from support.looks import arrays_of, as_json

from bokeh_share.errors import CannotSerialize, PlotTooLarge
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Snapshot

NO_THEME = Theme(json={})


def plot(n: int = 5, **options: Any) -> Any:
    p = figure(**options)
    p.line(np.arange(float(n)), np.arange(float(n)) ** 2)
    return p


def snap(root: Any, before: Snapshot | None = None, **options: Any) -> Snapshot:
    return capture_plot(root, theme=NO_THEME, before=before, **options).snapshot


def plain(rep: Any) -> Any:
    """A representation without ids and buffers, to compare two of them."""
    if isinstance(rep, dict):
        return {key: plain(value) for key, value in rep.items() if key != "id"}
    if isinstance(rep, list | tuple):
        return [plain(value) for value in rep]
    return rep if isinstance(rep, str | int | float | bool | None) else "buffer"


def test_the_same_code_run_twice_gives_the_same_snapshot() -> None:
    assert snap(plot(title="a")) == snap(plot(title="a"))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"title": "a"}, {"title": "b"}),
        ({"tags": [1]}, {"tags": [True]}),
        ({"tags": [0.0]}, {"tags": [-0.0]}),
        ({"tags": [1]}, {"tags": [1.0]}),
        ({"n": 5}, {"n": 6}),
    ],
)
def test_what_draws_or_reads_differently_gives_another_snapshot(first: Any, second: Any) -> None:
    assert snap(plot(**first)) != snap(plot(**second))


def test_nan_is_equal_to_itself_and_minus_zero_is_not_zero_in_an_array() -> None:
    def values(*y: float) -> Snapshot:
        return snap(row(children=[], tags=[np.array(y)]))

    assert values(np.nan, 1.0) == values(np.nan, 1.0)
    assert values(0.0) != values(-0.0)


def test_no_id_of_the_authors_is_in_it() -> None:
    p = plot()
    captured = capture_plot(p, theme=NO_THEME)
    assert captured.node_indices[p.id] == 0
    sent = json.dumps(as_json(captured.snapshot))
    assert not [id for id in captured.node_indices if f'"{id}"' in sent]


def test_the_arrays_are_bytes_of_our_own() -> None:
    y = np.arange(4.0)
    p = figure()
    p.line(x=np.zeros(4), y=y)
    before = snap(p)
    y[1] = 99
    assert y.tobytes() not in arrays_of(before)
    assert np.arange(4.0).tobytes() in arrays_of(before)


def test_an_array_that_did_not_change_is_taken_from_the_snapshot_before() -> None:
    p = plot()
    before = snap(p)
    p.title.text = "new"
    after = snap(p, before)
    assert after != before
    assert [new is old for new, old in zip(arrays_of(after), arrays_of(before), strict=True)] == [True, True]


def test_nothing_changed_gives_the_very_same_snapshot() -> None:
    p = plot()
    before = snap(p)
    assert snap(p, before) is before


def test_a_changed_element_of_an_array_is_seen() -> None:
    p = plot()
    before = snap(p)
    p.renderers[0].data_source.data["y"][3] = 7
    assert snap(p, before) != before


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4)[:, ::2],
        np.arange(6, dtype="int8"),
        np.array([], dtype="float64"),
        np.array([True, False]),
        np.array(["a", "b"]),
        np.array(["2026-01-01", "2026-01-02"], dtype="datetime64[D]"),
    ],
)
def test_arrays_of_every_kind_are_captured_as_bokeh_does(array: Any) -> None:
    source = ColumnDataSource({"a": array})
    theirs = Serializer().serialize(source)
    ours = snap(source)
    assert arrays_of(ours) == [buffer.to_bytes() for buffer in theirs.buffers]
    assert snap(source, ours) is ours


@pytest.mark.parametrize("name", sorted(built_in_themes))
def test_the_theme_that_show_would_apply_is_in_it_and_the_model_stays_untouched(name: str) -> None:
    theme = built_in_themes[name]
    mine, theirs = plot(title="t"), plot(title="t")
    before = _json(mine)
    ours = capture_plot(mine, theme=theme).snapshot
    assert _json(mine) == before
    assert mine.themed_values() is None
    document = Document(theme=theme)
    document.add_root(theirs)
    assert plain(as_json(ours)) == plain(_json(theirs))


def _json(model: Any) -> Any:
    return plain(json.loads(json.dumps(Serializer().encode(model), default=lambda buffer: {"id": buffer.id})))


def test_what_the_author_set_goes_before_the_theme() -> None:
    mine = figure(background_fill_color="red")
    rep = as_json(capture_plot(mine, theme=built_in_themes["dark_minimal"]).snapshot)
    assert rep["attributes"]["background_fill_color"] == "red"


def test_a_model_shared_inside_a_layout_is_there_once() -> None:
    p, q = plot(), plot()
    q.x_range = p.x_range
    rep = as_json(snap(row(p, q)))
    first, second = rep["attributes"]["children"]
    assert second["attributes"]["x_range"] == {"id": first["attributes"]["x_range"]["id"]}


@pytest.mark.parametrize(
    ("model", "parts"),
    [
        (lambda: plot(), set()),
        (lambda: Slider(start=0, end=1, value=0), {"widgets"}),
        (lambda: DataTable(columns=[TableColumn(field="a")]), {"widgets", "tables"}),
        (lambda: plot(output_backend="webgl"), {"gl"}),
        (lambda: Div(text="$$x^2$$"), {"widgets", "mathjax"}),
        (lambda: plot(title=r"\(x^2\)"), {"mathjax"}),
    ],
)
def test_it_knows_which_parts_of_bokehjs_it_needs(model: Any, parts: set[str]) -> None:
    assert snap(model()).parts == parts


def test_a_theme_may_ask_for_a_part_of_bokehjs() -> None:
    theme = Theme(json={"attrs": {"figure": {"output_backend": "webgl"}}})
    assert capture_plot(plot(), theme=theme).snapshot.parts == {"gl"}
    assert capture_plot(plot(output_backend="svg"), theme=theme).snapshot.parts == set()


def test_a_callback_may_refer_to_models_that_are_drawn_and_to_others() -> None:
    p = plot()
    slider = Slider(start=0, end=1, value=0)
    slider.js_on_change("value", CustomJS(args={"p": p, "other": ColumnDataSource({"a": [1]})}, code="0"))
    assert str(as_json(snap(row(slider, p)))).count("'name': 'ColumnDataSource'") == 2


def test_data_models_bring_their_definitions() -> None:
    class Amount(DataModel):
        value = Int(default=3)

    defs = json.loads(snap(row(children=[], tags=[Amount(value=4)])).defs)
    assert any(each["name"].endswith("Amount") for each in defs)
    assert snap(plot()).defs == "[]"


def test_a_value_that_bokeh_refuses_is_named_with_its_property() -> None:
    p = plot()
    p.renderers[0].glyph.tags = [object()]
    with pytest.raises(CannotSerialize) as caught:
        snap(p, plot_name="sales")
    assert caught.value.part == "property 'Line.tags'"
    assert "sales" in str(caught.value)
    assert "object" in str(caught.value)


def test_the_property_is_named_in_a_model_that_has_unset_ones_too() -> None:
    with pytest.raises(CannotSerialize) as caught:
        snap(plot(tags=[object()]))
    assert caught.value.part == "property 'figure.tags'"


def test_a_plot_over_the_limit_is_refused_with_both_numbers() -> None:
    with pytest.raises(PlotTooLarge) as caught:
        snap(plot(1000), limit=10_000)
    assert caught.value.limit == 10_000
    assert caught.value.size >= 16_000


def test_it_is_as_large_as_what_is_sent() -> None:
    snapshot = snap(plot(1000))
    sent = len(json.dumps(as_json(snapshot), separators=(",", ":"))) + 2 * 8000
    assert snapshot.size == pytest.approx(sent, rel=0.1)
