from __future__ import annotations

import base64
import gzip
import json
import tracemalloc
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bokeh.core.serialization import Buffer
from bokeh.core.types import ID
from bokeh.document import Document
from bokeh.model import Model
from bokeh.models import (
    Button,
    CDSView,
    ColumnDataSource,
    CustomAction,
    Div,
    FileInput,
    ImageURLTexture,
    LinearColorMapper,
    Range1d,
    Slider,
    Span,
    Switch,
    TextInput,
)
from bokeh.plotting import figure
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bokeh_share import limits
from bokeh_share.apps.protocol.errors import MessageError
from bokeh_share.apps.protocol.memory_quota import MemoryQuota
from bokeh_share.apps.protocol.message_reader import MessageReader, parse_json
from bokeh_share.apps.protocol.patch import DocumentPatch, read_document_patch
from bokeh_share.compat import restore_curdoc

SECRET = "what only the author may read"


class Own(Model):
    """A model of the author's."""


def document(*roots: Model) -> Document:
    doc = Document()
    for root in roots:
        doc.add_root(root)
    return doc


def ref(model: Model) -> dict[str, Any]:
    return {"id": model.id}


def changed(model: Model, attr: str, new: Any) -> dict[str, Any]:
    return {"kind": "ModelChanged", "model": ref(model), "attr": attr, "new": new}


def cells(model: Model, patches: dict[str, Any]) -> dict[str, Any]:
    entries = [[name, patch] for name, patch in patches.items()]
    return {
        "kind": "ColumnsPatched",
        "model": ref(model),
        "attr": "data",
        "patches": {"type": "map", "entries": entries},
    }


def rows(model: Model, data: dict[str, Any], rollover: Any = None) -> dict[str, Any]:
    return {
        "kind": "ColumnsStreamed",
        "model": ref(model),
        "attr": "data",
        "data": {"type": "map", "entries": [[name, each] for name, each in data.items()]},
        "rollover": rollover,
    }


