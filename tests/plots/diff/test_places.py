"""The same code gives a model the same id, in each kernel, unless it is about something else."""

from __future__ import annotations

from typing import Any

from bokeh.layouts import column
from bokeh.models import Select
from bokeh.plotting import figure
from bokeh.themes import Theme

from bokeh_share.plots.diff.matching import assign_place_ids
from bokeh_share.plots.diff.places import name_places
from bokeh_share.plots.snapshot.capture import capture_plot
from bokeh_share.plots.snapshot.snapshot import Snapshot

NO_THEME = Theme(json={})


def capture(root: Any) -> Snapshot:
    return capture_plot(root, theme=NO_THEME).snapshot


def draw(title: str = "a", label: str | None = "hours", **options: Any) -> Any:
    p = figure(title=title, x_axis_label=label, **options)
    p.line("x", "y", source={"x": [1, 2], "y": [3, 4]})
    return p


def find(root: Any, place: str) -> str:
    """Return the name of the place of the only model at a property of the root."""
    snapshot = capture(root)
    return name_places(snapshot)[snapshot.nodes[0].attributes[place].refs[0]]


def test_each_model_has_a_name_and_the_same_code_gives_the_same_names() -> None:
    names = name_places(capture(column(draw(), draw(), Select(options=["a"]))))
    assert names == name_places(capture(column(draw(), draw(), Select(options=["a"]))))
    assert len(set(names)) == len(names)
    assert find(draw(), "x_range") == "ma84dd95", "another process gives the same"


def test_a_range_keeps_its_name_as_long_as_its_axis_measures_the_same() -> None:
    name = find(draw(), "x_range")
    assert find(draw("b", height=300, y_axis_label="euros"), "x_range") == name
    assert find(draw(label="euros"), "x_range") != name
    assert find(draw(x_axis_type="log"), "x_range") != name
    assert find(draw(x_axis_type="datetime"), "x_range") != name


def test_a_renderer_of_another_glyph_or_of_other_fields_has_another_name() -> None:
    def draw_one(kind: str, **fields: str) -> Any:
        p = figure()
        getattr(p, kind)(**fields, source={"x": [1], "y": [2], "z": [3]})
        return p

    kinds = [
        ("line", {"x": "x", "y": "y"}),
        ("line", {"x": "x", "y": "z"}),
        ("scatter", {"x": "x", "y": "y"}),
    ]
    assert len({find(draw_one(kind, **fields), "renderers") for kind, fields in kinds}) == 3


def test_new_models_of_later_states_get_the_ids_that_another_kernel_gives_at_once() -> None:
    def draw_more() -> Any:
        p = draw()
        p.scatter("x", "y", source={"x": [1], "y": [2]})
        return p

    first = assign_place_ids(capture(draw()), None, 1, ())
    second = assign_place_ids(capture(draw_more()), first, 2, first.ids)
    assert second.ids == assign_place_ids(capture(draw_more()), None, 1, ()).ids


def test_a_used_id_gets_the_generation() -> None:
    first = assign_place_ids(capture(draw()), None, 1, ())
    second = assign_place_ids(capture(draw()), None, 7, first.ids)
    assert second.ids == tuple(f"{id}.7" for id in first.ids)
