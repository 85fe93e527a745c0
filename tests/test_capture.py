from __future__ import annotations

import copy
import gc
import weakref
from typing import Any

import numpy as np
import pytest
from bokeh.document import Document
from bokeh.io import curdoc
from bokeh.models import ColumnDataSource, CustomJS, Div, Row
from bokeh.plotting import figure
from looks import as_json

from bokeh_share.capture import Capture, as_shown
from bokeh_share.errors import CannotSerialize, NotAModel
from bokeh_share.page import Key, Page

P, Q = Key("name", "p"), Key("name", "q")


def text(page: Page, key: Key = P) -> str:
    plot = page.find(key)
    assert plot is not None
    return str(as_json(plot.snapshot)["attributes"]["text"])


@pytest.fixture
def pages() -> list[Page]:
    return []


@pytest.fixture
def capture(pages: list[Page]) -> Capture:
    capture = Capture()
    capture.on_page = pages.append
    return capture


def test_what_is_put_is_on_the_page_as_it_was_then(capture: Capture, pages: list[Page]) -> None:
    div = Div(text="one")
    capture.put(P, div)
    div.text = "two"
    assert text(pages[-1]) == "one"


def test_a_change_in_place_is_found_when_one_looks_again(capture: Capture, pages: list[Page]) -> None:
    div = Div(text="one")
    capture.put(P, div)
    div.text = "two"
    capture.look_again()
    assert text(pages[-1]) == "two"


def test_an_element_assigned_in_an_array_is_found(capture: Capture, pages: list[Page]) -> None:
    source = ColumnDataSource({"y": np.zeros(5)})
    p = figure()
    p.line("y", "y", source=source)
    capture.put(P, p)
    source.data["y"][3] = 7
    capture.look_again()
    assert pages[-1].plots[0].generation == 2


@pytest.mark.parametrize(
    ("columns", "change"),
    [
        ({"y": np.zeros(5)}, "data['y'][3] = 7"),
        ({"y": np.zeros(5, dtype="int64")}, "data['y'][3] = 7"),
        ({"y": np.zeros(5, dtype="M8[D]")}, "data['y'][3] = np.datetime64('2026-01-01')"),
        ({"y": [1.0, 2.0, 3.0]}, "data['y'][1] = 7.0"),
        ({"y": [1, 2, 3]}, "data['y'][0] = True"),
        ({"y": [[1.0, 2.0], [3.0]]}, "data['y'][1].append(7.0)"),
        ({"y": ["a", "b"]}, "data['y'][1] = 'c'"),
        ({"y": [{"a": 1}, {"a": 2}]}, "data['y'][0]['a'] = 3"),
        ({"y": np.array(["a", "b"])}, "data['y'][1] = 'c'"),
        ({"y": np.array(["a", None], dtype=object)}, "data['y'][1] = 'c'"),
    ],
)
@pytest.mark.parametrize("owned", [True, False])
def test_what_changes_in_place_is_found_whether_or_not_a_document_owns_it(
    capture: Capture, columns: dict[str, Any], change: str, owned: bool
) -> None:
    source = ColumnDataSource(copy.deepcopy(columns))
    row = Row(children=[], tags=[1])
    row.js_property_callbacks = {"change:tags": [CustomJS(args={"source": source}, code="0")]}
    if owned:
        document = Document()
        document.add_root(row)
    capture.put(P, row)
    capture.look_again()
    assert capture.page.plots[0].generation == 1
    exec(change, {"data": source.data, "np": np})
    capture.look_again()
    assert capture.page.plots[0].generation == 2