def happened(name: str, **values: Any) -> dict[str, Any]:
    message = {
        "type": "event",
        "name": name,
        "values": {"type": "map", "entries": [*map(list, values.items())]},
    }
    return {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": message}


def added(name: str, id: str = "j1001", **attributes: Any) -> dict[str, Any]:
    return {"type": "object", "name": name, "id": id, "attributes": attributes}


def applied(patch: DocumentPatch) -> None:
    for step in patch.build_steps():
        step()


def apply(doc: Document, *events: Any, buffers: dict[str, bytes] | None = None) -> None:
    content = json.loads(json.dumps({"events": list(events)}))
    arrays = [Buffer(ID(name), data) for name, data in (buffers or {}).items()]
    with restore_curdoc():
        applied(read_document_patch(content, arrays, doc, None))


def to_text(doc: Document) -> str:
    """All that is in the document."""
    models = sorted(doc.models, key=lambda model: model.id)
    return str([(model.id, model.properties_with_values()) for model in models])


def refused(doc: Document, *events: Any, buffers: dict[str, bytes] | None = None) -> str:
    """Why it is not done; nothing of the document is another than before."""
    before = to_text(doc)
    with pytest.raises(MessageError) as error:
        apply(doc, *events, buffers=buffers)
    assert to_text(doc) == before
    return error.value.kind


@pytest.fixture
def secret(tmp_path: Path) -> str:
    """An image of the author."""
    path = tmp_path / "secret.svg"
    path.write_text(SECRET)
    return str(path)


@pytest.mark.parametrize(
    "path", ["secret.svg", "/etc/hostname", "file:///etc/hostname", "Pictures", "", ".x"]
)
def test_an_image_cannot_be_a_path(
    path: str, secret: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    action, switch = CustomAction(), Switch()
    doc = document(figure(tools=[action]), switch)
    refused(doc, changed(action, "icon", path))
    refused(doc, changed(action, "icon", secret))
    refused(doc, changed(switch, "on_icon", path))
    assert SECRET not in str(doc.to_json())


def test_nor_is_it_one_in_a_new_model_however_deep(secret: str) -> None:
    p = figure()
    doc = document(p)
    tools = [added("CustomAction", icon=secret)]
    refused(doc, changed(p.toolbar, "tools", tools))
    nested = added("Toolbar", "j1", tools={"type": "array", "entries": tools})
    refused(doc, changed(p, "toolbar", nested))
    refused(doc, {"kind": "RootAdded", "model": tools[0]})
    texture = added("ImageURLTexture", url=secret)
    refused(doc, changed(p, "tags", [texture]))
    refused(doc, happened("tap", model=ref(p), x=tools[0]))
    source = ColumnDataSource({"x": [1]})
    refused(document(source), rows(source, {"x": [texture]}))
    assert ImageURLTexture(url=secret).url.startswith("data:")  # what Bokeh would have made of it


def test_a_picture_can_be_a_link_a_picture_or_none() -> None:
    action = CustomAction()
    doc = document(figure(tools=[action]))
    for icon in ("data:image/png;base64,AA==", "https://example.com/x.png", None):
        apply(doc, changed(action, "icon", icon))
        assert action.icon == icon


def test_moving_a_point_does_not_change_the_array_and_list_of_the_author() -> None:
    array, values, texts = np.arange(3.0), [1, 2, 3], ["a", "b", "c"]
    part = np.zeros((2, 2))
    source = ColumnDataSource({"x": array, "y": values, "t": texts, "image": [part, part, part]})
    moved = source.data["x"]
    doc = document(source)
    index_slice = {"type": "slice", "start": 0, "stop": 2, "step": None}
    apply(doc, cells(source, {"x": [[1, 9.5]], "y": [[index_slice, [7, 8]]], "t": [[0, "z"]]}))
    apply(doc, cells(source, {"image": [[[0, 1, 1], [5.0]]]}))
    assert list(source.data["x"]) == [0, 9.5, 2]
    assert source.data["y"] == [7, 8, 3]
    assert source.data["t"] == ["z", "b", "c"]
    assert source.data["image"][0][1, 1] == 5
    assert (list(array), list(moved), values, texts) == ([0, 1, 2], [0, 1, 2], [1, 2, 3], ["a", "b", "c"])
    assert not part.any()


def test_what_the_author_took_from_the_source_since_stays_unchanged_too() -> None:
    source = ColumnDataSource({"x": [1, 2]})
    doc = document(source)
    apply(doc, cells(source, {"x": [[0, 5]]}))
    taken = source.data["x"]
    apply(doc, cells(source, {"x": [[0, 6]]}), rows(source, {"x": [3]}))
    assert taken == [5, 2]
    assert source.data["x"] == [6, 2, 3]


def copied(doc: Document, *events: Any) -> float:
    """Bytes of columns that were copied for this message."""
    content = json.loads(json.dumps({"events": list(events)}))
    patch = read_document_patch(content, [], doc, None)
    before = patch.take_cost()
    applied(patch)
    assert before > 0
    return patch.take_cost() * limits.APP_COPIED_BYTES_PER_MESSAGE


@pytest.mark.parametrize("column", [np.arange(1000.0), list(range(1000)), tuple(range(1000))])
def test_however_many_cells_a_message_changes_a_column_is_copied_once(column: Any) -> None:
    doc = document(source := ColumnDataSource({"x": column, "y": np.arange(1000)}))
    many = [cells(source, {"x": [[row, -1]]}) for row in range(limits.MAX_APP_COSTLY_EVENTS)]
    assert copied(doc, *many) == pytest.approx(1000 * 8)
    assert [*source.data["x"]][:100] == [-1] * 100
    assert [*column][:3] == [0, 1, 2]
    assert copied(doc, cells(source, {"x": [[0, 5]]}), cells(source, {"y": [[0, 5]]})) == 2 * 1000 * 8


def test_an_array_that_is_a_cell_is_copied_once() -> None:
    images = [np.zeros((10, 10)), np.zeros((10, 10))]
    doc = document(source := ColumnDataSource({"image": images}))
    many = [cells(source, {"image": [[[0, row, 1], [5.0]], [[0, row, 2], [6.0]]]}) for row in range(10)]
    assert copied(doc, *many) == pytest.approx(800 + 2 * 8)
    assert source.data["image"][0][:, 2].tolist() == [6.0] * 10
    assert not images[0].any()


def test_rows_that_are_added_one_by_one_cost_one_copy_of_a_list() -> None:
    doc = document(source := ColumnDataSource({"x": [*range(1000)]}))
    assert copied(doc, *(rows(source, {"x": [5]}) for _ in range(50))) < 2 * 1000 * 8
    arrays = document(source := ColumnDataSource({"x": np.arange(1000)}))
    assert (
        copied(arrays, *(rows(source, {"x": [5]}) for _ in range(50))) > 50 * 1000 * 8
    )  # Bokeh's own copies


def test_values_that_the_author_keeps_between_changes_stay_unchanged() -> None:
    source = ColumnDataSource({"x": np.arange(3.0), "y": [0, 1, 2], "image": [np.zeros((2, 2))] * 3})
    doc, kept = document(source), list[Any]()
    source.on_change("data", lambda attr, old, new: kept.append((new["x"][1:], new["y"], new["image"][0])))
    apply(
        doc, *(cells(source, {"x": [[1, n]], "y": [[1, n]], "image": [[[0, 1, 1], [n]]]}) for n in (7, 8, 9))
    )
    assert [each[0].tolist() for each in kept] == [[7, 2], [8, 2], [9, 2]]
    assert [each[1] for each in kept] == [[0, 7, 2], [0, 8, 2], [0, 9, 2]]
    assert [each[2].tolist() for each in kept] == [[[0, 0], [0, 7]], [[0, 0], [0, 8]], [[0, 0], [0, 9]]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"x": [[0, 5.0], [{"type": "slice", "start": 0, "stop": 2, "step": None}, [7, 8]], [9, 1.0]]},
        {"image": [[[0, 0, 1], [5.0]], [[0, 0, 9], [5.0]]]},
        {"x": [[2, 5.0]], "y": [[0, 9], [-1, 9]]},
    ],
)
def test_a_change_that_fails_half_way_leaves_the_columns_as_the_former_made_them(wrong: Any) -> None:
    source = ColumnDataSource({"x": np.arange(3.0), "y": [0, 1, 2], "image": [np.zeros((2, 2))] * 3})
    first = cells(source, {"x": [[1, 7.0]], "y": [[1, 7]], "image": [[[0, 1, 1], [7.0]]]})
    with pytest.raises(MessageError):
        apply(document(source), first, cells(source, wrong))
    assert source.data["x"].tolist() == [0, 7, 2]
    assert source.data["y"] == [0, 7, 2]
    assert source.data["image"][0].tolist() == [[0, 0], [0, 7]]


