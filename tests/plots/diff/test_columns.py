"""How a data source came from one state to the next, in the fewest rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from bokeh_share.plots.diff.columns import (
    ChangedColumns,
    PatchedRows,
    ReplacedColumns,
    StreamedRows,
    diff_columns,
)
from bokeh_share.plots.snapshot.values import Column, Items, Lineage, Numbers, Value, encode_json

NAN, INF = math.nan, math.inf


def numbers(*values: Any, dtype: str = "float64", listed: bool = False) -> Numbers:
    array = np.array(values, dtype)
    return Numbers(array.tobytes(), dtype, array.shape[1:], listed)


def items(*values: Any, listed: bool = True) -> Items:
    return Items(encode_json([*values]), len(values), listed)


def counting(start: int, stop: int) -> Numbers:
    return numbers(*range(start, stop))


def test_the_same_columns_need_no_change() -> None:
    columns: dict[str, Column] = {"x": counting(0, 9), "s": items("a", None), "v": Value("[[1],[2]]")}
    assert diff_columns(columns, dict(columns)) == []
    assert diff_columns({}, {}) == []


def test_the_order_of_columns_is_no_change() -> None:
    assert (
        diff_columns({"x": counting(0, 3), "y": counting(3, 6)}, {"y": counting(3, 6), "x": counting(0, 3)})
        == []
    )


def test_nan_is_the_same_as_nan() -> None:
    assert diff_columns({"x": numbers(1, NAN, INF)}, {"x": numbers(1, NAN, INF)}) == []
    assert diff_columns({"x": items("a", NAN_WORD)}, {"x": items("a", NAN_WORD)}) == []


NAN_WORD = {"type": "number", "value": "nan"}


def test_rows_at_the_end_are_appended_to_all_columns() -> None:
    before = {"x": counting(0, 3), "s": items("a", "b", "c")}
    after = {"x": counting(0, 5), "s": items("a", "b", "c", "d", "e")}
    assert diff_columns(before, after) == [StreamedRows({"x": counting(3, 5), "s": items("d", "e")}, None)]


def test_more_rows_may_be_appended_than_there_were() -> None:
    assert diff_columns({"x": counting(0, 1)}, {"x": counting(0, 9)}) == [
        StreamedRows({"x": counting(1, 9)}, None)
    ]


def test_a_window_that_slid_says_how_long_it_may_be() -> None:
    before, after = {"x": counting(0, 100)}, {"x": counting(3, 103)}
    assert diff_columns(before, after) == [StreamedRows({"x": counting(100, 103)}, 100)]


def test_a_window_that_slid_while_it_grew_is_as_long_as_it_became() -> None:
    before, after = {"x": counting(0, 100)}, {"x": counting(3, 110)}
    assert diff_columns(before, after) == [StreamedRows({"x": counting(100, 110)}, 107)]


def test_all_columns_slid_by_the_same_number_of_rows() -> None:
    """The texts repeat themselves, and only the numbers say by how many."""
    letters = ["a", "b"] * 50
    before = {"x": counting(0, 100), "s": items(*letters)}
    after = {"x": counting(4, 104), "s": items(*letters)}
    assert diff_columns(before, after) == [
        StreamedRows({"x": counting(100, 104), "s": items("a", "b", "a", "b")}, 100)
    ]


def test_a_slid_window_with_a_value_replaced_is_both() -> None:
    values = [*range(2, 102)]
    values[10] = -1
    found = diff_columns({"x": counting(0, 100)}, {"x": numbers(*values)})
    assert found == [StreamedRows({"x": counting(100, 102)}, 100), PatchedRows({"x": [(10, -1.0)]})]


def test_a_window_that_became_shorter_is_sent_whole() -> None:
    after = {"x": counting(0, 99)}
    assert diff_columns({"x": counting(0, 100)}, after) == [ChangedColumns(after)]
    assert diff_columns({"x": counting(0, 100)}, {"x": counting(0, 0)}) == [
        ChangedColumns({"x": counting(0, 0)})
    ]


def test_a_few_values_are_patched_by_their_rows() -> None:
    values: list[Any] = [*range(100)]
    values[3], values[7] = NAN, -INF
    found = diff_columns(
        {"x": counting(0, 100), "y": counting(0, 100)}, {"x": numbers(*values), "y": counting(0, 100)}
    )
    assert found == [PatchedRows({"x": [(3, NAN_WORD), (7, {"type": "number", "value": "-inf"})]})]


@pytest.mark.parametrize(
    ("before", "after", "patch"),
    [
        ([1, "a", None, 2.5] * 4, [True, "a", None, 2.5, *[1, "a", None, 2.5] * 3], (0, True)),
        (["1", "a"] * 8, [1, "a", *["1", "a"] * 7], (0, 1)),
        ([None, "a"] * 8, ["null", "a", *[None, "a"] * 7], (0, "null")),
        ([1, "a"] * 8, [1.0, "a", *[1, "a"] * 7], (0, 1.0)),
        ([0.0, "a"] * 8, [-0.0, "a", *[0.0, "a"] * 7], (0, -0.0)),
    ],
)
def test_what_python_takes_for_equal_or_looks_alike_is_distinguished(
    before: list[Any], after: list[Any], patch: tuple[int, Any]
) -> None:
    (found,) = diff_columns({"x": items(*before)}, {"x": items(*after)})
    assert isinstance(found, PatchedRows)
    assert encode_json(found.values) == encode_json({"x": [patch]})


def test_minus_zero_in_an_array_is_not_zero() -> None:
    before, after = numbers(0.0, *range(9)), numbers(-0.0, *range(9))
    (found,) = diff_columns({"x": before}, {"x": after})
    assert isinstance(found, PatchedRows)
    assert encode_json(found.values) == '{"x":[[0,-0.0]]}'


def test_when_much_changed_the_whole_column_is_sent_and_the_others_stay() -> None:
    same, before, after = counting(0, 8), counting(0, 8), counting(50, 58)
    assert diff_columns({"x": same, "y": before}, {"x": same, "y": after}) == [ChangedColumns({"y": after})]


def test_single_rows_are_patched_up_to_one_in_four() -> None:
    def with_changed(count: int) -> Numbers:
        return numbers(*range(-count, 0), *range(count, 40))

    before = {"x": counting(0, 40)}
    assert diff_columns(before, {"x": with_changed(10)}) == [
        PatchedRows({"x": [(i, i - 10.0) for i in range(10)]})
    ]
    assert diff_columns(before, {"x": with_changed(11)}) == [ChangedColumns({"x": with_changed(11)})]


def test_a_new_column_is_sent_alone() -> None:
    x, y = counting(0, 8), counting(8, 16)
    assert diff_columns({"x": x}, {"x": x, "y": y}) == [ChangedColumns({"y": y})]


def test_when_a_column_was_removed_or_renamed_all_are_sent() -> None:
    x, y = counting(0, 8), counting(8, 16)
    assert diff_columns({"x": x, "y": y}, {"x": x}) == [ReplacedColumns({"x": x})]
    assert diff_columns({"x": x, "y": y}, {"x": x, "z": y}) == [ReplacedColumns({"x": x, "z": y})]
    assert diff_columns({"x": x}, {}) == [ReplacedColumns({})]


@pytest.mark.parametrize(
    "after",
    [
        numbers(*range(9), listed=True),
        numbers(*range(9), dtype="float32"),
        numbers(*range(9), dtype="int32"),
        items(*range(9)),
        Value("[0,1,2,3,4,5,6,7,8]"),
    ],
    ids=["a list", "another precision", "whole numbers", "of several kinds", "nested"],
)
def test_a_column_of_another_kind_is_sent_whole_though_its_values_are_the_same(after: Column) -> None:
    assert diff_columns({"x": counting(0, 8)}, {"x": after}) == [ChangedColumns({"x": after})]
    assert diff_columns({"x": after}, {"x": counting(0, 10)}) == [ChangedColumns({"x": counting(0, 10)})]


def test_texts_in_an_array_are_not_those_in_a_list() -> None:
    after = items("a", "b", "c", listed=False)
    assert diff_columns({"s": items("a", "b")}, {"s": after}) == [ChangedColumns({"s": after})]


def test_nested_rows_are_sent_whole_and_let_the_others_grow_whole() -> None:
    before, after = {"x": counting(0, 8), "v": Value("[[1]]")}, {"x": counting(0, 9), "v": Value("[[2]]")}
    assert diff_columns(before, after) == [ChangedColumns(after)]


def test_a_column_of_other_values_is_sent_whole_beside_many_that_stay() -> None:
    stay = {name: counting(0, 100) for name in "abcdefgh"}
    after = numbers(*range(100, 200))
    assert diff_columns({**stay, "x": counting(0, 100)}, {**stay, "x": after}) == [
        ChangedColumns({"x": after})
    ]


def test_rows_that_are_arrays_are_neither_streamed_nor_patched() -> None:
    def pairs(*rows: int) -> Numbers:
        return numbers(*[(row, row + 0.5) for row in rows])

    before = {"x": pairs(*range(40))}
    for after in ({"x": pairs(*range(41))}, {"x": pairs(*range(1, 41))}, {"x": pairs(-1, *range(1, 40))}):
        assert diff_columns(before, after) == [ChangedColumns(after)]


def test_beside_rows_that_are_arrays_and_stay_other_values_are_patched() -> None:
    pairs = numbers(*[(row, row + 0.5) for row in range(8)])
    before, after = {"x": pairs, "y": counting(0, 8)}, {"x": pairs, "y": numbers(*range(7), 9)}
    assert diff_columns(before, after) == [PatchedRows({"y": [(7, 9.0)]})]


def test_an_empty_list_may_grow_into_a_list_of_anything() -> None:
    listed = numbers(1, 2, dtype="int64", listed=True)
    for after in (listed, items("a", "b")):
        (found,) = diff_columns({"x": items()}, {"x": after})
        assert isinstance(found, StreamedRows | ChangedColumns)
        assert found in (StreamedRows({"x": after}, None), ChangedColumns({"x": after}))


def test_an_empty_array_that_is_filled_is_sent_whole() -> None:
    assert diff_columns({"x": counting(0, 0)}, {"x": counting(0, 5)}) == [
        ChangedColumns({"x": counting(0, 5)})
    ]


def test_columns_of_several_lengths_are_sent_whole() -> None:
    before = {"x": counting(0, 8), "y": counting(0, 5)}
    after = {"x": counting(0, 9), "y": counting(0, 5)}
    assert diff_columns(before, after) == [ChangedColumns({"x": counting(0, 9)})]


def windows(before: Lineage, after: Lineage, then: Numbers, now: Numbers) -> tuple[Any, Any]:
    def of(column: Numbers, lineage: Lineage) -> Numbers:
        return Numbers(column.data, column.dtype, column.row_shape, column.is_list, lineage)

    return {"x": of(then, before)}, {"x": of(now, after)}


def test_columns_of_one_lineage_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Numbers, "view_raw_rows", lambda self: pytest.fail("compared"))
    source = object()
    then = Lineage(source, 0, (5,))
    grown = windows(then, Lineage(source, 0, (5,)), counting(0, 100), counting(0, 101))
    assert diff_columns(*grown) == [StreamedRows({"x": counting(100, 101)}, None)]
    slid = windows(then, Lineage(source, 2, (5,)), counting(0, 100), counting(2, 102))
    assert diff_columns(*slid) == [StreamedRows({"x": counting(100, 102)}, 100)]
    same = windows(then, Lineage(source, 0, (5,)), counting(0, 100), counting(0, 100))
    assert diff_columns(*same) == []


def test_by_its_lineage_a_column_knows_which_rows_were_patched_and_still_are_there() -> None:
    source = object()
    values = [*range(2, 100), 0.5, 101]
    states = windows(
        Lineage(source, 0, (5,)), Lineage(source, 2, (5, 100, 1, 100)), counting(0, 100), numbers(*values)
    )
    assert diff_columns(*states) == [StreamedRows({"x": numbers(0.5, 101)}, 100)]
    values[6] = -8
    states = windows(
        Lineage(source, 0, ()), Lineage(source, 2, (8, 8, 1)), counting(0, 100), numbers(*values)
    )
    assert diff_columns(*states) == [
        StreamedRows({"x": numbers(0.5, 101)}, 100),
        PatchedRows({"x": [(6, -8.0)]}),
    ]


@pytest.mark.parametrize(
    "lineage",
    [Lineage(object(), 1), None],
    ids=["another source", "none"],
)
def test_columns_of_other_lineages_are_compared(lineage: Lineage | None) -> None:
    before = {"x": Numbers(counting(0, 100).data, "float64", lineage=Lineage(object()))}
    after = {"x": Numbers(counting(1, 101).data, "float64", lineage=lineage)}
    assert diff_columns(before, after) == [StreamedRows({"x": counting(100, 101)}, 100)]


def test_a_state_that_is_older_than_the_other_is_compared() -> None:
    source = object()
    older, newer = Lineage(source, 0), Lineage(source, 2, (7,))
    back = windows(newer, older, counting(2, 102), counting(0, 100))
    assert diff_columns(*back) == [ChangedColumns(back[1])]


def test_a_window_that_slid_past_all_it_held_is_sent_whole() -> None:
    source = object()
    states = windows(Lineage(source, 0), Lineage(source, 150), counting(0, 100), counting(150, 250))
    assert diff_columns(*states) == [ChangedColumns(states[1])]