def test_looking_again_at_what_a_document_owns_encodes_nothing(
    capture: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    p = figure()
    p.line(np.arange(5.0), np.arange(5))
    document = Document()
    document.add_root(p)
    capture.put(P, p)
    monkeypatch.setattr("bokeh_share.capture.take", lambda *args, **options: pytest.fail("encoded again"))
    capture.look_again()


def test_a_new_theme_is_found(capture: Capture) -> None:
    p = figure()
    curdoc().add_root(p)
    capture.put(P, p)
    curdoc().theme = "dark_minimal"
    try:
        capture.look_again()
        assert "#20262B" in str(as_json(capture.page.plots[0].snapshot))
    finally:
        curdoc().theme = None  # type: ignore[assignment]
        curdoc().clear()


def test_looking_again_at_what_did_not_change_tells_nobody(capture: Capture, pages: list[Page]) -> None:
    div = Div(text="one")
    capture.put(P, div)
    told = len(pages)
    capture.look_again()
    assert len(pages) == told


def test_an_event_of_the_owning_document_marks_only_the_plot_it_is_about(capture: Capture) -> None:
    p, q = Div(text="one"), Div(text="one")
    document = Document()
    document.add_root(p)
    document.add_root(q)
    told: list[str] = []
    capture.on_dirty = lambda: told.append("dirty")
    capture.put(P, p)
    capture.put(Q, q)
    p.text = "two"
    assert told == ["dirty"]
    q.update(tags=[1])
    capture._dirty.discard(Q)
    capture.look_again(dirty_only=True)
    assert text(capture.page, P) == "two"
    assert [plot.generation for plot in capture.page.plots] == [2, 1]


def test_a_model_that_gets_an_owner_later_is_listened_to_from_then_on(capture: Capture) -> None:
    p = Div(text="one")
    capture.put(P, p)
    Document().add_root(p)
    capture.look_again()
    told: list[str] = []
    capture.on_dirty = lambda: told.append("dirty")
    p.text = "two"
    assert told == ["dirty"]


def test_a_part_that_changes_is_found_also_when_nobody_kept_the_layout_around_it(capture: Capture) -> None:
    div = Div(text="one")
    capture.put(P, Row(children=[div]))
    gc.collect()
    div.text = "two"
    capture.look_again()
    assert "two" in str(as_json(capture.page.plots[0].snapshot))


def test_models_that_left_the_page_are_not_kept_alive(capture: Capture) -> None:
    div = Div(text="one")
    alive = weakref.ref(div)
    capture.put(P, div)
    capture.put(P, Div(text="two"))
    del div
    gc.collect()
    assert alive() is None


def test_a_list_is_one_plot_and_is_looked_at_again(capture: Capture) -> None:
    p, q = Div(text="p"), Div(text="q")
    capture.put(P, [p, q])
    q.text = "new"
    gc.collect()
    capture.look_again()
    children = as_json(capture.page.plots[0].snapshot)["attributes"]["children"]
    assert [child["attributes"]["text"] for child in children] == ["p", "new"]
    assert p.document is None


def test_a_plot_that_fails_keeps_its_last_good_state_and_says_why(
    capture: Capture, pages: list[Page]
) -> None:
    div = Div(text="good")
    capture.put(P, div)
    div.tags = [object()]
    capture.look_again()
    assert text(pages[-1]) == "good"
    assert "Div.tags" in capture.problems[P]
    with pytest.raises(CannotSerialize):
        capture.put(P, div)
    div.tags = []
    capture.look_again()
    assert not capture.problems


def test_what_is_removed_is_forgotten_with_its_problem(capture: Capture) -> None:
    div = Div(text="good")
    capture.put(P, div)
    div.tags = [object()]
    capture.look_again()
    capture.remove(lambda key: key == P)
    assert not capture.page.plots
    assert not capture.problems
    assert not capture.keys_of(div)


def test_closing_takes_back_what_was_added_to_documents(capture: Capture) -> None:
    document = Document()
    div = Div(text="one")
    document.add_root(div)
    before = dict(document.callbacks._change_callbacks)
    capture.put(P, div)
    assert dict(document.callbacks._change_callbacks) != before
    capture.close()
    assert dict(document.callbacks._change_callbacks) == before


def test_the_current_documents_theme_is_in_the_picture(capture: Capture) -> None:
    curdoc().theme = "dark_minimal"
    try:
        capture.put(P, figure())
    finally:
        curdoc().theme = None  # type: ignore[assignment]
    attributes = as_json(capture.page.plots[0].snapshot)["attributes"]
    assert attributes["background_fill_color"] == "#20262B"


@pytest.mark.parametrize("value", [3, None, "p", [], [3], object(), {"a": 1}, figure])
def test_what_bokeh_cannot_show_is_refused_with_its_type(value: object) -> None:
    with pytest.raises(NotAModel) as caught:
        as_shown(value, name="x")
    assert type(value).__name__ in str(caught.value)


def test_a_renderer_is_no_plot() -> None:
    with pytest.raises(NotAModel):
        as_shown(figure().line([1], [1]))