def test_each_change_of_a_message_is_a_step_of_its_own() -> None:
    doc, calls = document(slider := Slider(start=0, end=9, value=1)), list[int]()
    slider.on_change("value", lambda attr, old, new: calls.append(new))
    steps = read_document_patch(
        {"events": [changed(slider, "value", n) for n in (2, 3, 4)]}, [], doc, None
    ).build_steps()
    next(steps)()
    assert calls == [2]
    next(steps)()
    assert calls == [2, 3]


def test_a_column_that_nobody_may_change_is_changed_in_a_copy() -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    source = ColumnDataSource({"x": array, "y": (1, 2, 3)})
    apply(document(source), cells(source, {"x": [[0, 5.0]], "y": [[0, 5]]}))
    assert (list(source.data["x"]), list(source.data["y"])) == ([5, 1, 2], [5, 2, 3])
    assert list(array) == [0, 1, 2]


def test_adding_rows_does_not_change_objects_of_the_author() -> None:
    array, values = np.arange(3.0), [1, 2, 3]
    source = ColumnDataSource({"x": array, "y": values})
    apply(document(source), rows(source, {"x": [4, 5], "y": ["a", None]}, 4))
    assert list(source.data["x"]) == [1, 2, 4, 5]
    assert source.data["y"] == [2, 3, "a", None]
    assert (list(array), values) == ([0, 1, 2], [1, 2, 3])


@pytest.mark.parametrize(
    "patch",
    [
        [[3, 1.0]],
        [[-1, 1.0]],
        [[True, 1.0]],
        [["x", 1.0]],
        [[0]],
        [0],
        {"type": "map"},
        [[0, "text"]],
        [[0, [1.0]]],
        [[{"type": "slice", "start": 0, "stop": 2, "step": None}, [1.0]]],
        [[{"type": "slice", "start": 2, "stop": 0, "step": None}, []]],
        [[{"type": "slice", "start": 0, "stop": 2, "step": 0}, [1.0, 2.0]]],
        [[{"type": "slice", "start": 0, "stop": 2, "step": -1}, [1.0, 2.0]]],
        [[{"type": "slice", "start": 0, "stop": 2, "step": None}, 1.0]],
        [[[0, 0], [1.0]]],
        [[[0], [1.0]]],
        [[[], [1.0]]],
        [[[9, 0], [1.0]]],
    ],
)
def test_cells_that_there_are_not_are_not_changed(patch: Any) -> None:
    source = ColumnDataSource({"x": np.arange(3.0), "y": np.arange(3)})
    doc = document(source)
    refused(doc, cells(source, {"x": patch}))
    refused(doc, cells(source, {"y": [[0, 1]], "x": patch}))
    refused(doc, cells(source, {"z": [[0, 1]]}))
    refused(doc, cells(source, {"y": [[0, 1e300]]}))
    refused(doc, cells(source, {"y": [[0, {"type": "number", "value": "nan"}]]}))


@pytest.mark.parametrize(
    "data",
    [
        {"x": [1]},
        {"x": [1], "y": [1], "t": ["a"], "z": [1]},
        {"x": [1, 2], "y": [1], "t": ["a"]},
        {"x": ["text"], "y": [1], "t": ["a"]},
        {"x": [[1, 2]], "y": [1], "t": ["a"]},
        {"x": [None], "y": [1], "t": ["a"]},
        {"x": [1], "y": [1], "t": ["a" * 2_000_000]},
        {"x": [1], "y": [1], "t": [5]},
        {"x": 5, "y": [1], "t": ["a"]},
        {"x": "a", "y": [1], "t": ["a"]},
    ],
)
def test_rows_that_do_not_fit_are_not_added(data: dict[str, Any]) -> None:
    source = ColumnDataSource({"x": np.arange(3.0), "y": [1, 2, 3], "t": np.array(["a", "b", "c"])})
    doc = document(source)
    refused(doc, rows(source, data))
    for rollover in (-1, True, "3", 1.5):
        refused(doc, rows(source, {"x": [1], "y": [1], "t": ["a"]}, rollover))


def test_columns_of_several_lengths_are_not_set() -> None:
    source = ColumnDataSource({"x": [1], "y": [2]})
    doc = document(source)
    for data in ({"x": [1, 2], "y": [1]}, {"x": 5}, {"x": "abc"}, [1], None):
        new = {"type": "map", "entries": [*map(list, data.items())]} if isinstance(data, dict) else data
        refused(doc, changed(source, "data", new))
        event = {"kind": "ColumnDataChanged", "model": ref(source), "attr": "data", "data": new, "cols": None}
        refused(doc, event)


def test_a_whole_new_column_may_come_as_an_array() -> None:
    source = ColumnDataSource({"x": [1]})
    array = {
        "type": "ndarray",
        "array": {"type": "bytes", "data": {"id": "a"}},
        "dtype": "float64",
        "order": "little",
        "shape": [2],
    }
    new = {"type": "map", "entries": [["x", array]]}
    apply(document(source), changed(source, "data", new), buffers={"a": np.array([1.5, 2.5]).tobytes()})
    assert list(source.data["x"]) == [1.5, 2.5]


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [3]},
        {"shape": [-1]},
        {"shape": [10**15]},
        {"shape": [2, 0]},
        {"shape": []},
        {"shape": None},
        {"shape": [True]},
        {"shape": [2.0]},
        {"dtype": "object"},
        {"dtype": "O"},
        {"dtype": "U1000000"},
        {"dtype": ["float64"]},
        {"dtype": "float32"},
        {"order": "middle"},
        {"array": {"type": "bytes", "data": {"id": "b"}}},
        {"array": {"type": "bytes", "data": {"id": ["a"]}}},
        {"array": {"type": "bytes", "data": base64.b64encode(gzip.compress(b"\0" * 10_000_000)).decode()}},
        {"array": [1, "x"]},
        {"array": [[1], [2]]},
        {"array": {"type": "ndarray"}},
        {"array": "AAAA"},
    ],
)
def test_an_array_is_what_it_says(changes: dict[str, Any]) -> None:
    source = ColumnDataSource({"x": [1]})
    doc = document(source)
    array = {"type": "bytes", "data": {"id": "a"}}
    good = {"type": "ndarray", "array": array, "dtype": "float64", "order": "little", "shape": [2]}
    new = {"type": "map", "entries": [["x", {**good, **changes}]]}
    refused(doc, changed(source, "data", new), buffers={"a": bytes(16)})
    refused(doc, changed(source, "tags", [{**good, **changes}]), buffers={"a": bytes(16)})


def test_an_array_is_not_referred_to_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bokeh_share.limits.MAX_APP_MESSAGE_BYTES", 100)
    source = ColumnDataSource({"x": [1]})
    array = {"type": "bytes", "data": {"id": "a"}}
    refused(document(source), changed(source, "tags", [array] * 3), buffers={"a": bytes(40)})
    apply(document(ColumnDataSource()), buffers={"a": bytes(40)})


@pytest.mark.parametrize(
    "new",
    [
        {"type": "unheard of"},
        {"type": ["ref"]},
        {"type": None},
        {"type": "symbol", "name": "x"},
        {"type": "object"},
        {"type": "object", "name": "Div"},
        {"type": "object", "name": "Div", "id": 5, "attributes": {}},
        {"type": "object", "name": "Div", "id": "j1", "attributes": [1]},
        {"type": "set", "entries": [[1]]},
        {"type": "set", "entries": 5},
        {"type": "map", "entries": [[[1], 2]]},
        {"type": "map", "entries": [[1]]},
        {"type": "map", "entries": {"a": 1}},
        {"type": "number", "value": "much"},
        {"type": "number"},
        {"type": "bytes", "data": "AAAA"},
        {"type": "bytes", "data": "H4sIAAAAAAAAAwMAAAAAAAAAAAA="},
        {"type": "ref", "id": 5},
        {"type": "ref", "id": ["x"]},
        {"type": "event", "name": "document_ready", "values": {}},
        {"id": 5},
        {"id": "nobody"},
        {"id": "nobody", "x": 1},
        ["\ud800"],
    ],
)
def test_a_value_of_no_kind_is_not_set(new: Any) -> None:
    div = Div()
    doc = document(div)
    refused(doc, changed(div, "tags", new))
    refused(doc, changed(div, "tags", [[new]]))


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_a_value_is_not_deep() -> None:
    div = Div()
    doc = document(div)
    apply(doc, changed(div, "tags", nested(20)))
    assert "deep" in refused(doc, changed(div, "tags", nested(200)))
    with pytest.raises(MessageError, match="JSON"):
        parse_json("[" * 100_000)
    models: Any = []
    for number in range(40):
        models = [added("Div", f"j{number}", tags=models)]
    assert "deep" in refused(doc, changed(div, "tags", models))


def test_numbers_cannot_be_chosen_to_collide() -> None:
    div = Div()
    prime = 2**61 - 1
    many = [prime * factor for factor in range(1, 5000)]
    doc = document(div)
    assert "keys" in refused(doc, changed(div, "tags", [{"type": "set", "entries": many}]))
    keys = [[number, 0] for number in many]
    assert "keys" in refused(doc, changed(div, "tags", [{"type": "map", "entries": keys}]))


def test_long_numbers_are_what_javascript_has() -> None:
    assert parse_json("[1152921504606846976, 12, -3]") == [2.0**60, 12, -3]
    assert isinstance(parse_json("1152921504606846976"), float)
    assert parse_json("9" * 5000) == float("inf")
    for wrong in ("NaN", "Infinity", "-Infinity", "{", ""):
        with pytest.raises(MessageError):
            parse_json(wrong)


def test_a_text_where_a_form_is_looked_for_is_not_long() -> None:
    p, field, file = figure(title="x"), TextInput(), FileInput()
    doc = document(p, field, file)
    long = "1" * 1_000_000
    assert "long" in refused(doc, changed(p.title, "text_font_size", {"type": "value", "value": long}))
    assert "long" in refused(doc, changed(p, "background_fill_color", long))
    apply(doc, changed(field, "value", long), changed(file, "value", long))
    assert field.value == file.value == long


def test_values_that_have_a_form_are_not_many() -> None:
    mapper, span = LinearColorMapper(palette=["red"]), {"type": "object", "name": "LinearColorMapper"}
    doc = document(mapper, slider := Slider(start=0, end=9, value=1))
    few, some = (
        ["#ff0000"] * (limits.MAX_APP_PATTERN_VALUES // 10),
        ["#ff0000"] * (limits.MAX_APP_PATTERN_VALUES // 2),
    )
    apply(doc, changed(mapper, "palette", few))
    assert mapper.palette == few
    new = {**span, "id": "j1", "attributes": {"palette": some}}
    assert "form" in refused(doc, *[changed(mapper, "palette", some)] * 2, changed(slider, "tags", [new]))
    apply(doc, changed(slider, "tags", [1] * (limits.MAX_APP_PATTERN_VALUES + 1)))


def test_changes_that_take_long_are_not_many_and_count_as_messages() -> None:
    source, div, other = ColumnDataSource({"x": [1, 2]}), Div(), Div()
    doc = document(source, div, other)
    light = [changed(div, "text", "a")] * limits.MAX_APP_MESSAGE_EVENTS
    assert (
        read_document_patch({"events": light}, [], doc, None).take_cost() < limits.MAX_APP_MESSAGE_EVENTS / 10
    )
    for heavy in (cells(source, {"x": [[0, 5]]}), changed(div, "tags", [ref(other)])):
        few = [heavy] * limits.MAX_APP_COSTLY_EVENTS
        assert read_document_patch({"events": few}, [], doc, None).take_cost() > limits.MAX_APP_COSTLY_EVENTS
        assert "too many" in refused(doc, *few, heavy)


@pytest.mark.parametrize(
    ("second", "fits"),
    [
        ([1, 2], True),
        ([1], False),
        ("ab", False),
        ({"type": "array", "entries": [1, 2]}, True),
        ({"type": "ndarray", "array": [1, 2], "dtype": "int32", "order": "little", "shape": [2]}, True),
        ({"type": "typed_array", "array": [1], "dtype": "int32", "order": "little"}, False),
    ],
)
@pytest.mark.parametrize("whole", [dict, lambda data: {"type": "map", "entries": [*map(list, data.items())]}])
def test_a_new_source_has_columns_of_one_length(second: Any, fits: bool, whole: Any) -> None:
    doc = document(div := Div())
    attributes = {"data": whole({"x": [1, 2], "y": second})}
    new = {"type": "object", "name": "ColumnDataSource", "id": "j1", "attributes": attributes}
    if fits:
        apply(doc, changed(div, "tags", [new]))
        assert len(div.tags[0].data["y"]) == 2
    else:
        assert refused(doc, changed(div, "tags", [new]))


def test_a_number_that_an_array_cannot_take_is_refused_without_a_warning() -> None:
    slider = Slider(start=0, end=9, value=1)
    array = {"type": "array", "entries": [1e308]}
    new = {"type": "ndarray", "array": array, "dtype": "float32", "order": "little", "shape": [1]}
    assert refused(document(slider), changed(slider, "tags", [new]))


def test_a_patch_refers_to_models_of_its_own_document_only() -> None:
    mine, others, nowhere = Div(text="mine"), Div(text="another's"), Div()
    doc = document(mine)
    document(others)
    for model in (others, nowhere):
        refused(doc, changed(model, "text", "x"))
        refused(doc, changed(mine, "tags", [ref(model)]))
        refused(doc, happened("button_click", model=ref(model)))
    assert others.text == "another's"


def test_a_change_of_a_recently_removed_model_is_ignored_without_a_warning() -> None:
    gone, stays = Div(), Div()
    doc = document(gone, stays)
    doc.remove_root(gone)
    apply(doc, changed(gone, "text", "x"), changed(stays, "text", "x"))
    assert stays.text == ""


@pytest.mark.parametrize(
    "name", ["Own", f"{__name__}.Own", "Figure", "CustomJS", "Model", "nothing", "figure"]
)
def test_only_models_of_bokeh_are_added(name: str) -> None:
    p = figure()
    refused(document(p), changed(p, "tags", [added(name)]))
    assert Own in Model.model_class_reverse_map.values()


def test_a_span_a_glyph_and_a_range_may_be_added() -> None:
    p = figure()
    renderer = p.line([1, 2], [3, 4])
    doc = document(p)
    span = added("Span", "a-1", location=5, dimension="width", line_color="red")
    glyph = added("Line", "B5A1", x={"type": "field", "field": "x"}, y={"type": "field", "field": "y"})
    apply(
        doc,
        changed(p, "center", [*map(ref, p.center), span]),
        changed(renderer, "glyph", glyph),
        changed(p, "x_range", added("Range1d", "C", start=3, end={"type": "number", "value": "+inf"})),
    )
    assert isinstance(p.center[-1], Span)
    assert p.center[-1].location == 5
    assert isinstance(p.x_range, Range1d)
    assert doc.get_model_by_id(ID("C")) is p.x_range


def test_a_model_that_is_there_stays_unchanged_whatever_attributes_come_with_it(
    secret: str, recwarn: pytest.WarningsRecorder
) -> None:
    button, action, seen = Button(label="before"), CustomAction(), []
    button.on_click(lambda: seen.append("click"))
    doc = document(button, figure(tools=[action]))
    object_rep = added(
        "Button", button.id, label="after", tags=[added("CustomAction", action.id, icon=secret)]
    )
    apply(doc, happened("button_click", model=object_rep))
    refused(doc, changed(action, "icon", secret))
    refused(doc, changed(button, "tags", [added("CustomAction", "a", icon=secret)]))
    apply(doc, changed(button, "tags", [added("CustomAction", action.id, icon=secret)]))
    assert (button.label, button.tags, action.icon, seen) == ("before", [action], None, ["click"])
    assert not recwarn.list


def test_an_id_that_python_gives_is_none_of_a_viewers() -> None:
    p = figure()
    doc = document(p)
    for id in ("p99999", "5", "", "x" * 200, "a b"):
        refused(doc, changed(p, "tags", [added("Span", id)]))
    refused(doc, changed(p, "tags", [added("Span", "a"), added("Span", "a")]))
    refused(
        doc,
        changed(
            p, "tags", [added("Span", f"a{number}") for number in range(limits.MAX_APP_MESSAGE_MODELS + 1)]
        ),
    )


@pytest.mark.parametrize(
    "event",
    [
        None,
        5,
        [],
        {},
        {"kind": "unheard of"},
        {"kind": ["ModelChanged"]},
        {"kind": "ModelChanged"},
        {"kind": "ModelChanged", "model": 5, "attr": "text", "new": "x"},
        {"kind": "ModelChanged", "model": {"type": "object"}, "attr": "text", "new": "x"},
        {"kind": "ModelChanged", "model": added("Div"), "attr": "text", "new": "x"},
        {"kind": "RootAdded", "model": added("Div")},
        {"kind": "RootRemoved", "model": {"id": "1"}},
        {"kind": "TitleChanged", "title": 5},
        {"kind": "TitleChanged", "title": "x" * 100_000},
        {"kind": "TitleChanged", "title": {"type": "event"}},
        {"kind": "MessageSent", "msg_type": 5, "msg_data": None},
        {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": None},
        {"kind": "MessageSent", "msg_type": "bokeh_event", "msg_data": "tap"},
        {"kind": "MessageSent", "msg_type": "x", "msg_data": {"type": "event", "name": "tap", "values": {}}},
        happened("unheard of"),
        happened("connection_lost"),
        happened("client_reconnected"),
        happened("document_ready", model=None),
        happened("tap"),
        happened("tap", model=None),
        happened("tap", model="text"),
        happened("tap", model=added("Div")),
        happened("value_submit", model={"id": "nobody"}, value="x"),
    ],
)
def test_what_is_no_change_is_refused(event: Any) -> None:
    refused(document(Div(), figure()), event)


def test_events_reach_the_callbacks_of_this_document() -> None:
    button, seen = Button(), []
    button.on_click(lambda: seen.append("click"))
    doc = document(button)
    doc.on_event("document_ready", lambda event: seen.append("ready"))
    doc.on_message("own", seen.append)
    apply(
        doc,
        happened("button_click", model=ref(button)),
        happened("document_ready"),
        {"kind": "MessageSent", "msg_type": "own", "msg_data": {"type": "map", "entries": [["a", 1]]}},
    )
    assert seen == ["click", "ready", {"a": 1}]
    refused(doc, happened("button_click", model=ref(button), more=1))
    refused(document(figure(name="x")), happened("button_click", model={"id": "p0"}))
    assert seen == ["click", "ready", {"a": 1}]


def test_a_property_that_there_is_not_is_not_set() -> None:
    slider = Slider(start=0, end=10, value=1)
    p = figure()
    doc = document(slider, p)
    for attr in ("nothing", "_id", "id", "document", "__class__", "trigger", "on_change", 5, None, ["value"]):
        refused(doc, {"kind": "ModelChanged", "model": ref(slider), "attr": attr, "new": 5})
    refused(doc, changed(p, "tags", [added("Span", nothing=5)]))
    for kind in ("ColumnsPatched", "ColumnsStreamed", "ColumnDataChanged"):
        more = {
            "model": ref(slider),
            "attr": "value",
            "data": {},
            "patches": {},
            "rollover": None,
            "cols": None,
        }
        refused(doc, {"kind": kind, **more})


def test_a_number_that_a_column_cannot_take_is_not_put_there_with_a_warning() -> None:
    source = ColumnDataSource({"x": np.arange(3.0, dtype="float32")})
    doc = document(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as in a kernel, where it is printed and no error
        refused(doc, cells(source, {"x": [[0, 1e300]]}))


def test_names_of_former_times_warn_of_nothing(recwarn: pytest.WarningsRecorder) -> None:
    from bokeh.core.property.alias import DeprecatedAlias

    found = [
        (cls, name)
        for cls in Model.model_class_reverse_map.values()
        for name in cls.properties()
        if isinstance(cls.lookup(name).property, DeprecatedAlias)
        and cls.__module__.startswith("bokeh.models")
    ]
    for cls, name in found:
        div = Div()
        new = added(cls.__qualified_model__, **{name: None})
        assert "unknown property" in refused(document(div), changed(div, "tags", [new]))
    assert found
    assert not recwarn.list


def test_a_message_that_fails_changes_nothing_at_all() -> None:
    div = Div(text="before")
    doc = document(div)
    refused(doc, changed(div, "text", "after"), changed(div, "tags", [{"id": "nobody"}]))
    assert div.text == "before"


def test_a_callback_of_the_authors_is_no_mistake_of_the_viewers() -> None:
    slider = Slider(start=0, end=10, value=1)
    slider.on_change("value", lambda attr, old, new: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        apply(document(slider), changed(slider, "value", 5))


def test_a_view_that_is_shared_is_not_changed_from_another_document() -> None:
    view = CDSView()
    doc = document(figure())
    refused(doc, changed(view, "filter", added("AllIndices", "a")))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "id", "name", "attributes", "entries", "value", "array", "shape", "x"]),
            inner
            | st.sampled_from(["ref", "object", "map", "set", "ndarray", "bytes", "Div", "Span", "slice"]),
            max_size=5,
        )
    ),
    max_leaves=15,
)


@given(attr=st.sampled_from(["tags", "text", "styles", "width", "name", "children"]), new=VALUES)
@settings(max_examples=500, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
def test_whatever_a_value_is_it_is_taken_or_refused(attr: str, new: Any) -> None:
    div = Div()
    doc = document(div)
    content = parse_json(json.dumps({"events": [changed(div, attr, new)]}).replace("Infinity", "1e999"))
    try:
        applied(read_document_patch(content, [], doc, None))
    except MessageError:
        pass
    except ValueError:  # of Bokeh's, which the property is not set to
        assert getattr(div, attr) is not new
    doc.to_json()


@given(frames=st.lists(st.text(max_size=30) | st.binary(max_size=30), max_size=8))
@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[*HealthCheck])
def test_whatever_the_frames_are_they_are_a_message_or_refused(frames: list[str | bytes]) -> None:
    fragments = MessageReader()
    for frame in frames:
        try:
            fragments.add_frame(frame)
        except MessageError:
            return


HEADER = '{"msgid": "1", "msgtype": "PATCH-DOC", "num_buffers": 2}'


def test_frames_become_a_message_with_its_arrays() -> None:
    fragments = MessageReader()
    for frame in (HEADER, "{}", '{"events": []}', '{"id": "a"}', b"one", '{"id": "b"}'):
        assert fragments.add_frame(frame) is None
    whole = fragments.add_frame(b"two")
    assert whole is not None
    assert (whole.kind, whole.id, whole.content) == ("PATCH-DOC", "1", {"events": []})
    assert [buffer.data for buffer in whole.buffers] == [b"one", b"two"]
    assert fragments.size == 0


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([b"x"], 1003),
        ([HEADER, b"{}"], 1003),
        ([HEADER, "{}", b"{}"], 1003),
        ([HEADER, "{}", "{}", b"x"], 1003),
        ([HEADER, "{}", "{}", '{"id": "a"}', "x"], 1003),
        ([HEADER, "{}", "{}", '{"id": 5}'], 1002),
        ([HEADER, "{}", "{}", '{"id": "a"}', b"", '{"id": "a"}', b""], 1002),
        (["[]"], 1002),
        (["{"], 1002),
        (["{}"], 1002),
        (['{"msgid": [], "msgtype": "PATCH-DOC"}'], 1002),
        (['{"msgid": "1", "msgtype": "PATCH-DOC", "num_buffers": -1}'], 1002),
        (['{"msgid": "1", "msgtype": "PATCH-DOC", "num_buffers": true}'], 1002),
        (['{"msgid": "1", "msgtype": "PATCH-DOC", "num_buffers": 1000000}'], 1009),
        (["x" * 5000], 1009),
        ([HEADER, "x" * 5000], 1009),
        ([HEADER, "{}", "[" * 100_000], 1002),
        ([HEADER, "{}", "[" + "0," * 2_000_000 + "0]"], 1009),
        ([HEADER, "{}", "{}", '{"id": "a"}', bytes(20_000_000)], 1009),
    ],
)
def test_frames_that_are_none_of_a_message_end_the_connection(frames: list[str | bytes], code: int) -> None:
    fragments = MessageReader()
    for frame in frames[:-1]:
        assert fragments.add_frame(frame) is None
    with pytest.raises(MessageError) as error:
        fragments.add_frame(frames[-1])
    assert error.value.code == code


def test_what_waits_for_its_arrays_weighs_what_it_takes_in_memory() -> None:
    fragments = MessageReader()
    fragments.add_frame(json.dumps({"msgid": "1", "msgtype": "PATCH-DOC", "num_buffers": 1}))
    fragments.add_frame("{}")
    tracemalloc.start()
    fragments.add_frame(json.dumps([f"{number:02}" for number in range(99)] * 1000))
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert taken < fragments.memory_size < 3 * taken
    fragments.add_frame('{"id": "a"}')
    assert fragments.add_frame(b"") is not None
    assert fragments.memory_size == 0


def test_models_that_come_and_go_count_as_long_as_bokeh_remembers_them() -> None:
    doc, holdings = document(slider := Slider(start=0, end=9, value=1)), MemoryQuota()
    for number in range(10):
        new = [{"type": "object", "name": "Span", "id": f"j{number}.{each}"} for each in range(10)]
        patch = read_document_patch({"events": [changed(slider, "tags", new)]}, [], doc, None)
        assert holdings.add_usage("one", patch.memory_usages) == []
        applied(patch)
    assert all(doc.models.seen(ID(f"j{number}.9")) for number in range(9))
    assert holdings._sizes["one"]["", "ids"] > 100 * 100


def test_a_text_of_wide_letters_weighs_what_it_takes() -> None:
    doc = document(field := TextInput())
    text = "🔑" + "x" * 1000
    ((_, weight, _),) = read_document_patch(
        {"events": [changed(field, "value", text)]}, [], doc, None
    ).memory_usages
    assert weight > 4000


def test_what_a_viewer_keeps_in_the_document_is_known() -> None:
    source, text = ColumnDataSource({"x": [1, 2]}), TextInput()
    doc = document(source, text)

    def kept(event: dict[str, Any]) -> tuple[int, bool]:
        ((_, weight, is_more),) = read_document_patch({"events": [event]}, [], doc, None).memory_usages
        return weight, is_more

    weight, is_more = kept(changed(text, "value", "x" * 1000))
    assert weight > 1000
    assert not is_more
    assert kept(rows(source, {"x": [3] * 1000}))[0] > 1000 * 8
    assert kept(rows(source, {"x": [3]}))[1]
    assert not kept(cells(source, {"x": [[0, 5]]}))[1]
    assert kept(cells(source, {"x": [[0, "text"]]}))[1]
    assert read_document_patch({"events": [happened("document_ready")]}, [], doc, None).memory_usages == []
